import pg from "pg";
import { placeOf } from "../../../src/storage/embedded/start-embedded.ts";

/** A data directory, whose database can be asked while a server runs on it. */
export function createEmbeddedHome(dataDir: string) {
  const { url } = placeOf(dataDir);
  return {
    place: { dataDir },
    query: <R extends object>(text: string, values?: readonly unknown[]) =>
      askOnce<R>(url, text, values),
    hold: (text: string, values?: readonly unknown[]) => holdAt(url, text, values),
  };
}

/** A transaction on a connection of its own, which ends with the server at the latest. */
export async function holdAt(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  await client.query("begin");
  await client.query(text, [...values]);
  return () => client.end().catch(() => {});
}

/** One statement on a connection of its own. */
export async function askOnce<R extends object>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<R>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { connectOnce, lockHolder } from "./directory-lock.ts";
import { placeOf } from "./start-embedded.ts";

/** Whether a data directory has a database. */
export function hasDatabase(dataDir: string): boolean {
  return existsSync(join(dataDir, "pg"));
}

/** The URL of the database that another Curlew serves from a data directory now; null when none does. */
export async function findServed(dataDir: string): Promise<string | null> {
  const { adminUrl, url } = placeOf(dataDir);
  const client = await connectOnce(adminUrl).catch(() => null);
  if (client === null) return null;
  try {
    return (await lockHolder(client)) === null ? null : url;
  } finally {
    await client.end().catch(() => {});
  }
}

import { expect, test } from "vitest";
import { usedDataDirectory } from "../../../server/test/support/database/data-directory.ts";
import { startServer } from "../../../server/test/support/processes/server-process.ts";
import { CurlewClient } from "../../src/index.ts";
import { ALL_BODIES_FIT, ALL_QUERIES_FIT } from "./bodies.ts";
import { ALL_ANSWERS_ARE_RIGHT, CALLS } from "./calls.ts";
import { ALL_CODES_ARE_NAMED, ALL_PLATFORMS_ARE_NAMED } from "./codes.ts";

/** A server is started, on cores that others use too. */
const LIMIT_MS = 60_000;

/** Doors of other systems, and the facade of a product that has its own clients. */
const NOT_ASKED = /^\/(?!v1\/)|^\/v1\/webhooks(\/|$)/;

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>;
}

test(
  "the SDK has a method for every operation of the API, and goes where the API has it",
  async () => {
    const { url } = await startServer({ dataDir: await usedDataDirectory() });
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
    const described = Object.entries(paths)
      .filter(([path]) => !NOT_ASKED.test(path))
      .flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { operationId }]) => ({
          operation: operationId,
          route: `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`,
        })),
      );
    expect(described.length).toBeGreaterThan(90);
    const asked = await Promise.all(
      Object.keys(CALLS).map(async (operation) => ({ operation, route: await routeOf(operation) })),
    );
    const byName = (a: { operation: string }, b: { operation: string }) =>
      a.operation < b.operation ? -1 : 1;
    expect(asked.sort(byName)).toEqual(described.sort(byName));
  },
  LIMIT_MS,
);

test("what the SDK says of answers, bodies, queries, codes and platforms is what the API says (npm run types)", () => {
  expect([
    ...[ALL_ANSWERS_ARE_RIGHT, ALL_BODIES_FIT, ALL_QUERIES_FIT, ALL_CODES_ARE_NAMED],
    ALL_PLATFORMS_ARE_NAMED,
  ]).toEqual([true, true, true, true, true]);
});

/** Where a call goes, with `{}` for each id. */
async function routeOf(operation: string): Promise<string> {
  const sent: string[] = [];
  const client = new CurlewClient({
    baseUrl: "https://curlew.example",
    apiKey: "ck_secret",
    async fetch(input, init) {
      const { method, url, headers } = new Request(input, init);
      sent.push(`${method} ${new URL(url).pathname.replaceAll(/\/[xy](?=\/|$)/g, "/{}")}`);
      return headers.get("accept") === "text/event-stream"
        ? new Response('data: {"id":"evt_1"}\n\n')
        : Response.json({ data: [], has_more: false, next_cursor: null });
    },
  });
  const calls: Record<string, (client: CurlewClient) => Promise<unknown>> = CALLS;
  await calls[operation]?.(client);
  return sent.join(", ");
}

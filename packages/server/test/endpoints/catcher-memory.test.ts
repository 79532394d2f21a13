import { request } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import { catchRoutes } from "../../src/http/catchers/catch.ts";
import { answerBy, openDoor } from "../../src/http/listen.ts";
import { insertCatcher } from "../../src/storage/endpoints/catchers.ts";
import { httpApp } from "../support/api/http.ts";
import { openTown, type Town } from "../support/engine/town.ts";
import { ManualClock } from "../support/manual-clock.ts";

const MEGABYTE = 1024 * 1024;
const MANY = 40;
/** Three are being written down, and 32 MB wait. */
const TAKEN = 3 + 31;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // by the flag

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

/** What is held of bodies. The memory itself is given back beside what goes on, and by the next collection at the latest. */
async function heldBytes(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().arrayBuffers;
}

/** A server with one catcher, which takes a minute over each answer. */
async function openCatcher(db: Queryable = town.database.connections.pool) {
  const waits = new ManualClock();
  const [id, at] = [town.ids.next(), town.clock.now()];
  const slow = { name: "Slow", status: 200, delayMs: 60_000, keep: MANY };
  const owner = { workspaceId: town.workspaceId, accountId: null };
  await insertCatcher(db, { id, ...owner, ...slow, createdAt: at, updatedAt: at }, 1);
  const routes = catchRoutes({
    ...{ db, clock: waits, newId: () => town.ids.next(), urlOf: () => "http://other.example" },
    vault: { open: () => Promise.reject(new Error("nothing is sealed here")) } as never, // no endpoint sends here
  });
  const app = httpApp({ open: [routes] });
  const place = { host: "127.0.0.1", port: 0 };
  const server = await openDoor(
    place,
    { clock: town.clock, newId: () => town.ids.next() },
    answerBy(app.fetch, place.host),
  );
  onTestFinished(async () => {
    await waits.advance(60_000);
    const closed = server.close();
    await town.clock.advance(60_000);
    await closed;
  });
  return { waits, url: `${server.url}/catch/${publicId("cat", id)}` };
}

function post(url: string, body: Buffer, headers: Record<string, string | number>) {
  return new Promise<number>((resolve, reject) => {
    const asking = request(url, { method: "POST", agent: false, headers });
    asking.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

test.each([
  ["of a length that they name", { "content-length": MEGABYTE }],
  ["in pieces", { "transfer-encoding": "chunked" }],
])("requests %s that a slow catcher has not answered yet hold no memory", async (_, headers) => {
  const { waits, url } = await openCatcher();
  const body = Buffer.alloc(MEGABYTE, "x");
  const before = await heldBytes();
  const answers = Array.from({ length: MANY }, () => post(url, body, headers));
  await waits.whenSleeping(MANY);
  expect(((await heldBytes()) - before) / MEGABYTE).toBeLessThan(MANY / 4);
  expect(await town.rows("select from catcher_request")).toHaveLength(MANY);
  await waits.advance(60_000);
  expect(await Promise.all(answers)).toEqual(answers.map(() => 200));
});

test("more than can be written down is refused, and what was taken is kept", async () => {
  const { pool } = town.database.connections;
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const { waits, url } = await openCatcher({
    query: async (asked) => {
      if (JSON.stringify(asked).includes("insert into catcher_request")) await held;
      return pool.query(asked);
    },
  });
  const body = Buffer.alloc(MEGABYTE, "x");
  let refused = 0;
  let told = (): void => {};
  const allTold = new Promise<void>((resolve) => (told = resolve));
  const answers = Array.from({ length: MANY }, async () => {
    const status = await post(url, body, { "content-length": MEGABYTE });
    if (status === 429 && ++refused === MANY - TAKEN) told();
    return status;
  });
  await allTold;
  goOn();
  await waits.whenSleeping(TAKEN);
  await waits.advance(60_000);
  expect((await Promise.all(answers)).filter((status) => status === 200)).toHaveLength(TAKEN);
  expect(await town.rows("select from catcher_request")).toHaveLength(TAKEN);
});

test("a body that is longer than a catcher takes is refused, whether it says so or not", async () => {
  const { url } = await openCatcher();
  const long = Buffer.alloc(2 * MEGABYTE);
  expect(await post(url, long, { "transfer-encoding": "chunked" })).toBe(413);
  expect(await post(url, long, { "content-length": long.length })).toBe(413);
  expect(await town.rows("select from catcher_request")).toEqual([]);
});

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { readBooksOf } from "../../support/database/books.ts";
import { createSharedHome } from "../../support/processes/server-home.ts";
import {
  beginCurlew,
  buildNextRelease,
  environmentFor,
  runCurlew,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { incompatibilitiesIn, slowIndexesIn } from "../../support/project/migration-lint.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, startLoad } from "../load.ts";
import { countOpen, readOutcome } from "../outcome.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 180_000 });

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
/** All that a release may do to tables that the one before works on, a table each. */
const NEXT = {
  "9991-event": `
    alter table event add column colour text;
    create index event_colour on only event (colour) where colour is not null;`,
  "9992-delivery": "alter table delivery add column colour text not null default 'none'",
  "9993-retry": "alter table retry add column weight int not null default 0",
  "9994-process": "alter table process add column colour text",
  "9995-message": "alter table message add column colour text",
  "9996-endpoint": "alter table endpoint add column colour text",
  "9997-colour": "create table colour (id uuid primary key, name text not null unique)",
};

test("two processes are replaced by the next release, one after the other under load, and nothing is lost or doubled", async () => {
  for (const sql of Object.values(NEXT)) {
    expect([...incompatibilitiesIn(sql), ...slowIndexesIn(sql)]).toEqual([]);
  }
  const next = await buildNextRelease(NEXT);
  const home = await createSharedHome();
  const start = (main?: string) => startServer(home.place, ENV, onTestFinished, main);
  const old = await Promise.all([start(), start()]);
  const customers = await openShop(old[0], ["Steady", "Moody"], {
    retry_schedule: [1, 1, 1, 1, 1],
  });
  customers[1]?.receiver.behave(({ seen, id }) => (seen === 0 && id.endsWith("0") ? 503 : 200));

  // A balancer with two behind it: who gets no answer goes to the other.
  const behind: ServerProcess[] = [...old];
  const balanced = (caller: number) => (tries: number) =>
    behind[(caller + tries) % behind.length] ?? old[0];
  const load = startLoad([0, 1, 2, 3].map(balanced));
  const answered = () => load.accepted.size + load.received.size;
  const goesOn = async (least = 40) => {
    const before = answered();
    await until("callers are answered", () => answered() >= before + least, 30_000);
  };
  await goesOn();

  const first = await start(next);
  const made = await home.query("select from migration where name like '999%'");
  expect(made, "the first of the new release has brought the schema").toHaveLength(7);
  behind.push(first);
  await until("days that were there have the new index", async () => {
    const made = await home.query(
      "select from pg_index where indisvalid and indexrelid = 'event_colour'::regclass",
    );
    return made.length === 1;
  });
  await goesOn();
  for (const [at, leaving] of old.entries()) {
    behind.splice(behind.indexOf(leaving), 1);
    expect(await leaving.stop()).toEqual({ code: 0, signal: null });
    await goesOn();
    if (at === 0) behind.push(await start(next));
  }
  await goesOn();
  await load.stop();
  await until(
    "everything is delivered",
    async () => {
      const { open, waiting } = await countOpen(home);
      return open === 0 && waiting === 0;
    },
    60_000,
  );

  const outcome = await readOutcome(home, customers);
  const books = await readBooksOf(home);
  expect(books.ledger).toEqual(books.counted);
  expect(load.faults).toEqual([]);
  expect(outcome.missing).toEqual([]);
  expect(outcome.doubled).toEqual([]);
  expect([outcome.unrecorded, outcome.unmade]).toEqual([[], []]);
  for (const each of old) expect(each.output()).not.toMatch(/"level":(50|60)/);

  const back = await runCurlew(["serve"], { ...environmentFor(home.place), ...ENV });
  expect(back.code).toBe(1);
  expect(back.stderr).toMatch(
    /^The database is newer than this Curlew: it has 9991-event, .*9997-colour, which this version does not know\..*The way back is the backup/,
  );
});

test("a process that waits for its schema lives, says what it is at, and serves when it is there", async () => {
  const lock = 4_841;
  const next = await buildNextRelease({ "9991-slow": `select pg_advisory_xact_lock(${lock})` });
  const home = await createSharedHome();
  const old = await startServer(home.place, ENV);
  const letGo = await home.hold("select pg_advisory_xact_lock($1)", [lock]);
  const port = await freePort();
  const env = { ...environmentFor(home.place), ...ENV, CURLEW_PORT: String(port) };
  const child = await beginCurlew(["serve"], { ...env, CURLEW_LOG_LEVEL: "info" }, next);
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, init).catch(() => null);
  const readiness = async () => (await ask("/readyz"))?.text();
  await until("it says what it is at", async () =>
    /"database":"[^"]*9991-slow/.test((await readiness()) ?? ""),
  );
  expect((await ask("/healthz"))?.status).toBe(200);
  const refused = await ask("/v1/events", { method: "POST", body: "{}" });
  expect(refused?.status).toBe(503);
  expect(refused?.headers.get("retry-after")).toBe("5");
  expect(await refused?.json()).toMatchObject({
    code: "unavailable",
    detail: expect.stringMatching(/^This process is starting: .*9991-slow.*\. Nothing was done\.$/),
  });
  // Those of the old release serve all the time.
  expect((await fetch(`${old.url}/readyz`)).status).toBe(200);
  await until("its log says what is in the way", () => child.output().includes('"transactions":'));
  await letGo();
  await until("it serves", async () => (await ask("/readyz"))?.status === 200);
  expect(child.output()).toMatch(/"migration":"9991-slow".*brought to this version's schema/);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // of a port, not of a socket
  server.close();
  await once(server, "close");
  return port;
}

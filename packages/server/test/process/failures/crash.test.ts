import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { isAlive, postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { readBooksOf } from "../../support/database/books.ts";
import { createHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import type { Receipt } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, startLoad } from "../load.ts";
import { countOpen, readOutcome } from "../outcome.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 180_000 });

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
const CALLERS = 12;
/** How many requests are answered between one death and the next: some come at once. */
const LIVES = [100, 3, 200, 40, 250, 60];
/** How long what has left may stay unrecorded: an outcome is written as soon as the wire is back. */
const IN_FLIGHT_MS = 2_000;
/** The slots of two endpoints, and as many outcomes on their way to the database. */
const MOST_IN_FLIGHT = 2 * 64 * 2;

test("a server that is killed again and again under load loses nothing, and repeats only what was in flight", async () => {
  const clock = systemClock();
  const home = await createHome();
  const cluster = "dataDir" in home.place ? join(home.place.dataDir, "pg") : null;
  let running = startServer(home.place, ENV);
  const customers = await openShop(await running, ["Steady", "Moody"], {
    retry_schedule: Array(10).fill(1),
  });
  customers[1]?.receiver.behave(({ id, seen }) => {
    // Every fifth or so refuses its first request, every twentieth hears it and hangs up.
    const sum = [...id].reduce((total, character) => total + character.charCodeAt(0), 0);
    if (seen > 0) return 200;
    return sum % 20 === 0 ? "drop" : sum % 5 === 0 ? 503 : 200;
  });

  const deaths: number[] = [];
  const load = startLoad(Array.from({ length: CALLERS }, () => () => running));
  const answered = () => load.accepted.size + load.received.size;
  for (const [at, life] of LIVES.entries()) {
    const before = answered();
    await until("callers are answered", () => answered() >= before + life, 20_000);
    if (cluster !== null && at % 2 === 1) {
      const pid = postmasterPid(cluster) ?? 0;
      process.kill(pid, "SIGKILL");
      await until("PostgreSQL is started again", () => {
        const now = postmasterPid(cluster);
        return now !== null && now !== pid && isAlive(now);
      });
      const then = answered();
      await until("callers are answered again", () => answered() >= then + life, 20_000);
    }
    running = restart(await running, deaths);
    await running;
  }
  await load.stop();
  // What no hint tells of is found by a look every thirty seconds.
  await until(
    "everything is delivered",
    async () => {
      const { open, waiting } = await countOpen(home);
      return open === 0 && waiting === 0;
    },
    75_000,
  );

  const outcome = await readOutcome(home, customers);
  const [published, messages] = ["order.placed", "message.received"].map((type) =>
    outcome.events.filter((event) => event.type === type),
  );
  expect(load.faults).toEqual([]);
  expect(load.unanswered, "callers met the deaths").toBeGreaterThan(0);
  expect(published).toHaveLength(load.accepted.size);
  expect(new Set(load.accepted.values()).size).toBe(load.accepted.size);
  expect(messages).toHaveLength(load.received.size);
  expect(outcome.missing).toEqual([]);
  const books = await readBooksOf(home);
  expect(books.ledger).toEqual(books.counted);
  expect(await home.query("select distinct state from delivery")).toEqual([{ state: "delivered" }]);
  expect(await home.query("select state from process where state = 'dead'")).toEqual([]);
  await expectSeqWithoutGaps();
  for (const { receiver } of customers) expect(receiver.unverified).toEqual([]);

  // What came in and is not on record was in flight when its process died, and only that was repeated.
  expect(outcome.unmade).toEqual([]);
  const isOf = (death: number) => (each: Receipt) => Math.abs(each.at - death) < IN_FLIGHT_MS;
  for (const death of deaths) {
    expect(outcome.unrecorded.filter(isOf(death)).length).toBeLessThan(MOST_IN_FLIGHT);
  }
  expect(outcome.unrecorded.filter((each) => !deaths.some((death) => isOf(death)(each)))).toEqual(
    [],
  );
  for (const { successes } of outcome.doubled) {
    const unrecorded = successes.filter(({ row }) => row === null);
    expect(unrecorded).toHaveLength(successes.length - 1);
  }

  async function restart(server: ServerProcess, deaths: number[]): Promise<ServerProcess> {
    server.signal("SIGKILL");
    deaths.push(clock.now());
    await server.kill();
    return startServer(home.place, ENV);
  }

  async function expectSeqWithoutGaps(): Promise<void> {
    const rows = await home.query(
      `select conversation_id, count(*) as events, min(seq) as low, max(seq) as high, count(distinct seq) as seqs
       from event where conversation_id is not null group by 1
       having min(seq) <> 1 or max(seq) <> count(*) or count(distinct seq) <> count(*)`,
    );
    expect(rows).toEqual([]);
  }
});

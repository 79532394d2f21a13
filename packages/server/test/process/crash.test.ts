import { join } from "node:path";
import { expect, test } from "vitest";
import { isAlive, postmasterPid } from "../../src/storage/embedded/processes.ts";
import { startReceiver } from "../support/receiver.ts";
import { createHome } from "../support/server-home.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { APP_SECRET, PHONE_NUMBER_ID, startLoad } from "./load.ts";
import { type Customer, countOpen, readOutcome } from "./outcome.ts";

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
const CALLERS = 12;
/** How many requests are answered between one death and the next: some come at once. */
const LIVES = [120, 3, 250, 40, 400, 90];
/** How long what has left may stay unrecorded: an outcome is written as soon as the wire is back. */
const IN_FLIGHT_MS = 2_000;

test("a server that is killed again and again under load loses nothing, and repeats only what was in flight", async () => {
  const home = await createHome();
  const cluster = "dataDir" in home.place ? join(home.place.dataDir, "pg") : null;
  let running = startServer(home.place, ENV);
  const customers = await settle(await running);
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
  await until(
    "everything is delivered",
    async () => {
      const { open, waiting } = await countOpen(home);
      return open === 0 && waiting === 0;
    },
    30_000,
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
  expect(await home.query("select distinct state from delivery")).toEqual([{ state: "delivered" }]);
  expect(await home.query("select state from process where state = 'dead'")).toEqual([]);
  await expectSeqWithoutGaps();
  for (const { receiver } of customers) expect(receiver.unverified).toEqual([]);

  // What came in and is not on record was in flight when its process died: nothing else is.
  const wasInFlight = (at: number) =>
    deaths.some((death) => at > death - IN_FLIGHT_MS && at < death + IN_FLIGHT_MS);
  expect(outcome.unmade).toEqual([]);
  expect(outcome.unrecorded.filter(({ at }) => !wasInFlight(at))).toEqual([]);
  for (const { successes } of outcome.doubled) {
    const unrecorded = successes.filter(({ row }) => row === null);
    expect(unrecorded.length, "only what was lost was sent again").toBe(successes.length - 1);
  }
  console.log(answered(), outcome.events.length, outcome.doubled.length, outcome.unrecorded.length, load.unanswered);

  /** Two endpoints that want everything, and a channel for what comes in. */
  async function settle(server: ServerProcess): Promise<Customer[]> {
    const channel = { kind: "whatsapp", name: "Shop", external_id: PHONE_NUMBER_ID };
    expect((await server.call("POST", "/channels", channel)).status).toBe(201);
    const made: Customer[] = [];
    for (const name of ["Steady", "Moody"]) {
      const receiver = await startReceiver();
      const { url, secret } = receiver;
      const endpoint = { name, url, secret, retry_schedule: Array(10).fill(1) };
      const answer = await server.call("POST", "/endpoints", endpoint);
      expect(answer.status).toBe(201);
      made.push({ receiver, serial: answer.body.serial });
    }
    return made;
  }

  async function restart(server: ServerProcess, deaths: number[]): Promise<ServerProcess> {
    server.signal("SIGKILL");
    deaths.push(new Date().getTime());
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
}, 60_000);

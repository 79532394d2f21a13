import { expect, test, vi } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { readBooksOf } from "../../support/database/books.ts";
import { createSharedHome, type ServerHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, type Load, startLoad } from "../load.ts";
import { countOpen, readOutcome } from "../outcome.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 60_000 });

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET };
const clock = systemClock();
/** Its clock is the database's, which it knows as well as a slow answer lets it. */
const CLOCKS_APART_MS = 1_000;

interface Pair {
  home: ServerHome;
  a: ServerProcess;
  b: ServerProcess;
}

/** Two servers that were started at once on an empty database. */
async function startPair(roles: { a?: string; b?: string } = {}): Promise<Pair> {
  const home = await createSharedHome();
  const start = (role = "all") => startServer(home.place, { ...ENV, CURLEW_ROLE: role });
  const [a, b] = await Promise.all([start(roles.a), start(roles.b)]);
  return { home, a, b };
}

interface ProcessRow {
  id: number;
  state: string;
}

/** Every registration of a process, the first one first. */
function registrationsOf({ home }: Pair, { pid }: ServerProcess): Promise<ProcessRow[]> {
  return home.query<ProcessRow>(
    "select id, state from process where name like '% ' || $1 order by id",
    [String(pid)],
  );
}

/** How many of a caller's requests were answered. */
function answeredTo(load: Load, caller: number): number {
  const ids = [...load.accepted.keys(), ...load.received];
  return ids.filter((id) => id.replace("wamid.", "").startsWith(`${caller}-`)).length;
}

function orders(count: number): object[] {
  return Array.from({ length: count }, (_, n) => ({ type: "order.placed", data: { n } }));
}

async function untilDone(home: ServerHome, limitMs?: number): Promise<void> {
  await until(
    "everything is delivered",
    async () => {
      const { open, waiting } = await countOpen(home);
      return open === 0 && waiting === 0;
    },
    limitMs,
  );
}

test("a process that stands still past its heartbeat loses nothing, settles nothing twice, and comes back under a new id", async () => {
  const pair = await startPair();
  const { home, a, b } = pair;
  const customers = await openShop(a, ["One", "Two"]);
  for (const { receiver } of customers) receiver.behave({ status: 200, afterMs: 150 });
  const load = startLoad([...Array(4).fill(() => a), ...Array(4).fill(() => b)]);
  const isAnswered = (caller: number, least: number) => answeredTo(load, caller) >= least;
  await until("both are under load", () => isAnswered(3, 20) && isAnswered(7, 20));

  const [before] = await registrationsOf(pair, a);
  // More than it has slots for: some of it is under way, the rest waits in its memory.
  expect((await a.call("POST", "/events", orders(300))).status).toBe(202);
  a.signal("SIGSTOP");
  const stoppedAt = clock.now();
  await until("it is taken for dead and what it carried is taken over", async () => {
    const [row] = await registrationsOf(pair, a);
    return row?.state === "recovered";
  });
  const answered = answeredTo(load, 7);
  await until("the other goes on", () => isAnswered(7, answered + 20));
  await until("six seconds have passed", () => clock.now() - stoppedAt > 6_000);
  a.signal("SIGCONT");
  await until("it has registered anew", async () => {
    const [first, second, ...more] = await registrationsOf(pair, a);
    expect([first?.id, more]).toEqual([before?.id, []]);
    return second?.state === "living";
  });
  const answeredByA = answeredTo(load, 3);
  await until("it takes events again", () => isAnswered(3, answeredByA + 20));
  await load.stop();
  await untilDone(home, 30_000);

  const outcome = await readOutcome(home, customers);
  const books = await readBooksOf(home);
  expect(books.ledger).toEqual(books.counted);
  expect(load.faults).toEqual([]);
  expect(outcome.missing).toEqual([]);
  expect(outcome.unrecorded, "every request is on record, the late ones too").toEqual([]);
  expect(outcome.unmade).toEqual([]);
  expect(await home.query("select distinct state from delivery")).toEqual([{ state: "delivered" }]);
  // What it had begun when it was stopped is all that another has made again.
  for (const { successes } of outcome.doubled) {
    const [own, ...more] = successes.flatMap(({ row }) => (row?.process === before?.id ? row : []));
    expect(more).toEqual([]);
    expect(own?.sentAt).toBeLessThan(stoppedAt + CLOCKS_APART_MS);
    expect(successes).toHaveLength(2);
  }
});

test("a process that is asked to stop under load finishes what it is at: nothing is doubled, and nobody waits for a recovery", async () => {
  const pair = await startPair();
  const { home, a, b } = pair;
  const customers = await openShop(a, ["One", "Two"]);
  for (const { receiver } of customers) receiver.behave({ status: 200, afterMs: 100 });
  let hasEnded = false;
  const toA = (tries: number) => (tries === 0 && !hasEnded ? a : b);
  const load = startLoad([...Array(8).fill(toA), ...Array(4).fill(() => b)]);
  void a.exited.then(() => {
    hasEnded = true;
  });
  await until("both are under load", () => answeredTo(load, 3) >= 20 && answeredTo(load, 11) >= 20);

  expect(await a.stop()).toEqual({ code: 0, signal: null });
  const [registration, ...more] = await registrationsOf(pair, a);
  expect([registration?.state, more]).toEqual(["recovered", []]);
  // How long that takes is up to what else the other one has to send.
  await load.stop();
  await until(
    "what it handed over is delivered",
    async () => {
      const [row] = await home.query<{ left: number }>(
        `select count(*)::int as left from event e cross join unnest(e.targets) as t (endpoint)
         where e.owner = $1 and not exists (select 1 from delivery d
           where d.event_id = e.id and d.endpoint = t.endpoint and d.state = 'delivered')`,
        [registration?.id],
      );
      return row?.left === 0;
    },
    10_000,
  );
  await untilDone(home);

  const outcome = await readOutcome(home, customers);
  const books = await readBooksOf(home);
  expect(books.ledger).toEqual(books.counted);
  expect(load.faults).toEqual([]);
  expect(outcome.missing).toEqual([]);
  expect(outcome.doubled).toEqual([]);
  expect([outcome.unrecorded, outcome.unmade]).toEqual([[], []]);
  expect(b.output()).not.toContain("took over what a dead process carried");
});

test("what a stopping process hands over is taken up at once by one that had nothing to do", async () => {
  const pair = await startPair();
  const { home, a } = pair;
  const customers = await openShop(a, ["One"]);
  for (const { receiver } of customers) receiver.behave({ status: 200, afterMs: 300 });
  expect((await a.call("POST", "/events", orders(100))).status).toBe(202);
  expect(await a.stop()).toEqual({ code: 0, signal: null });
  const { waiting } = await countOpen(home);
  expect(waiting, "it had more than it could finish").toBeGreaterThan(0);
  await untilDone(home, 10_000);
  expect(customers[0]?.receiver.receipts).toHaveLength(100);
});

test("what a process without a sender accepts is delivered at once by one that has one", async () => {
  const { home, a, b } = await startPair({ a: "api", b: "worker" });
  const customers = await openShop(a, ["One", "Two"]);
  const load = startLoad(Array(4).fill(() => a));
  await until("callers are answered", () => load.accepted.size > 100);
  await load.stop();
  await untilDone(home, 5_000);
  const outcome = await readOutcome(home, customers);
  const books = await readBooksOf(home);
  expect(books.ledger).toEqual(books.counted);
  expect([outcome.missing, outcome.doubled, outcome.unrecorded]).toEqual([[], [], []]);
  const makers = await home.query(
    "select distinct p.role from attempt a join process p on p.id = a.process",
  );
  expect(makers).toEqual([{ role: "worker" }]);
  expect(await b.stop()).toEqual({ code: 0, signal: null });
});

test("a key that is revoked through one process is refused by the other within two seconds", async () => {
  const pair = await startPair();
  const { key, id } = await makeKey(pair.a);
  expect(await statusOf(pair.b, key)).toBe(200);
  expect(await statusOf(pair.a, key)).toBe(200);
  expect((await pair.a.call("DELETE", `/api-keys/${id}`)).status).toBe(204);
  expect(await statusOf(pair.a, key)).toBe(401);
  await until("the other refuses it", async () => (await statusOf(pair.b, key)) === 401, 2_000);
});

test("a key that is revoked while the other process has lost its ear is refused there all the same", async () => {
  const pair = await startPair();
  const { key, id } = await makeKey(pair.a);
  expect(await statusOf(pair.b, key)).toBe(200);
  const killed = await pair.home.query<{ done: boolean }>(
    `select pg_terminate_backend(pid) as done from pg_stat_activity
     where application_name = 'curlew ' || $1 || ' listener'`,
    [String(pair.b.pid)],
  );
  expect(killed.length).toBeGreaterThan(0);
  expect((await pair.a.call("DELETE", `/api-keys/${id}`)).status).toBe(204);
  await until("the other refuses it", async () => (await statusOf(pair.b, key)) === 401, 2_000);
});

async function makeKey(server: ServerProcess): Promise<{ key: string; id: string }> {
  const answer = await server.call("POST", "/api-keys", { name: "Till", scopes: ["*"] });
  expect(answer.status).toBe(201);
  return answer.body;
}

async function statusOf(server: ServerProcess, key: string): Promise<number> {
  return (await server.call("GET", "/endpoints", undefined, { key })).status;
}

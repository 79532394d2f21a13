import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { usedDataDirectory } from "../../support/database/data-directory.ts";
import { startDatabaseProxy } from "../../support/database/database-proxy.ts";
import { createEmbeddedHome } from "../../support/database/embedded-home.ts";
import { createSharedHome } from "../../support/processes/server-home.ts";
import {
  type Answer,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, inboundText, postToMeta } from "../load.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 180_000 });

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
/** What the product waits for a connection, and hears nothing before it gives up; and two busy cores. */
const A_FEW_SECONDS_MS = 12_000;
const clock = systemClock();

type Ask = (server: ServerProcess, n: number) => Promise<Answer>;

const publish: Ask = (server, n) =>
  server.call("POST", "/events", { type: "order.placed", data: { n } });

/** One of each kind: it reads, it changes the configuration, it writes to the log, a provider brings it. */
const REQUESTS: Record<string, Ask> = {
  "a list of endpoints": (server) => server.call("GET", "/endpoints"),
  "a new account": (server, n) => server.call("POST", "/accounts", { name: `Branch ${n}` }),
  "an event": publish,
  "a message from a customer": (server, n) =>
    postToMeta(server.url, inboundText(`wamid.away-${n}`, "16505550001")),
  "a key that is not cached": (server) =>
    server.call("GET", "/events", undefined, { key: "a-key-that-nobody-has" }),
};

/** Asks all of it at once and gives the answers, all of which come in a few seconds. */
async function askAll(server: ServerProcess, n: number): Promise<Record<string, Answer>> {
  const startedAt = clock.monotonic();
  const answers = await Promise.all(
    Object.entries(REQUESTS).map(async ([name, ask]) => [name, await ask(server, n)] as const),
  );
  expect(clock.monotonic() - startedAt).toBeLessThan(A_FEW_SECONDS_MS);
  return Object.fromEntries(answers);
}

function expectUnavailable(answers: Record<string, Answer>): void {
  for (const [name, { status, headers, body }] of Object.entries(answers)) {
    expect([name, status, headers.get("retry-after")]).toEqual([name, 503, "5"]);
    const problem = typeof body === "string" ? JSON.parse(body) : body;
    expect(problem.code).toBe("unavailable");
  }
}

/** Asks until everything is answered as ever. */
async function untilServed(server: ServerProcess, n: number): Promise<void> {
  await until(
    "everything is served again",
    async () => {
      const statuses = Object.values(await askAll(server, n++)).map(({ status }) => status);
      return statuses.join() === "200,201,202,200,401";
    },
    30_000,
  );
}

describe("while the database is away, who needs it is told so, and when it is back all goes on:", () => {
  test("it refuses connections", async () => {
    const home = await createSharedHome();
    const url = "databaseUrl" in home.place ? home.place.databaseUrl : "";
    const proxy = await startDatabaseProxy(url);
    const server = await startServer({ databaseUrl: proxy.url }, ENV);
    const customers = await openShop(server, ["Steady"]);
    await untilServed(server, 0);

    const port = Number(new URL(proxy.url).port);
    await proxy.close();
    expectUnavailable(await askAll(server, 100));
    // By now it is known, and nobody is kept waiting.
    const startedAt = clock.monotonic();
    expectUnavailable(await askAll(server, 200));
    expect(clock.monotonic() - startedAt).toBeLessThan(4_000);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    const again = await startDatabaseProxy(url, port);
    onTestFinished(() => again.close());
    await untilServed(server, 300);
    const last = await publish(server, 999);
    await customers[0]?.receiver.next(
      "what was accepted after it",
      ({ id }) => id === last.body.id,
    );
    const refused = await home.query(
      "select payload from event where type = 'order.placed' and payload ~ '\"n\":[12]\\d\\d[^\\d]'",
    );
    expect(refused).toEqual([]);
    const branches = await home.query<{ name: string }>("select name from account order by name");
    expect(branches.filter(({ name }) => /[12]\d\d$/.test(name))).toEqual([]);
  });

  test("it goes silent, as with a cable that was pulled", async () => {
    const home = await createSharedHome();
    const proxy = await startDatabaseProxy(
      "databaseUrl" in home.place ? home.place.databaseUrl : "",
    );
    onTestFinished(() => proxy.close());
    const server = await startServer({ databaseUrl: proxy.url }, ENV);
    await untilServed(server, 0);
    proxy.freeze();
    expectUnavailable(await askAll(server, 100));
    proxy.cut();
    await untilServed(server, 200);
  });

  test.runIf(process.platform === "linux")("its own PostgreSQL stands still", async () => {
    const home = createEmbeddedHome(await usedDataDirectory());
    const server = await startServer(home.place, ENV);
    await untilServed(server, 0);
    const cluster = join("dataDir" in home.place ? home.place.dataDir : "", "pg");
    const postmaster = postmasterPid(cluster);
    if (postmaster === null) throw new Error("The server runs no PostgreSQL of its own.");
    const resume = () => {
      for (const pid of [postmaster, ...childrenOf(postmaster)]) signalIfThere(pid, "SIGCONT");
    };
    onTestFinished(resume);
    // The postmaster first, so that it starts no more of them.
    process.kill(postmaster, "SIGSTOP");
    for (const pid of childrenOf(postmaster)) signalIfThere(pid, "SIGSTOP");
    expectUnavailable(await askAll(server, 100));
    resume();
    await untilServed(server, 200);
  });

  test("its own PostgreSQL is killed while requests come: each is done or refused, and what was taken is there", async () => {
    const home = createEmbeddedHome(await usedDataDirectory());
    const server = await startServer(home.place, ENV);
    const cluster = join("dataDir" in home.place ? home.place.dataDir : "", "pg");
    const statuses = new Map<number, number>();
    const accepted: string[] = [];
    let isOver = false;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let n = 0; !isOver; n++) {
        const ask = Object.values(REQUESTS)[(caller + n) % 4] ?? publish;
        const { status, body } = await ask(server, caller * 10_000 + n);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 202) accepted.push(body.id);
      }
    });
    for (let kills = 0; kills < 3; kills++) {
      const before = accepted.length;
      await until("events are taken", () => accepted.length > before + 20, 30_000);
      process.kill(postmasterPid(cluster) ?? 0, "SIGKILL");
    }
    const before = accepted.length;
    await until("events are taken again", () => accepted.length > before + 20, 30_000);
    isOver = true;
    await Promise.all(callers);
    expect([...statuses.keys()].filter((status) => ![200, 201, 202, 503].includes(status))).toEqual(
      [],
    );
    const there = await home.query<{ id: string }>(
      "select 'evt_' || id as id from event where type = 'order.placed'",
    );
    expect(there.length).toBeGreaterThanOrEqual(accepted.length);
  });
});

test("while every connection is in use, who needs one is told so, and events are taken all the same", async () => {
  const home = await createSharedHome();
  const databaseUrl = "databaseUrl" in home.place ? home.place.databaseUrl : "";
  const server = await startServer({ databaseUrl }, ENV);
  // What it has to know of a workspace to publish in it, it knows from now on.
  expect((await publish(server, 0)).status).toBe(202);
  const locker = new pg.Client({ connectionString: databaseUrl });
  await locker.connect();
  onTestFinished(() => locker.end());
  await locker.query("begin; lock table contact in access exclusive mode");
  const stuck = Array.from({ length: 8 }, () => server.call("GET", "/contacts"));
  await until("every connection is in use", async () => {
    const { rows } = await locker.query<{ waiting: number }>(
      "select count(*)::int as waiting from pg_locks where not granted and relation = 'contact'::regclass",
    );
    return rows[0]?.waiting === 8;
  });
  const [refused, taken] = await Promise.all([server.call("GET", "/accounts"), publish(server, 1)]);
  expectUnavailable({ "a list of accounts": refused });
  expect(refused.body.detail).toContain("all its connections are in use");
  expect(taken.status).toBe(202);
  await locker.query("rollback");
  for (const answer of await Promise.all(stuck)) expect(answer.status).toBe(200);
  expect((await server.call("GET", "/accounts")).status).toBe(200);
});

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

/** A worker of PostgreSQL ends when it has nothing more to do, also between two lines of a test. */
function signalIfThere(pid: number, signal: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** 0 when there is no such process. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

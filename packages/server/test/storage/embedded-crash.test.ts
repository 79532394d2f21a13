import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../src/core/outside/clock.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type Connections, openConnections } from "../../src/storage/connections/connections.ts";
import { type EmbeddedServer, startEmbedded } from "../../src/storage/embedded/embedded-server.ts";
import { isAlive, postmasterPid, runsIn } from "../../src/storage/embedded/processes.ts";
import { usedDataDirectories } from "../support/database/data-directory.ts";
import { spawnEmbedded } from "../support/database/embedded-child.ts";
import { startRefusal } from "../support/database/start-refusal.ts";
import { type SilentLogger, silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const usedDataDirectory = usedDataDirectories();

describe("when Curlew is killed", () => {
  test("its PostgreSQL goes too, and what was committed is there at the next start", async () => {
    const dataDir = usedDataDirectory();
    const child = spawnEmbedded(dataDir);
    const url = await child.ready;
    await query(url, "create table kept (id int); insert into kept values (7)");
    const pid = postmasterPid(`${dataDir}/pg`) ?? 0;
    await child.kill();
    await until("the postmaster has gone", () => !isAlive(pid), 3_000);

    const { server } = await start(dataDir);
    expect(await query(server.url, "select id from kept")).toEqual([{ id: 7 }]);
  });

  test.runIf(process.platform === "linux")(
    "and its watchdog with it, the PostgreSQL that is left is replaced, not adopted",
    async () => {
      const dataDir = usedDataDirectory();
      const child = spawnEmbedded(dataDir);
      await query(await child.ready, "create table kept (id int)");
      const orphan = postmasterPid(`${dataDir}/pg`) ?? 0;
      for (const pid of watchdogOf(orphan)) process.kill(pid, "SIGKILL");
      await child.kill();
      expect(runsIn(orphan, `${dataDir}/pg`)).toBe(true);

      const { server, logger } = await start(dataDir);
      expect(runsIn(orphan, server.cluster)).toBe(false);
      expect(logger.lines.map(({ message }) => message)).toContain(
        "Stopping a PostgreSQL that a Curlew which has died left behind",
      );
      expect(await query(server.url, "select from kept")).toEqual([]);
    },
  );
});

describe("when PostgreSQL is killed", () => {
  test("it is started again and those who wait go on", async () => {
    const { server, connections } = await startConnected();
    await connections.pool.query("create table kept (id int)");
    const pid = await killPostmaster(server);

    const ids = Array.from({ length: 20 }, (_, id) => id);
    await Promise.all(
      ids.map((id) =>
        connections.transaction((tx) =>
          tx.query({ text: "insert into kept values ($1)", values: [id] }),
        ),
      ),
    );
    const { rows } = await connections.pool.query<{ id: number }>("select id from kept");
    expect(rows.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
    expect(postmasterPid(server.cluster)).not.toBe(pid);
  });

  test("again and again, it comes back, after a wait when it does not last", async () => {
    const real = systemClock();
    const waits: number[] = [];
    const clock: Clock = {
      ...real,
      sleep(ms, signal) {
        // Five and ten seconds are how long a server that is being stopped is waited for.
        if (ms >= 1_000 && ms !== 5_000 && ms !== 10_000) waits.push(ms);
        return real.sleep(ms >= 1_000 ? 0 : ms, signal);
      },
    };
    const { server } = await start(usedDataDirectory(), clock);
    for (let kills = 1; kills <= 4; kills++) {
      const pid = await killPostmaster(server);
      await until("it is back", async () => {
        const now = postmasterPid(server.cluster);
        return now !== null && now !== pid && (await answers(server.url));
      });
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  });

  test("one of its backends alone, it mends itself and the pool goes on", async () => {
    const { server, connections, logger } = await startConnected();
    const client = await connections.pool.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    process.kill(rows[0]?.pid ?? 0, "SIGKILL");
    await until("it is noticed", () => logger.lines.some(({ level }) => level === "error"));
    client.release();
    const again = await connections.transaction((tx) =>
      tx.query<{ one: number }>("select 1 as one"),
    );
    expect(again.rows).toEqual([{ one: 1 }]);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("while it is being stopped, stopping still ends", async () => {
    const { server } = await start(usedDataDirectory());
    const pid = postmasterPid(server.cluster) ?? 0;
    process.kill(pid, "SIGKILL");
    await server.stop();
    await until("nothing runs", () => !isAlive(postmasterPid(server.cluster) ?? 0));
  });
});

describe("the claim to a directory", () => {
  test("outlives the loss of its connection", async () => {
    const dataDir = usedDataDirectory();
    const { server } = await start(dataDir);
    const admin = server.url.replace("/curlew?", "/postgres?");
    const holder = `select pid from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and application_name = 'curlew ${process.pid}'`;
    const [before] = await query(admin, holder);
    expect(before).toBeDefined();
    await query(admin, `select pg_terminate_backend(pid) from (${holder}) as holders`);
    await until("it is claimed again", async () => {
      const [now] = await query(admin, holder);
      return now !== undefined && JSON.stringify(now) !== JSON.stringify(before);
    });
    const refusal = await startRefusal(start(dataDir));
    expect(refusal).toContain(`(process ${process.pid})`);
  });
});

interface Started {
  server: EmbeddedServer;
  logger: SilentLogger;
}

async function start(dataDir: string, clock: Clock = systemClock()): Promise<Started> {
  const logger = silentLogger();
  const server = await startEmbedded({ dataDir, fsync: false, logger, clock });
  onTestFinished(() => server.stop());
  return { server, logger };
}

async function startConnected(): Promise<Started & { connections: Connections }> {
  const started = await start(usedDataDirectory());
  const connections = await openConnections({
    ...{ url: started.server.url, applicationName: "curlew test" },
    ...{ logger: silentLogger(), clock: systemClock() },
  });
  onTestFinished(() => connections.close());
  return { ...started, connections };
}

/** Resolves when it has ended, before it has been started again or after. */
async function killPostmaster({ cluster }: EmbeddedServer): Promise<number> {
  const pid = postmasterPid(cluster) ?? 0;
  process.kill(pid, "SIGKILL");
  await until("it has ended", () => !isAlive(pid));
  return pid;
}

/** The shell that started PostgreSQL, and the one that waits for orders. */
function watchdogOf(postmaster: number): number[] {
  const shell = parentOf(postmaster);
  const readers = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== postmaster && parentOf(pid) === shell);
  return [...readers, shell];
}

/** 0 when there is no such process. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

async function answers(url: string): Promise<boolean> {
  return query(url, "select 1").then(
    () => true,
    () => false,
  );
}

async function query(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

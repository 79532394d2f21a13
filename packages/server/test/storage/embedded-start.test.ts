import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { findNssWrapper } from "../../src/storage/embedded/borrowed-name.ts";
import { canReach, databaseUserFor } from "../../src/storage/embedded/database-user.ts";
import { type EmbeddedServer, startEmbedded } from "../../src/storage/embedded/embedded-server.ts";
import { isAlive, postmasterPid } from "../../src/storage/embedded/processes.ts";
import { dataDirectory, usedDataDirectories } from "../support/database/data-directory.ts";
import { spawnEmbedded } from "../support/database/embedded-child.ts";
import { startRefusal } from "../support/database/start-refusal.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
/** Nobody's entry in /etc/passwd, as container platforms hand them out. */
const NAMELESS = { uid: 12_345, gid: 0 };

const usedDataDirectory = usedDataDirectories();

describe("the first start on an empty directory", () => {
  test("makes a database that keeps what it is given", async () => {
    const dataDir = dataDirectory();
    const first = await start(dataDir, { fsync: true });
    const [settings] = await query(
      first.url,
      `select current_setting('fsync') as fsync, current_setting('server_encoding') as encoding,
        current_setting('max_locks_per_transaction')::int as locks,
        current_setting('listen_addresses') as addresses,
        current_setting('data_checksums') as checksums, current_database() as database`,
    );
    expect(settings).toEqual({
      ...{ fsync: "on", encoding: "UTF8", locks: 512 },
      ...{ addresses: "", checksums: "on", database: "curlew" },
    });
    await query(first.url, "create table kept (id int); insert into kept values (7)");
    await first.stop();

    const second = await start(dataDir, { fsync: true });
    expect(await query(second.url, "select id from kept")).toEqual([{ id: 7 }]);
  });

  test("makes the data directory, closed to others", async () => {
    const dataDir = join(dataDirectory(), "new", "data");
    const server = await start(dataDir);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("leaves nothing running and nothing half-made when it is stopped", async () => {
    const dataDir = usedDataDirectory();
    const server = await start(dataDir);
    const pid = postmasterPid(server.cluster) ?? 0;
    expect(isAlive(pid)).toBe(true);
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(dataDir).filter((name) => name !== "runtime")).toEqual(["pg"]);
  });

  test("works where the socket's path is longer than a socket's address can be", async () => {
    const dataDir = join(dataDirectory(), "long-".repeat(20), "er-".repeat(20));
    const server = await start(dataDir);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test.runIf(isRoot)("works as root, with a user who could not enter the directory", async () => {
    const outer = dataDirectory();
    chmodSync(outer, 0o700);
    const server = await start(join(outer, "data"));
    expect(statSync(server.cluster).uid).not.toBe(0);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test.runIf(isRoot)("works as root with a umask that closes all it makes", async () => {
    const dataDir = usedDataDirectory();
    chmodSync(dataDir, 0o755);
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const server = await start(dataDir);
    expect(existsSync(join(dataDir, "runtime")), "the programs are with the data").toBe(true);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  // As root the test plays nobody, who must be able to read this checkout.
  test.skipIf(isRoot && !canReach(import.meta.dirname, NOBODY))(
    "works as an ordinary user",
    async () => {
      const dataDir = dataDirectory();
      if (isRoot) chownSync(dataDir, NOBODY.uid, NOBODY.gid);
      const child = spawnEmbedded(dataDir, isRoot ? NOBODY : undefined);
      const url = await child.ready;
      expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
      expect(statSync(join(dataDir, "pg")).uid).toBe(isRoot ? NOBODY.uid : process.getuid?.());
      expect(existsSync(join(dataDir, "runtime")), "the programs are with the data").toBe(true);
      await child.stop();
    },
  );
});

describe.skipIf(!isRoot || !canReach(import.meta.dirname, NAMELESS))(
  "a user without a name",
  () => {
    const directoryOf = (user: { uid: number; gid: number }) => {
      const dataDir = dataDirectory();
      chownSync(dataDir, user.uid, user.gid);
      return dataDir;
    };

    test.skipIf(findNssWrapper() === null)(
      "gets a database where one can be borrowed",
      async () => {
        const dataDir = directoryOf(NAMELESS);
        const child = spawnEmbedded(dataDir, NAMELESS);
        expect(await query(await child.ready, "select 1 as one")).toEqual([{ one: 1 }]);
        expect(statSync(join(dataDir, "pg")).uid).toBe(NAMELESS.uid);
        await child.stop();
        expect(readdirSync(dataDir).sort(), "and nothing else is left").toEqual(["pg", "runtime"]);
      },
    );

    test.skipIf(findNssWrapper() !== null)("is told what would help where none can", async () => {
      const child = spawnEmbedded(directoryOf(NAMELESS), NAMELESS);
      await expect(child.ready).rejects.toThrow(/without a name.*Install libnss-wrapper/);
    });
  },
);

describe("a directory that another process uses", () => {
  test("is refused, naming that process", async () => {
    const dataDir = usedDataDirectory();
    const child = spawnEmbedded(dataDir);
    const url = await child.ready;
    const refusal = await startRefusal(start(dataDir));
    expect(refusal).toContain(`in use by another Curlew (process ${child.pid})`);
    expect(await query(url, "select 1 as one"), "the other goes on").toEqual([{ one: 1 }]);
    await child.stop();
  });

  test("goes to one of two that start at once", async () => {
    const dataDir = dataDirectory();
    const children = [spawnEmbedded(dataDir), spawnEmbedded(dataDir)];
    const outcomes = await Promise.allSettled(children.map(({ ready }) => ready));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = outcomes.find((outcome) => outcome.status === "rejected");
    const winner = children[outcomes.findIndex(({ status }) => status === "fulfilled")];
    expect(String(lost?.reason)).toContain(`(process ${winner?.pid})`);
    expect(readdirSync(dataDir).filter((name) => name.startsWith(".building"))).toEqual([]);
    await winner?.stop();
  });
});

describe("a directory that is not as we left it", () => {
  test("of another major version is refused in words, and not touched", async () => {
    const dataDir = dataDirectory();
    const cluster = join(dataDir, "pg");
    mkdirSync(cluster);
    writeFileSync(join(cluster, "PG_VERSION"), "17\n");
    const refusal = await startRefusal(start(dataDir));
    expect(refusal).toMatch(/made by PostgreSQL 17.*DATABASE_URL/s);
    expect(readdirSync(cluster)).toEqual(["PG_VERSION"]);
  });

  test("without a database in it is refused in words", async () => {
    const dataDir = dataDirectory();
    mkdirSync(join(dataDir, "pg"));
    expect(await startRefusal(start(dataDir))).toContain("not a PostgreSQL database");
  });

  test("with what a killed initdb left: the next start makes it anew and cleans up", async () => {
    const dataDir = dataDirectory();
    const child = spawnEmbedded(dataDir);
    child.ready.catch(() => {});
    const ruin = () => readdirSync(dataDir).find((name) => name.startsWith(".building-pg-"));
    await until("initdb is at work", () => {
      const name = ruin();
      return name !== undefined && existsSync(join(dataDir, name, "PG_VERSION"));
    });
    await child.kill();
    expect(ruin()).toBeDefined();
    expect(existsSync(join(dataDir, "pg"))).toBe(false);

    const server = await start(dataDir);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(ruin()).toBeUndefined();
  });

  test("with files that name a process which is somebody else's by now", async () => {
    const dataDir = usedDataDirectory();
    const before = await start(dataDir);
    await before.stop();
    const user = databaseUserFor(before.cluster);
    const foreigner = spawn("sleep", ["600"], { stdio: "ignore", ...user });
    await once(foreigner, "spawn");
    onTestFinished(() => void foreigner.kill());
    for (const name of ["postmaster.pid", ".s.PGSQL.5432.lock"]) {
      const file = join(before.cluster, name);
      writeFileSync(file, `${foreigner.pid}\n/proc/self/cwd\n1790000000\n5432\n.\n\n`);
      if (user) chownSync(file, user.uid, user.gid);
    }
    const server = await start(dataDir);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(isAlive(foreigner.pid ?? 0)).toBe(true);
  });

  test.runIf(isRoot)("copied by root, so that it is root's", async () => {
    const copy = usedDataDirectory();
    expect(statSync(join(copy, "pg")).uid).toBe(0);
    const server = await start(copy);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("whose programs have been thinned out gets them anew", async () => {
    const dataDir = usedDataDirectory();
    if (isRoot) chmodSync(dataDir, 0o755);
    const before = await start(dataDir);
    await before.stop();
    const runtime = join(dataDir, "runtime");
    const [key = ""] = readdirSync(runtime);
    rmSync(join(runtime, key, "lib", "libpq.so.5"), { force: true });
    rmSync(join(runtime, key, "share", "postgresql", "timezone"), { recursive: true });
    const server = await start(dataDir);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(readdirSync(runtime)).toEqual([key]);
  });
});

/** Started with speed, unless told otherwise, and stopped when the test has ended. */
async function start(dataDir: string, o = { fsync: false }): Promise<EmbeddedServer> {
  const options = { logger: silentLogger(), clock: systemClock(), ...o };
  const server = await startEmbedded({ dataDir, ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function query(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

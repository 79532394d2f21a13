import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openConnections } from "../../../src/storage/connections/connections.ts";
import { databaseUserFor } from "../../../src/storage/embedded/database-user.ts";
import { startOlder } from "../../../src/storage/embedded/older-server.ts";
import { migrate } from "../../../src/storage/migrate.ts";
import { dataDirectory } from "../../support/database/data-directory.ts";
import { environmentFor, runCurlew, startServer } from "../../support/processes/server-process.ts";
import { silentLogger } from "../../support/silent-logger.ts";

vi.setConfig({ testTimeout: 180_000 });

const OLDER = "15";
const PROGRAMS = `/usr/lib/postgresql/${OLDER}/bin`;

/** A data directory as a Curlew on an older PostgreSQL has left it, with one workspace. */
async function olderDataDirectory(): Promise<string> {
  const dataDir = dataDirectory();
  // The user that runs PostgreSQL 15 walks to its directory; later ones need not.
  chmodSync(dataDir, 0o711);
  const cluster = join(dataDir, "pg");
  mkdirSync(cluster);
  const user = databaseUserFor(cluster);
  if (user) chownSync(cluster, user.uid, user.gid);
  execFileSync(
    join(PROGRAMS, "initdb"),
    ["-D", cluster, "-U", "curlew", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    { cwd: cluster, env: { LC_ALL: "C", TZ: "UTC" }, stdio: "pipe", ...user },
  );
  const means = { logger: silentLogger(), clock: systemClock() };
  const older = await startOlder({ ...means, dataDir, directory: null });
  const connections = await openConnections({
    ...means,
    ...{ url: older.url, applicationName: "curlew test" },
  });
  await migrate(connections, { upTo: "0019-event-types" });
  await connections.pool.query(
    `insert into workspace (id, name, is_default, created_at)
     values (gen_random_uuid(), 'From before', true, now())`,
  );
  await connections.close();
  await older.stop();
  return dataDir;
}

test.skipIf(!existsSync(PROGRAMS))(
  "a data directory of an older PostgreSQL is refused, carried over by command, and served with all that it held",
  async () => {
    const dataDir = await olderDataDirectory();
    const env = environmentFor({ dataDir });
    const refused = await runCurlew(["serve"], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /was made by PostgreSQL 15; this Curlew runs PostgreSQL 18.*curlew upgrade-data/,
    );
    expect((await runCurlew(["upgrade-data", "--postgres", "/nowhere"], env)).stderr).toBe(
      "There is no bin/postgres in /nowhere.\n",
    );

    const carried = await runCurlew(["upgrade-data"], env);
    expect(carried, carried.stderr).toMatchObject({ code: 0 });
    expect(carried.stdout).toMatch(/^Carried over from PostgreSQL 15 to 18: /);
    expect(existsSync(join(dataDir, "pg.15/PG_VERSION"))).toBe(true);
    expect(existsSync(join(dataDir, "upgrade"))).toBe(false);
    expect((await runCurlew(["upgrade-data"], env)).stdout).toContain("there is nothing to do");

    const server = await startServer({ dataDir });
    const { body } = await server.call("GET", "/workspaces");
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(["From before"]);
    // Nothing can have left in between: nothing is held.
    expect(server.output()).not.toContain("held back");
    await server.stop();

    // As it is ended between the two renamings.
    mkdirSync(join(dataDir, "upgrade"));
    renameSync(join(dataDir, "pg"), join(dataDir, "upgrade/pg"));
    expect((await runCurlew(["serve"], env)).stderr).toContain("Run curlew upgrade-data again");
    expect((await runCurlew(["upgrade-data"], env)).stdout).toContain("has come to its end");
    expect(existsSync(join(dataDir, "pg/PG_VERSION"))).toBe(true);
  },
);

import { afterEach, beforeEach, expect, test } from "vitest";
import { openMeddler } from "../support/database/meddler.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("a change of one endpoint opens no other's secret again, and a secret that was sealed anew is opened", async () => {
  const [a, b] = [await town.endpoint(), await town.endpoint()];
  const opened: string[] = [];
  const engine = await town.engine({
    openSecret: (sealed) => {
      opened.push(sealed);
      return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    },
  });
  const publish = async () => {
    await recorder(engine).accept(town.draft());
    await engine.quiet();
  };
  await publish();
  expect(opened).toHaveLength(2);
  await town.change("update endpoint set name = 'Renamed' where id = $1", [a.id]);
  await publish();
  expect(opened).toHaveLength(2);
  await town.change("update endpoint_secret set sealed = 'anew' where endpoint_id = $1", [b.id]);
  await publish();
  expect(opened.slice(2)).toEqual(["anew"]);
  expect(town.posts).toHaveLength(6);
});

test("what waits for an endpoint that was made since is sent by a process that has not heard of it", async () => {
  await town.endpoint();
  const [api, worker] = [await town.engine({ role: "api" }), await town.engine()];
  await worker.directory.get(town.workspaceId);
  const { url } = await town.endpoint();
  await recorder(api).accept(town.draft());
  await worker.retries.scan();
  await worker.retries.runOnce();
  await worker.quiet();
  expect(await town.rows("select state, reason from delivery order by endpoint")).toEqual([
    { state: "delivered", reason: null },
    { state: "delivered", reason: null },
  ]);
  expect(town.posts.map((post) => post.url)).toContain(url);
});

test("a change is applied to a workspace that was being read when it was made", async () => {
  const { serial } = await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const { directory } = await town.engine({ connections });
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let loading: Promise<unknown> = Promise.resolve();
  once("queue read_versions", async (run) => {
    await new Promise<void>((isRead) => {
      once("queue read_directory", async (read) => {
        const rows = await read();
        isRead();
        await answered;
        return rows;
      });
      loading = directory.get(town.workspaceId);
    });
    await town.change("update endpoint set state = 'paused' where serial = $1", [serial]);
    const versions = await run();
    setImmediate(answer);
    return versions;
  });
  await directory.refresh();
  await loading;
  const [instance] = await town.rows<{ version: number }>(
    "select config_version as version from instance",
  );
  expect(directory.version).toBe(instance?.version);
  expect(directory.cached(town.workspaceId)?.endpoints.get(serial)?.moves).toBe(false);
});

/** A workspace with an endpoint as a later release writes it, and something that waits for it. */
async function settleNewcomers(): Promise<{ id: string; serial: number }> {
  const { serial } = await town.endpoint();
  const id = town.ids.next();
  await town.rows("insert into workspace (id, name, created_at) values ($1, 'Newtown', now())", [
    id,
  ]);
  await town.rows(
    "update endpoint set workspace_id = $1, dialect = 'futuristic' where serial = $2",
    [id, serial],
  );
  return { id, serial };
}

test("a workspace that this release cannot read keeps nobody else's retries back", async () => {
  const { id, serial } = await settleNewcomers();
  const { url } = await town.endpoint({ schedule: [5] });
  const logger = silentLogger();
  const engine = await town.engine({ logger });
  town.answers.set(url, () => refused(500));
  const { id: eventId } = await recorder(engine).accept(town.draft());
  await engine.quiet();
  town.answers.delete(url);
  await town.rows(
    `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
     values ($1, $2, $3, $4, 1, 1, 1)`,
    [eventId, serial, id, new Date(town.clock.now())],
  );
  await town.clock.advance(5_000);
  await engine.beatOnce();
  await engine.retries.scan();
  expect(await engine.retries.runOnce()).toBe(1);
  await engine.quiet();
  expect(town.posts).toHaveLength(2);
  expect(await town.rows("select endpoint from retry")).toEqual([{ endpoint: serial }]);
});

test("a workspace that this release cannot read keeps no change of another from being applied", async () => {
  const { serial } = await town.endpoint();
  const { id, serial: other } = await settleNewcomers();
  await town.rows("update endpoint set dialect = 'curlew' where serial = $1", [other]);
  const engine = await town.engine();
  const { directory } = engine;
  for (const each of [id, town.workspaceId]) await directory.get(each);
  await town.rows("update endpoint set dialect = 'futuristic' where serial = $1", [other]);
  await town.rows("update workspace set config_version = config_version + 1 where id = $1", [id]);
  await town.change("update endpoint set state = 'paused' where serial = $1", [serial]);
  await directory.refresh();
  expect(directory.cached(town.workspaceId)?.endpoints.get(serial)?.moves).toBe(false);
  expect(directory.cached(id)).toBeUndefined();
  const [instance] = await town.rows<{ version: number }>(
    "select config_version as version from instance",
  );
  expect(directory.version).toBe(instance?.version);
});

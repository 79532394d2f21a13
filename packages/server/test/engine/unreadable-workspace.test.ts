import { afterEach, beforeEach, expect, test } from "vitest";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

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

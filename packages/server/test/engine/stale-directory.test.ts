import { afterEach, beforeEach, expect, test } from "vitest";
import { openMeddler } from "../support/database/meddler.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

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

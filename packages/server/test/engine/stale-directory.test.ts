import { afterEach, beforeEach, expect, test } from "vitest";
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

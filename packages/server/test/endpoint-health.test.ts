import { afterEach, beforeEach, expect, test } from "vitest";
import { publicId } from "../src/core/ids.ts";
import type { PostResult } from "../src/delivery/attempt.ts";
import { type Desk, openDesk } from "./support/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "./support/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const health = async (id: string) =>
  (await desk.call("GET", `/endpoints/${publicId("ep", id)}/health`)).body;

test("an endpoint that was never asked has nothing to show", async () => {
  const { id } = await town.endpoint();
  expect(await health(id)).toEqual({
    endpoint_id: publicId("ep", id),
    state: "enabled",
    breaker: { state: "closed", opened_at: null, failed_probes: 0, next_probe_at: null },
    failing_since: null,
    last_failure: null,
    waiting: 0,
    process: null,
    hours: [],
  });
});

test("requests are counted by hour, with the slow ones, and the last failure is named", async () => {
  const { id, url } = await town.endpoint();
  const accept = recorder(desk.engine);
  const answers: PostResult[] = [ok, ok, { ...ok, ms: 7_000 }, refused(500)];
  for (const answer of answers) {
    town.answers.set(url, () => answer);
    await accept.accept(town.draft());
    await desk.engine.quiet();
  }
  await desk.engine.carrier.writeCounts();
  town.answers.set(url, () => ok);
  await town.clock.advance(3_600_000);
  await desk.engine.beatOnce();
  await accept.accept(town.draft());
  await desk.engine.quiet();
  await desk.engine.carrier.writeCounts();
  await desk.engine.carrier.writeCounts();
  expect(await health(id)).toMatchObject({
    last_failure: { status: 500, error: null },
    waiting: 1,
    process: { in_flight: 0, in_memory: 0, slots: expect.any(Number) },
    hours: [
      { hour: "2026-03-02T09:00:00.000Z", delivered: 3, failed: 1, slow: 1, average_ms: 1752 },
      { hour: "2026-03-02T10:00:00.000Z", delivered: 1, failed: 0, slow: 0, average_ms: 3 },
    ],
  });
});

test("an endpoint that nobody may see is not found", async () => {
  const { id } = await town.endpoint();
  const accountId = town.ids.next();
  const answer = await desk.call("GET", `/endpoints/${publicId("ep", id)}/health`, undefined, {
    accountId,
  });
  expect(answer.status).toBe(404);
});

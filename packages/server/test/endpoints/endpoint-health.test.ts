import { afterEach, beforeEach, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

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
    missed: null,
    waiting: 0,
    behind_since: null,
    process: null,
    hours: [],
  });
});

test("what waits in the log alone is counted with the rest, and since when it does is told", async () => {
  const { id, serial } = await town.endpoint();
  await town.change(
    `update endpoint set state = 'paused', behind_version = 1, behind_from =
       (select insert_floor from process where state = 'living') where serial = $1`,
    [serial],
  );
  const accept = recorder(desk.engine);
  for (let n = 0; n < 3; n++) await accept.accept(town.draft());
  expect(await town.rows("select from retry")).toEqual([]);
  expect(await health(id)).toMatchObject({
    state: "paused",
    waiting: 3,
    behind_since: new Date(town.clock.now()).toISOString(),
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

test("what failing has cost is told while it lasts and when it is over, and can be replayed", async () => {
  const { id, url } = await town.endpoint({ schedule: [1] });
  const accept = recorder(desk.engine);
  town.answers.set(url, () => refused(500));
  for (let n = 0; n < 6; n++) {
    await accept.accept(town.draft());
    await desk.deliver();
    await town.clock.advance(3_000);
    await desk.deliver();
  }
  await until("its failing is noted", async () => (await health(id)).missed !== null);
  const { missed, failing_since: since } = await health(id);
  expect(missed).toEqual({ since, dead_letters: 6 });
  town.answers.delete(url);
  await accept.accept(town.draft());
  await desk.deliver();
  await until("it fares well", async () => (await health(id)).failing_since === null);
  expect((await health(id)).missed).toEqual(missed);
  const replay = await desk.call("POST", `/endpoints/${publicId("ep", id)}/replay`, {
    ...{ since: missed.since, states: ["dead"], dry_run: true },
  });
  expect(replay.body.count).toBe(6);
});

test("what was accepted before the first request had failed is part of what failing has cost", async () => {
  const { id, url } = await town.endpoint({ schedule: [1] });
  const accept = recorder(desk.engine);
  const acceptedAt = new Date(town.clock.now()).toISOString();
  town.answers.set(url, async () => {
    await town.clock.advance(2_000);
    return refused(500);
  });
  for (let n = 0; n < 3; n++) {
    await accept.accept(town.draft());
    await desk.deliver();
    await town.clock.advance(3_000);
    await desk.deliver();
  }
  await until("its failing is noted", async () => (await health(id)).missed !== null);
  const { missed, failing_since } = await health(id);
  expect(failing_since > acceptedAt).toBe(true);
  expect(missed).toEqual({ since: acceptedAt, dead_letters: 3 });
  const replay = await desk.call("POST", `/endpoints/${publicId("ep", id)}/replay`, {
    ...{ since: missed.since, states: ["dead"], dry_run: true },
  });
  expect(replay.body.count).toBe(3);
});

test("what had died before the failing began is no part of what it has cost", async () => {
  const { id, url } = await town.endpoint({ schedule: [1] });
  const accept = recorder(desk.engine);
  town.answers.set(url, () => refused(500));
  await accept.accept(town.draft());
  await desk.deliver();
  await town.clock.advance(3_000);
  await desk.deliver();
  town.answers.delete(url);
  await accept.accept(town.draft());
  await desk.deliver();
  await town.clock.advance(3_000);
  town.answers.set(url, () => refused(500));
  for (let n = 0; n < 6; n++) {
    await accept.accept(town.draft());
    await desk.deliver();
    await town.clock.advance(3_000);
    await desk.deliver();
  }
  await until("its failing is noted", async () => (await health(id)).missed !== null);
  expect((await health(id)).missed.dead_letters).toBe(6);
});

test("an endpoint that nobody may see is not found", async () => {
  const { id } = await town.endpoint();
  const accountId = town.ids.next();
  const answer = await desk.call("GET", `/endpoints/${publicId("ep", id)}/health`, undefined, {
    accountId,
  });
  expect(answer.status).toBe(404);
});

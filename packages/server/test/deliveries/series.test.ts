import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstIdAt, publicId } from "../../src/core/ids.ts";
import { readMinutes } from "../../src/storage/figures/minutes.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { planOf } from "../support/database/plans.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { ok, openTown, refused, type Town } from "../support/engine/town.ts";

const HOUR_MS = 3_600_000;
const SUMS = ["targeted", "delivered", "pending", "dead", "cancelled"] as const;

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

type Point = Record<(typeof SUMS)[number], number> & {
  at: string;
  endpoint_id: string | null;
  accepted: number | null;
  attempts: { delivered: number; failed: number; slow: number; answer: object | null };
};

const publish = (count: number) =>
  desk.call("POST", "/events", Array(count).fill({ type: "order.shipped", data: {} }));
const series = async (query = "", as?: Parameters<Desk["call"]>[3]): Promise<Point[]> =>
  (await desk.call("GET", `/series?${query}`, undefined, as)).body.data;
const sumOf = (points: readonly Point[], name: (typeof SUMS)[number]) =>
  points.reduce((sum, point) => sum + point[name], 0);
const rollUpAll = async () => {
  await desk.engine.beatOnce();
  while (await town.database.connections.transaction(rollUp));
};

/** Hours, days and endpoints of the series all add up to the ledger. */
async function expectLedger(): Promise<void> {
  const { totals, events } = (await desk.call("GET", "/ledger")).body;
  const week = new Date(town.clock.now() - 6 * 24 * HOUR_MS).toISOString();
  for (const query of [`from=${week}`, `from=${week}&step=day`]) {
    const points = await series(query);
    for (const name of SUMS) expect(sumOf(points, name), query).toBe(totals[name]);
    expect(points.reduce((sum, point) => sum + (point.accepted ?? 0), 0)).toBe(events.accepted);
  }
  // What the last hours hold, minute by minute.
  const since = new Date(town.clock.now() - 3 * HOUR_MS).toISOString();
  const minutes = await series(`step=minute&from=${since}`);
  for (const name of SUMS) expect(sumOf(minutes, name), "by the minute").toBe(totals[name]);
  expect(minutes.reduce((sum, point) => sum + (point.accepted ?? 0), 0)).toBe(events.accepted);
  const each = await series("by=endpoint&step=day");
  for (const name of SUMS) expect(sumOf(each, name), "by endpoint").toBe(totals[name]);
}

describe("the series", () => {
  test("equals the ledger hour by hour while things wait, arrive, die and are replayed", async () => {
    const [good, bad] = [await town.endpoint(), await town.endpoint({ schedule: [] })];
    let opens = () => {};
    const gate = new Promise<void>((resolve) => {
      opens = resolve;
    });
    for (const { url } of [good, bad]) {
      town.answers.set(url, async () => {
        await gate;
        return url === bad.url ? refused(500) : ok;
      });
    }
    await publish(3);
    await expectLedger();
    opens();
    await desk.deliver();
    await expectLedger();
    await rollUpAll();
    await town.clock.advance(2 * HOUR_MS);
    await publish(2);
    await desk.deliver();
    await expectLedger();
    await desk.call("POST", "/dead-letters/replay", {});
    while (await desk.jobs.runOnce());
    await expectLedger();
    await rollUpAll();
    town.answers.set(bad.url, () => ok);
    await desk.deliver();
    await expectLedger();
    await rollUpAll();
    await expectLedger();
    const points = (await series()).filter((point) => point.targeted > 0);
    expect(points.map(({ targeted, delivered }) => ({ targeted, delivered }))).toEqual([
      { targeted: 6, delivered: 6 },
      { targeted: 4, delivered: 4 },
    ]);
  });

  test("says how many requests failed in an hour, and how long answers and arrivals took", async () => {
    const endpoint = await town.endpoint({ schedule: [60] });
    let status = 500;
    town.answers.set(endpoint.url, () => (status === 200 ? { ...ok, ms: 100 } : refused(status)));
    await publish(4);
    await desk.deliver();
    status = 200;
    await town.clock.advance(60_000);
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    const points = await series();
    expect(points).toHaveLength(24);
    const { attempts } = points.at(-1) ?? {};
    expect(attempts).toMatchObject({ delivered: 4, failed: 4 });
    const { answer, arrival } = attempts as unknown as Record<string, Record<string, number>>;
    expect(answer?.["p50_ms"]).toBeLessThan(5);
    expect(answer?.["p95_ms"]).toBeGreaterThan(80);
    expect(answer?.["p95_ms"]).toBeLessThan(120);
    expect(arrival?.["p50_ms"]).toBeGreaterThan(50_000);
    // What two processes, or two rounds of one, have counted is added up.
    await publish(4);
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    const [each] = (await series("by=endpoint")).slice(-1);
    expect(each).toMatchObject({
      ...{ endpoint_id: publicId("ep", endpoint.id), accepted: null, targeted: 8 },
      attempts: { delivered: 8, failed: 4 },
    });
  });

  test("adds its points up, with what is tried again and the percentiles of the whole", async () => {
    const [quick, slow] = [await town.endpoint(), await town.endpoint({ schedule: [7_200] })];
    town.answers.set(quick.url, () => ({ ...ok, ms: 10 }));
    town.answers.set(slow.url, () => refused(500));
    await publish(2);
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    const totals = async (query = "") =>
      (await desk.call("GET", `/series?${query}`)).body.totals as Record<string, unknown>;
    const first = { targeted: 4, delivered: 2, pending: 2, retrying: 2, dead: 0, cancelled: 0 };
    expect(await totals()).toMatchObject({
      ...{ ...first, accepted: 2, unwanted: 0 },
      attempts: { delivered: 2, failed: 2, arrival: { p50_ms: expect.any(Number) } },
    });
    town.answers.set(slow.url, () => ({ ...ok, ms: 400 }));
    await town.clock.advance(2 * HOUR_MS);
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    // Those of the hour before the last are counted too.
    const whole = await totals();
    expect(whole).toMatchObject({ ...first, delivered: 4, pending: 0, retrying: 0 });
    const { answer, delivered, failed } = whole["attempts"] as Record<string, unknown>;
    expect({ delivered, failed }).toEqual({ delivered: 4, failed: 2 });
    expect((answer as { p99_ms: number }).p99_ms).toBeGreaterThan(300);
    expect((answer as { p50_ms: number }).p50_ms).toBeLessThan(20);
    const now = new Date(town.clock.now()).toISOString();
    expect(await totals(`from=${now}`)).toMatchObject({ targeted: 0, attempts: { delivered: 2 } });
    expect(await totals(`endpoint_id=${publicId("ep", slow.id)}`)).toMatchObject({
      ...{ targeted: 2, delivered: 2, accepted: null, unwanted: null },
    });
  });

  test("tells the minutes of the last hour apart, with what came of the requests that were made in each", async () => {
    const [good, bad] = [await town.endpoint(), await town.endpoint({ schedule: [90] })];
    let status = 500;
    town.answers.set(bad.url, () => (status === 200 ? { ...ok, ms: 100 } : refused(status)));
    const told = async (query = "") =>
      (await series(`step=minute${query}`)).map(({ at, ...point }) => ({
        at: at.slice(11, 16),
        ...point,
      }));
    const minute = (await told()).at(-1)?.at;
    await publish(3);
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    await town.clock.advance(60_000);
    await publish(2);
    await town.clock.advance(60_000);
    status = 200;
    await desk.deliver();
    await desk.engine.carrier.writeCounts();
    const points = await told();
    expect(points).toHaveLength(60);
    expect(points.slice(-3)).toMatchObject([
      {
        ...{ at: minute, accepted: 3, targeted: 6, delivered: 6, pending: 0 },
        attempts: { delivered: 3, failed: 3 },
      },
      {
        accepted: 2,
        targeted: 4,
        delivered: 4,
        attempts: { delivered: 0, failed: 0, answer: null },
      },
      {
        accepted: 0,
        targeted: 0,
        attempts: { delivered: 7, failed: 0, answer: expect.anything() },
      },
    ]);
    expect(await told(`&endpoint_id=${publicId("ep", good.id)}`)).toContainEqual(
      expect.objectContaining({ at: minute, accepted: null, targeted: 3, delivered: 3 }),
    );
    const each = (await told("&by=endpoint")).filter((point) => point.at === minute);
    expect(new Set(each.map((point) => point.endpoint_id))).toEqual(
      new Set([good, bad].map(({ id }) => publicId("ep", id))),
    );
    const { totals } = (await desk.call("GET", "/series?step=minute")).body;
    expect(totals).toMatchObject({
      ...{ accepted: 5, unwanted: 0, targeted: 10, delivered: 10, retrying: 0 },
      attempts: { delivered: 10, failed: 3 },
    });
  });

  test("counts minutes of the last three hours alone, and no more than may be counted", async () => {
    const ago = (ms: number) => new Date(town.clock.now() - ms).toISOString();
    const asked = (from: string, more = "") =>
      desk.call("GET", `/series?step=minute&from=${from}${more}`);
    expect((await asked(ago(3 * HOUR_MS))).status).toBe(200);
    expect(await asked(ago(3 * HOUR_MS + 120_000))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "from" }] },
    });
    await town.change(
      `insert into tally_event (workspace_id, day, hour, accepted, unwanted)
       values ($1, ($2::timestamptz at time zone 'UTC')::date, extract(hour from $2::timestamptz at time zone 'UTC'), 500001, 0)`,
      [town.workspaceId, ago(0)],
    );
    expect(await asked(ago(HOUR_MS))).toMatchObject({
      status: 422,
      body: {
        errors: [{ pointer: "step", detail: expect.stringContaining("some 500000 events") }],
      },
    });
    await town.clock.advance(30 * 60_000);
    expect((await asked(ago(5 * 60_000))).status, "five minutes of that hour").toBe(200);
  });

  test("finds minutes by ranges of ids, in the days that hold them", async () => {
    const first = town.clock.now() - HOUR_MS;
    const plan = await town.database.connections.transaction(async (tx) => {
      // A table of a few rows is read whole, whatever its indexes.
      await tx.query("set local enable_seqscan = off");
      await tx.query("set local plan_cache_mode = force_generic_plan");
      return planOf(tx, (db) =>
        readMinutes(db, {
          ...{ workspaceId: town.workspaceId, endpoints: null, byEndpoint: false },
          firstId: firstIdAt(first),
          endId: firstIdAt(first + HOUR_MS),
        }),
      );
    });
    expect(plan).toMatch(/Index Cond: .*id >= .*id < /);
    expect(plan).toMatch(/Index Cond: .*event_id >= .*event_id < /);
    expect(plan).not.toMatch(/Seq Scan on (event|delivery)_/);
    const days = new Set(plan.match(/(?<=on )(event|delivery)_\d{8}/g));
    expect(days.size, plan).toBe(2);
  });

  test("gives every point of its range, empty ones too, and refuses too many", async () => {
    const points = await series("step=day&from=2026-01-01T00:00:00Z&to=2026-01-04T00:00:00Z");
    expect(points.map(({ at }) => at)).toEqual(
      ["01", "02", "03"].map((day) => `2026-01-${day}T00:00:00.000Z`),
    );
    expect(points[0]).toMatchObject({ accepted: 0, targeted: 0, attempts: { answer: null } });
    const refusals = [
      "from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z",
      "from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z",
      "by=endpoint&from=2026-01-01T00:00:00Z&to=2026-01-04T00:00:00Z",
      "from=yesterday",
      "to=0000-01-01T00:00:00Z",
      "to=9999-12-31T23:59:59-23:59",
      "step=minute&to=9999-12-31T23:59:59-23:59",
    ];
    for (const query of refusals) {
      expect((await desk.call("GET", `/series?${query}`)).status, query).toBe(422);
    }
  });

  test("shows a confined key its own endpoints, and no one else's events", async () => {
    const [mine] = [await town.endpoint(), await town.endpoint()];
    const accountId = await openAccount(town);
    const owns = "update endpoint set owner_account_id = $2 where id = $1";
    await publish(2);
    await desk.deliver();
    await town.change(owns, [mine.id, accountId]);
    const now = (await series("", { accountId })).at(-1);
    expect(now).toMatchObject({ targeted: 2, delivered: 2, accepted: null });
    expect((await series()).at(-1)).toMatchObject({ targeted: 4, accepted: 2 });
    const ofOne = await series(`endpoint_id=${publicId("ep", mine.id)}`);
    expect(ofOne.at(-1)).toMatchObject({ targeted: 2, accepted: null });
  });
});

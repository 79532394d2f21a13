import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstIdAt } from "../../src/core/ids.ts";
import { type HousekeepingDeps, housekeepOnce } from "../../src/delivery/rounds/housekeeping.ts";
import { readQueueGauges } from "../../src/storage/figures/queue-gauges.ts";
import { type Desk, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { openTown, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { silentMetrics } from "../support/silent-metrics.ts";

const DAY_MS = 86_400_000;

let town: Town;
let desk: Desk;
let cancelled: number[];
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
  cancelled = [];
});
afterEach(() => town.end());

const logger = silentLogger();
const keep = (overrides: Partial<HousekeepingDeps> = {}) =>
  housekeepOnce({
    ...{ connections: town.database.connections, clock: town.clock, logger },
    ...{ retentionMs: RETENTION_MS, payloadMs: RETENTION_MS },
    onCancelled: (deliveries) => cancelled.push(deliveries),
    ...overrides,
  });
const publish = async () => {
  await desk.call("POST", "/events", { type: "a.b", data: {} });
  await desk.deliver();
};
/** The last instant at which a day that has just begun at `at` is kept. */
const lastKept = (at: number) => at - (at % DAY_MS) + DAY_MS - 1 + RETENTION_MS;
const days = async (table: string) =>
  (
    await town.rows<{ day: string }>(
      `select right(c.relname, 8) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = $1::regclass order by 1`,
      [table],
    )
  ).map(({ day }) => day);

describe("an hourly round", () => {
  test("makes the days of the week to come, and a second one changes nothing", async () => {
    expect(await days("event")).toHaveLength(4);
    expect((await keep()).partitionsMade).toBe(6 * 5);
    expect(await days("event")).toContain("20260309");
    expect(await keep()).toMatchObject({ partitionsMade: 0, cancelled: 0, dropped: [] });
  });

  test("keeps a day for as long as was asked, then cancels what waits in it and drops it whole", async () => {
    const { url } = await town.endpoint({ schedule: [3_600] });
    town.answers.set(url, () => refused(500));
    await publish();
    const accepted = town.clock.now();
    town.clock.setNow(lastKept(accepted));
    await keep();
    expect(await days("event")).toContain("20260302");
    expect(await town.rows("select from retry")).toHaveLength(1);

    town.clock.setNow(lastKept(accepted) + 1);
    const done = await keep();
    expect(done.cancelled).toBe(1);
    expect(cancelled).toEqual([1]);
    expect(done.dropped?.filter((name) => name.endsWith("_20260302"))).toHaveLength(6);
    for (const table of ["event", "delivery", "attempt"]) {
      expect(await days(table)).not.toContain("20260302");
    }
    expect(await town.rows("select from retry")).toEqual([]);
    expect((await desk.call("GET", "/deliveries")).body.data).toEqual([]);
  });

  test("lets the outcome of an attempt that was under way in a dropped day go", async () => {
    const dropped: string[] = [];
    desk = await openDesk(town, {
      metrics: { ...silentMetrics, dropped: (reason) => void dropped.push(reason) },
    });
    const { url } = await town.endpoint();
    let answer = (): void => {};
    town.answers.set(url, () => new Promise((resolve) => (answer = () => resolve(refused(500)))));
    await desk.call("POST", "/events", { type: "a.b", data: {} });
    town.clock.setNow(lastKept(town.clock.now()) + 1);
    await keep();
    answer();
    await desk.engine.quiet();
    expect(dropped).toEqual(["day_closed"]);
    expect(await town.rows("select from retry")).toEqual([]);
  });

  test("forgets what came of requests by the minute after four hours, by the hour with its day", async () => {
    await town.endpoint();
    await publish();
    await desk.engine.carrier.writeCounts();
    const kept = async () =>
      (
        await town.rows<{ minutes: number; hours: number }>(
          `select (select count(*)::int from endpoint_minute) as minutes,
           (select count(*)::int from endpoint_hour) as hours`,
        )
      )[0];
    town.clock.setNow(town.clock.now() + 4 * 3_600_000);
    await keep();
    expect(await kept()).toEqual({ minutes: 1, hours: 1 });
    town.clock.setNow(town.clock.now() + 60_000);
    await keep();
    expect(await kept()).toEqual({ minutes: 0, hours: 1 });
  });

  test("forgets processes that ended a day ago, idempotency keys, and what providers call lost messages", async () => {
    const now = town.clock.now();
    await town.rows(
      `insert into process (id, name, role, state, insert_floor, settled_floor, started_at, heartbeat_at)
       select 100 + hours, 'x', 'all', 'recovered', gen_random_uuid(), gen_random_uuid(), $1, $1::timestamptz - hours * interval '1 hour'
       from unnest(array[23, 25]) as hours`,
      [new Date(now)],
    );
    await town.rows(
      `insert into idempotency (workspace_id, route, key, hash, refs, created_at, expires_at)
       select $1, 'r', 'k' || coalesce(s::text, ' for good'), '', '{}', $2, $2::timestamptz + s * interval '1 second' from unnest(array[-1, 1, null]) s`,
      [town.workspaceId, new Date(now)],
    );
    await town.rows(`insert into provider_ref (channel_id, kind, provider_id, message_id)
      select gen_random_uuid(), 'message', id::text, id from unnest(array['${firstIdAt(now)}',
        '${firstIdAt(now - (now % DAY_MS) - RETENTION_MS)}', '${firstIdAt(now - (now % DAY_MS) - RETENTION_MS - 1)}']::uuid[]) id`);
    expect(await keep()).toMatchObject({ keys: 1, providerRefs: 1 });
    expect(await town.rows("select id from process where id > 100")).toEqual([{ id: 123 }]);
    expect(await town.rows("select key from idempotency order by key")).toEqual([
      ...[{ key: "k for good" }, { key: "k1" }],
    ]);
    expect(await town.rows("select from provider_ref")).toHaveLength(2);
  });

  test("destroys a secret that was being retired when its time is over, and no other", async () => {
    const { id } = await town.endpoint();
    const now = town.clock.now();
    await town.rows(
      `insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at, expires_at)
       select gen_random_uuid(), $1, s, case s when 'staged' then 'staged' else 'retiring' end, $2,
         $2::timestamptz + case s when 'live' then interval '1 second' else interval '0' end
       from unnest(array['over', 'live', 'staged']) s`,
      [id, new Date(now)],
    );
    expect((await keep()).secrets).toBe(1);
    const left = await town.rows<{ sealed: string }>("select sealed from endpoint_secret");
    expect(left.map(({ sealed }) => sealed.replace(/whsec.*/, "signing")).sort()).toEqual([
      ...["live", "signing", "staged"],
    ]);
  });

  test("forgets jobs that ended before anything that is kept", async () => {
    await town.rows(
      `insert into job (id, kind, state, created_at, updated_at, finished_at)
       select gen_random_uuid(), 'replay', state, $1, $1, finished_at from (values
         ('done', $1::timestamptz - interval '91 days'), ('done', $1 - interval '89 days'), ('running', null)) j (state, finished_at)`,
      [new Date(town.clock.now())],
    );
    expect((await keep()).jobs).toBe(1);
    expect(await town.rows("select from job")).toHaveLength(2);
  });

  test("forgets sessions and verifications that are over, and invitations a week after their time", async () => {
    const now = town.clock.now();
    await town.rows("insert into person (id, name, email) values ('p', 'P', 'p@example.com')");
    for (const table of ["sign_in", "verification"]) {
      const rest = table === "sign_in" ? "token, person_id" : "identifier, value";
      await town.rows(
        `insert into ${table} (id, ${rest}, expires_at) select e, e, 'p', $1::timestamptz + e::interval
         from unnest(array['-1 second', '0 second', '1 second']) e`,
        [new Date(now)],
      );
    }
    await town.rows(
      `insert into invitation (id, workspace_id, email, role, digest, created_at, expires_at)
       select gen_random_uuid(), $1, e, 'owner', e::bytea, $2, $2::timestamptz + e::interval
       from unnest(array['-169 hour', '-167 hour', '1 hour']) e`,
      [town.workspaceId, new Date(now)],
    );
    expect(await keep()).toMatchObject({ signIns: 4, invitations: 1 });
    expect(await town.rows("select id from sign_in")).toEqual([{ id: "1 second" }]);
    expect(await town.rows("select id from verification")).toEqual([{ id: "1 second" }]);
    expect(await town.rows("select email from invitation order by expires_at")).toEqual([
      ...[{ email: "-167 hour" }, { email: "1 hour" }],
    ]);
  });

  test("forgets what was expunged by itself when its day is gone", async () => {
    const firstKept = town.clock.now() - (town.clock.now() % DAY_MS) - RETENTION_MS;
    const ids = [firstIdAt(firstKept - 1), firstIdAt(firstKept)];
    await town.rows(
      "insert into expunged_event (event_id, workspace_id, expunged_at) select id, $1, $2 from unnest($3::uuid[]) id",
      [town.workspaceId, new Date(firstKept), ids],
    );
    await keep();
    expect(await town.rows("select event_id as id from expunged_event")).toEqual([{ id: ids[1] }]);
  });

  test("keeps the audit log for as long as events", async () => {
    const firstKept = town.clock.now() - (town.clock.now() % DAY_MS) - RETENTION_MS;
    await town.rows(
      `insert into audit_entry (id, workspace_id, at, actor_kind, operation, method, path, request_id)
       select id, $1, $2, 'admin', 'PUT /v1/x', 'PUT', '/v1/x', 'r' from unnest($3::uuid[]) id`,
      [town.workspaceId, new Date(firstKept), [firstIdAt(firstKept - 1), firstIdAt(firstKept)]],
    );
    expect((await keep()).auditEntries).toBe(1);
    expect(await town.rows("select id from audit_entry")).toEqual([{ id: firstIdAt(firstKept) }]);
  });

  test("does the rest when a part of it fails", async () => {
    await town.rows("alter table provider_ref rename to provider_ref_away");
    const done = await keep();
    expect(done.providerRefs).toBeUndefined();
    expect(done).toMatchObject({ keys: 0, secrets: 0 });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({ part: "provider references" }),
      }),
    );
  });

  test("in two processes at once cancels and drops everything once", async () => {
    const { url } = await town.endpoint({ schedule: [3_600] });
    town.answers.set(url, () => refused(500));
    await publish();
    town.clock.setNow(lastKept(town.clock.now()) + 1);
    const rounds = await Promise.all([keep(), keep()]);
    const dropped = rounds.flatMap((round) => round.dropped ?? []);
    expect(new Set(dropped).size).toBe(dropped.length);
    expect(cancelled).toEqual([1]);
    await keep();
    expect(await days("event")).not.toContain("20260302");
  });
});

describe("the gauges of the queues", () => {
  const gauges = () => readQueueGauges(town.database.connections.pool, town.clock.now());

  test("of an idle instance say that nothing waits", async () => {
    await desk.engine.beatOnce();
    expect(await gauges()).toEqual({
      ...{ retryRows: 0, parkedRows: 0, retryOrphans: 0, oldestDueSeconds: 0 },
      ...{ endpointsBehind: 0, behindSeconds: 0 },
      ...{ outboxQueued: 0, outboxSending: 0, outboxInDoubt: 0, outboxOldestDueSeconds: 0 },
      ...{ insertFloorAgeSeconds: 0, settledFloorAgeSeconds: 0 },
      ...{ livingProcesses: 1, partitionDaysAhead: 2 },
    });
  });

  test("say how much waits and for how long, of endpoints that move", async () => {
    const failing = await town.endpoint({ schedule: [10] });
    const paused = await town.endpoint({ schedule: [10] });
    for (const { url } of [failing, paused]) town.answers.set(url, () => refused(500));
    await publish();
    await town.change("update endpoint set state = 'paused' where id = $1", [paused.id]);
    await town.change(
      "update retry set next_at = next_at - interval '9 seconds' where endpoint = $1",
      [paused.serial],
    );
    expect(await gauges()).toMatchObject({ retryRows: 2, oldestDueSeconds: 0 });
    await town.clock.advance(25_000);
    expect(await gauges()).toMatchObject({ retryRows: 2, oldestDueSeconds: 15 });
    await town.rows("update retry set owner = 4711 where endpoint = $1", [failing.serial]);
    expect(await gauges()).toMatchObject({ retryOrphans: 1, oldestDueSeconds: 0 });
    expect((await gauges()).settledFloorAgeSeconds).toBeCloseTo(25, 0);
  });

  test("say what waits to be sent", async () => {
    const now = new Date(town.clock.now() - 3_000);
    await town.rows(
      `insert into outbox (message_id, workspace_id, channel_id, conversation_id, state, request, next_at, created_at)
       select gen_random_uuid(), $1, $1, $1, state, '{}', $2, $2 from unnest(array['queued', 'queued', 'sending', 'in_doubt']) state`,
      [town.workspaceId, now],
    );
    expect(await gauges()).toMatchObject({
      ...{ outboxQueued: 2, outboxSending: 1, outboxInDoubt: 1, outboxOldestDueSeconds: 3 },
    });
  });
});

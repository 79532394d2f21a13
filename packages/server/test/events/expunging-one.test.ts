import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { scopesOf } from "../../src/core/workspaces/roles.ts";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { expungeOnce, expungerOf } from "../../src/delivery/rounds/expunging.ts";
import { dialectNames } from "../../src/dialects/registry.ts";
import { eventExpungingRoutes } from "../../src/http/events/expunging.ts";
import { settleRetries } from "../../src/storage/deliveries/deliveries.ts";
import { insertEndpointVersion } from "../../src/storage/endpoints/endpoints.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { handOver, lockBehind } from "../../src/storage/queue/behind.ts";
import { addTarget } from "../../src/storage/queue/missing.ts";
import { expungeEvent } from "../../src/storage/retention/expunging.ts";
import { httpApp, principalWith } from "../support/api/http.ts";
import { readBooks } from "../support/database/books.ts";
import { storedRows } from "../support/database/stored-rows.ts";
import { type Desk, openAccount, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { ok, openTown, type Post, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;
const WORDS = "Rosalind-4711";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

type As = Parameters<Desk["call"]>[3];
const echo = (post: Post) => ({ ...refused(500), body: post.body });
const publish = async (fields: object = {}) => {
  const { body } = await desk.call("POST", "/events", {
    ...{ type: "order.placed", data: { name: WORDS }, ...fields },
  });
  await desk.deliver();
  await town.clock.advance(1_000);
  await desk.engine.beatOnce();
  return body.id as string;
};
const expunge = (id: string, as?: As) => desk.call("POST", `/events/${id}/expunge`, undefined, as);
const deliveriesOf = async (id: string) =>
  (await desk.call("GET", `/deliveries?event_id=${id}`)).body.data;
const wordsIn = async () =>
  (await storedRows(town.database.connections.pool)).filter((row) => row.includes(WORDS));
const onlyEvent = async () =>
  (await town.rows<{ id: string }>("select id from event"))[0]?.id ?? "";
const serialOf = async (id: string) =>
  (await town.rows<{ serial: number }>("select serial from endpoint where id = $1", [id]))[0]
    ?.serial;
const settleBooks = async () => {
  await town.clock.advance(1_000);
  await desk.engine.beatOnce();
  while (await town.database.connections.transaction(rollUp));
};
const expectBalance = async () => {
  await settleBooks();
  const { ledger, counted } = await readBooks(town.database.connections.pool, town.workspaceId);
  expect(ledger).toEqual(counted);
};

describe("an event that is expunged by itself", () => {
  test("loses its body wherever it is kept, and nothing else, and says what went", async () => {
    const dead = await town.endpoint({ schedule: [] });
    const waiting = await town.endpoint({ schedule: [3_600] });
    const delivered = await town.endpoint();
    for (const { url } of [dead, waiting]) town.answers.set(url, echo);
    town.answers.set(delivered.url, (post) => ({ ...ok, body: post.body }));
    const other = await publish({ data: { name: "Somebody else" } });
    const id = await publish();
    expect(await wordsIn()).not.toEqual([]);
    expect(await expunge(id)).toMatchObject({
      status: 200,
      body: {
        ...{ id, body_expunged: true, was_expunged: false },
        ...{ deliveries: 2, attempts: 3, cancelled: 1, caught: 0 },
      },
    });
    expect(await wordsIn()).toEqual([]);
    expect((await desk.call("GET", `/events/${id}`)).body).toMatchObject({
      body_expunged: true,
      payload: { id, type: "order.placed", body_expunged: true, contact: null, data: {} },
    });
    expect(await deliveriesOf(id)).toMatchObject([
      { state: "delivered", last_status: 200, body_expunged: true },
      { state: "cancelled", reason: "expunged", attempts: 1 },
      { state: "dead", last_status: 500, attempts: 1 },
    ]);
    expect((await desk.call("GET", `/events/${other}`)).body).toMatchObject({
      body_expunged: false,
      payload: { data: { name: "Somebody else" } },
    });
    expect(await deliveriesOf(other)).toMatchObject([
      { state: "delivered", body_expunged: false },
      { state: "pending" },
      { state: "dead" },
    ]);
    await expectBalance();
  });

  test("stays so: to ask again changes nothing, also when two ask at once", async () => {
    const { url } = await town.endpoint({ schedule: [3_600] });
    town.answers.set(url, echo);
    const id = await publish();
    const both = await Promise.all([expunge(id), expunge(id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(both.map(({ body }) => body.was_expunged))).toEqual(new Set([false, true]));
    expect(await expunge(id)).toMatchObject({
      status: 200,
      body: { was_expunged: true, deliveries: 0, attempts: 0, cancelled: 0, caught: 0 },
    });
    await expectBalance();
  });

  test("is cancelled where an endpoint that stands still is owed it, and what it is owed else stays", async () => {
    const { id: endpointId, url } = await town.endpoint();
    await publish();
    await town.change(
      `update endpoint set state = 'paused', behind_version = 0,
         behind_from = (select insert_floor from process where state = 'living') where id = $1`,
      [endpointId],
    );
    await desk.engine.directory.refresh();
    const owed = [await publish(), await publish()];
    town.posts.length = 0;
    expect((await expunge(owed[0] ?? "")).body).toMatchObject({ cancelled: 1, attempts: 0 });
    const { ledger, counted } = await readBooks(town.database.connections.pool, town.workspaceId);
    expect(ledger, "before the roll-up").toEqual(counted);
    await expectBalance();
    expect(await deliveriesOf(owed[0] ?? "")).toMatchObject([
      { state: "cancelled", reason: "expunged" },
    ]);
    expect(await deliveriesOf(owed[1] ?? "")).toMatchObject([{ state: "pending" }]);
    const behind = await town.database.connections.transaction(async (tx) => {
      const mark = await lockBehind(tx, (await serialOf(endpointId)) ?? 0);
      const floors = await town.rows<{ floor: string }>(
        "select insert_floor as floor from process where state = 'living'",
      );
      const to = floors[0]?.floor ?? "";
      return mark && handOver(tx, mark, { to, limit: 100, now: town.clock.now() });
    });
    expect(behind?.given, "its return brings the other alone").toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toEqual([]);
  });

  test("is another's to expunge: an account sees its own, a workspace its own", async () => {
    const mine = await openAccount(town, "Mine");
    const theirs = await openAccount(town, "Theirs");
    const id = await publish({ account_id: publicId("acc", theirs) });
    expect((await expunge(id, { accountId: mine })).status).toBe(404);
    expect((await expunge(id, { workspaceId: town.ids.next() })).status).toBe(404);
    expect((await expunge(publicId("evt", town.ids.next()))).status).toBe(404);
    expect((await expunge(id, { accountId: theirs })).status).toBe(200);
  });

  test("is for owners, and for keys that have the scope of it", async () => {
    const id = await publish();
    for (const role of ["developer", "agent", "read_only"] as const) {
      expect(await expunge(id, { scopes: scopesOf(role) })).toMatchObject({
        ...{ status: 403, body: { code: "forbidden" } },
      });
    }
    const { scopes } = principalWith("events:read", "events:write", "deliveries:write");
    expect((await expunge(id, { scopes })).body.detail).toContain("events:expunge");
    expect(await wordsIn()).not.toEqual([]);
    const { scopes: given } = principalWith("events:expunge");
    expect((await expunge(id, { scopes: given })).status).toBe(200);
    expect((await expunge(id, { scopes: scopesOf("owner") })).status).toBe(200);
  });

  test("stands in the audit log", async () => {
    const id = await publish();
    const { connections } = town.database;
    const { clock } = town;
    const app = httpApp({
      principal: { ...principalWith("events:expunge"), workspaceId: town.workspaceId },
      audit: { db: connections.pool, clock, newId: () => town.ids.next() },
      routes: [
        eventExpungingRoutes({
          expungeOne: expungerOf({ connections, clock, wake() {}, onCancelled() {} }),
        }),
      ],
    });
    expect((await app.request(`/v1/events/${id}/expunge`, { method: "POST" })).status).toBe(200);
    expect(await town.rows("select operation, path from audit_entry")).toEqual([
      { operation: "POST /v1/events/:id/expunge", path: `/v1/events/${id}/expunge` },
    ]);
  });

  test("while a request with it is under way is refused, and may be once that has ended", async () => {
    const { url } = await town.endpoint();
    let answer = (): void => {};
    town.answers.set(
      url,
      (post) =>
        new Promise(
          (resolve) => (answer = () => resolve({ ...ok, body: post.body } as PostResult)),
        ),
    );
    const { body } = await desk.call("POST", "/events", {
      ...{ type: "order.placed", data: { name: WORDS } },
    });
    await desk.engine.beatOnce();
    const refusal = await expunge(body.id);
    expect(refusal).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(refusal.headers.get("retry-after")).toBe("5");
    expect((await desk.call("GET", `/events/${body.id}`)).body.body_expunged).toBe(false);
    answer();
    await desk.engine.quiet();
    await town.clock.advance(1_000);
    await desk.engine.beatOnce();

    const [delivery] = await deliveriesOf(body.id);
    await desk.call("POST", `/deliveries/${delivery.id}/replay`);
    await desk.engine.retries.runOnce();
    expect((await expunge(body.id)).status, "a replay alike").toBe(409);
    answer();
    await desk.engine.quiet();
    expect((await expunge(body.id)).status).toBe(200);
    expect(await wordsIn()).toEqual([]);
    await expectBalance();
  });

  test("is taken from our own receivers", async () => {
    const id = await publish();
    const catcher = town.ids.next();
    await town.rows(
      `insert into catcher (id, workspace_id, name, status, delay_ms, keep, created_at, updated_at)
       values ($1, $2, 'c', 200, 0, 10, now(), now())`,
      [catcher, town.workspaceId],
    );
    await town.rows(
      `insert into catcher_request (id, catcher_id, received_at, method, headers, body, body_bytes, answered)
       select gen_random_uuid(), $1, now(), 'POST', headers, convert_to($2, 'UTF8'), 13, 200 from unnest($3::text[]) headers`,
      [catcher, WORDS, [JSON.stringify([["webhook-id", id]]), "[]"]],
    );
    expect((await expunge(id)).body.caught).toBe(1);
    expect(
      await town.rows(
        "select body is null as gone, headers <> '[]' as its from catcher_request order by 1",
      ),
    ).toEqual([
      { gone: false, its: false },
      { gone: true, its: true },
    ]);
  });

  test("gets no words back from an answer that comes late", async () => {
    const { serial } = await town.endpoint();
    const id = await publish();
    const eventId = await onlyEvent();
    await expunge(id);
    const attempt = {
      ...{ sentAt: town.clock.now(), ms: 1, firstByteMs: 1, connection: null, status: 200 },
      ...{ error: null, detail: WORDS, response: WORDS, signedBy: null, resentAfter: null },
    };
    await town.database.connections.transaction((tx) =>
      settleRetries(
        tx,
        [
          {
            ...{ process: 1, eventId, endpoint: serial, workspaceId: town.workspaceId },
            ...{ n: 9, round: 2, roundN: 9, conversationId: null, seq: null },
            ...{ state: "delivered", nextAt: null, attempt, endedAt: town.clock.now() },
            ...{ reason: null, renderer: 1, body: WORDS },
          },
        ],
        town.clock.now(),
      ),
    );
    expect(await town.rows("select n, status, response, detail from attempt where n = 9")).toEqual([
      { n: 9, status: 200, response: null, detail: null },
    ]);
    expect(await wordsIn()).toEqual([]);
  });

  test("has its day's files swept with the next round, and goes over into its day", async () => {
    const id = await publish();
    await expunge(id);
    const round = (payloadMs: number) =>
      expungeOnce({
        ...{ connections: town.database.connections, slow: town.database.connections.pool },
        ...{ clock: town.clock, logger: silentLogger() },
        ...{ payloadMs, retentionMs: RETENTION_MS, wake() {}, onCancelled() {}, doubt() {} },
      });
    expect((await round(RETENTION_MS)).swept).toEqual(["2026-03-02"]);
    expect((await round(RETENTION_MS)).swept).toEqual([]);
    expect(await town.rows("select from expunged_event")).toHaveLength(1);
    town.clock.setNow(town.clock.now() + 2 * DAY_MS);
    await desk.engine.beatOnce();
    await round(DAY_MS);
    expect(await town.rows("select from expunged_event")).toEqual([]);
    expect((await expunge(id)).body.was_expunged).toBe(true);
  });
});

test("a delivery of what was expunged can be looked at in every dialect", async () => {
  for (const dialect of dialectNames) {
    const { url } = await town.endpoint({ dialect, schedule: [] });
    town.answers.set(url, echo);
  }
  const id = await publish();
  // Few dialects have a name for it; what they have sent of another event looks like this.
  await town.rows("update event set targets = array(select serial from endpoint)");
  for (const table of ["delivery", "attempt"]) {
    await town.rows(
      `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('endpoint', e.serial))).*
       from ${table} t cross join endpoint e on conflict do nothing`,
    );
  }
  await expunge(id);
  const deliveries = await deliveriesOf(id);
  expect(deliveries).toHaveLength(dialectNames.length);
  for (const delivery of deliveries) {
    expect(await desk.call("GET", `/deliveries/${delivery.id}`)).toMatchObject({
      status: 200,
      body: { state: "dead", request: { method: "POST", body: null } },
    });
  }
});

describe("what was expunged is not replayed", () => {
  const replay = (id: string) => desk.call("POST", `/deliveries/${id}/replay`);

  test("alone: it is refused in words", async () => {
    await town.endpoint();
    const id = await publish();
    await expunge(id);
    const [delivery] = await deliveriesOf(id);
    expect(await replay(delivery.id)).toMatchObject({
      ...{ status: 409, body: { code: "not_replayable", detail: "Its body has been expunged." } },
    });
    expect(
      await desk.call("GET", `/deliveries/${delivery.id}/shadow?dialect=chatmefy`),
    ).toMatchObject({ status: 410, body: { code: "body_expunged" } });
    expect(await town.rows("select from retry")).toEqual([]);
  });

  test("among many: it is left out, and counted", async () => {
    const { id, url } = await town.endpoint({ schedule: [] });
    town.answers.set(url, () => refused(500));
    const ids = [await publish(), await publish(), await publish()];
    await expunge(ids[1] ?? "");
    town.answers.set(url, () => ok);
    town.posts.length = 0;
    const dry = await desk.call("POST", "/dead-letters/replay", { dry_run: true });
    expect(dry.body).toMatchObject({ count: 2, expunged: 1, is_exact: true });
    const started = await desk.call("POST", `/endpoints/${publicId("ep", id)}/replay`, {
      since: new Date(town.clock.now() - 3_600_000).toISOString(),
    });
    expect(started.body).toMatchObject({ count: 2, expunged: 1 });
    while (await desk.jobs.runOnce());
    await desk.deliver();
    expect(town.posts.map(({ headers }) => headers["webhook-id"])).toEqual([ids[0], ids[2]]);
    expect((await desk.call("GET", `/jobs/${started.body.job_id}`)).body).toMatchObject({
      ...{ state: "done", done: 2, total: 2 },
    });
    await expectBalance();
  });

  test("to whom it is missing: it is left out, counted, and its targets stay as they were", async () => {
    const ids = [await publish(), await publish()];
    const late = await town.endpoint({ filter: { "data.name": { equals: WORDS } } });
    await desk.engine.directory.refresh();
    await settleBooks();
    await expunge(ids[0] ?? "");
    const asked = {
      since: new Date(town.clock.now() - 3_600_000).toISOString(),
      states: ["missing"],
    };
    const path = `/endpoints/${publicId("ep", late.id)}/replay`;
    expect((await desk.call("POST", path, { ...asked, dry_run: true })).body).toMatchObject({
      ...{ count: 1, expunged: 1, is_exact: true },
    });
    const started = await desk.call("POST", path, asked);
    // It goes between the count and the job.
    await expunge(ids[1] ?? "");
    while (await desk.jobs.runOnce());
    await desk.deliver();
    expect((await desk.call("GET", `/jobs/${started.body.job_id}`)).body.done).toBe(0);
    expect(town.posts).toEqual([]);
    expect(await town.rows("select targets from event")).toEqual([
      { targets: [] },
      { targets: [] },
    ]);
    expect(await town.rows("select from retry")).toEqual([]);
    await expectBalance();
  });

  test("to whom it is missing, when both are at it at once: who comes second sees it gone", async () => {
    await publish();
    const eventId = await onlyEvent();
    const { serial } = await town.endpoint();
    const { connections } = town.database;
    const { workspaceId } = town;
    let commit = () => {};
    const held = new Promise<void>((resolve) => (commit = resolve));
    const now = town.clock.now();
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const first = connections.transaction(async (tx) => {
      await expungeEvent(tx, { workspaceId, accountId: null }, { id: eventId, now });
      begun();
      await held;
    });
    await hasBegun;
    const second = connections.transaction((tx) =>
      addTarget(tx, { workspaceId, endpoint: serial, eventIds: [eventId], now }),
    );
    await until("the other waits for the event's row", async () => {
      const waiting =
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      return (await town.rows(waiting)).length > 0;
    });
    commit();
    await first;
    expect(await second).toBe(0);
    expect(await town.rows("select targets from event")).toEqual([{ targets: [] }]);
    expect(await town.rows("select from retry")).toEqual([]);
  });

  test("by whom a moment kept in the queue: it is cancelled and not sent", async () => {
    const { url, serial } = await town.endpoint({ schedule: [] });
    town.answers.set(url, () => refused(500));
    const id = await publish();
    await expunge(id);
    const eventId = await onlyEvent();
    await town.rows(
      `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n) values ($1, $2, $3, $4, 2, 2, 2)`,
      [eventId, serial, town.workspaceId, new Date(town.clock.now())],
    );
    town.posts.length = 0;
    desk.engine.wake([serial]);
    await desk.deliver();
    expect(town.posts).toEqual([]);
    expect(await town.rows("select from retry")).toEqual([]);
    expect(await deliveriesOf(id)).toMatchObject([{ state: "cancelled", reason: "expunged" }]);
  });

  test("nor is what is about to be: its day is over", async () => {
    const { url } = await town.endpoint({ schedule: [] });
    desk = await openDesk(town, {}, undefined, DAY_MS);
    town.answers.set(url, () => refused(500));
    const id = await publish();
    const [delivery] = await deliveriesOf(id);
    town.clock.setNow(town.clock.now() + 2 * DAY_MS);
    await desk.engine.beatOnce();
    expect((await replay(delivery.id)).body).toMatchObject({ code: "not_replayable" });
    expect((await desk.call("POST", "/dead-letters/replay", { dry_run: true })).body).toMatchObject(
      { count: 0, expunged: 1 },
    );
  });
});

test("why an event went somewhere is told without its body, as far as that can be", async () => {
  const snapshots = async (filter: object | null) => {
    const made = await town.endpoint({ ...(filter && { filter }) });
    await town.database.connections.transaction((tx) =>
      insertEndpointVersion(
        tx,
        {
          ...{ serial: made.serial, events: ["*"], channelKinds: [], channelIds: [] },
          ...{ accountIds: [], campaignIds: [], ownerAccountId: null, state: "enabled" },
          ...{ disabledBy: null, ordering: "parallel", customFields: [], dialectOptions: "{}" },
          filter: filter && JSON.stringify(filter),
        } as never, // as much of an endpoint as a version keeps
        { version: 0, now: town.clock.now(), deleted: false },
      ),
    );
    await desk.engine.directory.refresh();
    return made;
  };
  await snapshots({ "data.name": { equals: WORDS } });
  await snapshots({ "data.name": { equals: "another" } });
  await snapshots(null);
  const id = await publish();
  await expunge(id);
  const { body } = await desk.call("GET", `/events/${id}/why`);
  expect(body.data).toMatchObject([
    { outcome: "delivered", detail: "The endpoint wanted it." },
    { outcome: "left_out", reason: "filter", detail: expect.stringContaining("expunged since") },
    { outcome: "delivered", detail: "The endpoint wanted it." },
  ]);
});

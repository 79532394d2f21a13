import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { openTown, refused, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

interface Shown {
  id: string;
  state: string;
}

const publish = async (type = "order.shipped", fields: object = {}) => {
  const answer = await desk.call("POST", "/events", { type, data: {}, ...fields });
  return answer.body.id as string; // asserted by whoever looks for it
};
const list = async (query: string, as?: Parameters<Desk["call"]>[3]): Promise<Shown[]> => {
  const answer = await desk.call("GET", `/deliveries?${query}`, undefined, as);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data;
};
const endpointId = ({ id }: { id: string }) => publicId("ep", id);
const hang = () => new Promise<never>(() => {});

describe("right after the 202", () => {
  test("a delivery that is only in memory is listed and can be fetched", async () => {
    const endpoint = await town.endpoint();
    town.answers.set(endpoint.url, hang);
    const event = await publish();
    expect(await town.rows("select from delivery union all select from retry")).toEqual([]);
    const expected = {
      id: expect.stringMatching(/^dlv_[0-9a-z]{26}_\d+$/),
      event_id: event,
      event_type: "order.shipped",
      endpoint_id: endpointId(endpoint),
      from: null,
      state: "pending",
      attempts: 0,
      round: 1,
      next_attempt_at: null,
      last_status: null,
      last_error: null,
      last_ms: null,
      last_at: null,
      reason: null,
      is_replay: false,
      is_held: false,
      is_gap: false,
      body_expunged: false,
      created_at: new Date(town.clock.now()).toISOString(),
    };
    for (const query of [
      "",
      "state=pending",
      `endpoint_id=${endpointId(endpoint)}`,
      `event_id=${event}`,
    ]) {
      expect(await list(query), query).toEqual([expected]);
    }
    const [delivery] = await list("");
    const answer = await desk.call("GET", `/deliveries/${delivery?.id}`);
    expect(answer.body).toMatchObject({
      state: "pending",
      attempt_count: 0,
      attempts: [],
      request: null,
    });
    expect((await desk.call("GET", `/events/${event}`)).body.deliveries).toEqual([expected]);
  });

  test("what waits in retry for its first attempt is listed with its time", async () => {
    const endpoint = await town.endpoint();
    await town.change("update endpoint set state = 'paused'");
    await publish();
    await desk.engine.quiet();
    expect(await town.rows("select n from retry")).toEqual([{ n: 1 }]);
    const next = { next_attempt_at: new Date(town.clock.now()).toISOString(), attempts: 0 };
    for (const query of [
      "",
      "state=pending",
      `state=pending&endpoint_id=${endpointId(endpoint)}`,
    ]) {
      expect(await list(query), query).toMatchObject([{ state: "pending", ...next }]);
    }
  });

  test("what a dead process carried is listed before anybody has taken it over", async () => {
    const { url } = await town.endpoint();
    town.answers.set(url, hang);
    await publish();
    await town.change("update process set state = 'dead' where state = 'living'");
    expect(await list("state=pending")).toMatchObject([{ attempts: 0 }]);
    expect(await list("")).toHaveLength(1);
  });
});

test("what was delivered by somebody given up for dead is not pending, though it still waits in retry", async () => {
  const { serial } = await town.endpoint();
  await publish();
  await desk.deliver();
  await town.rows(
    `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
     select event_id, endpoint, workspace_id, last_at, 1, 1, 1 from delivery where endpoint = $1`,
    [serial],
  );
  expect(await list("state=pending")).toEqual([]);
  expect(await list("")).toMatchObject([{ state: "delivered", is_replay: false }]);
});

describe("deliveries in every state", () => {
  /** One endpoint that hangs, one that is paused, one that fails, one where all is lost, and one that answers. */
  async function openQuarter() {
    const hanging = await town.endpoint();
    const paused = await town.endpoint();
    const failing = await town.endpoint({ schedule: [3_600] });
    const lost = await town.endpoint({ schedule: [] });
    const good = await town.endpoint();
    town.answers.set(hanging.url, hang);
    for (const { url } of [failing, lost]) town.answers.set(url, () => refused(503));
    await town.change("update endpoint set state = 'paused' where id = $1", [paused.id]);
    for (let n = 0; n < 4; n++) await publish();
    await town.clock.advance(1_000);
    // The failures of the first four are below those that are only in memory or in retry.
    for (let n = 0; n < 3; n++) await publish();
    await until("whatever answers has answered, and what is paused waits", async () => {
      const settled = await town.rows("select from delivery");
      const waiting = await town.rows("select from retry where n = 1");
      return settled.length === 21 && waiting.length === 7;
    });
    await desk.engine.beatOnce();
    return { hanging, paused, failing, lost, good };
  }

  test.each([
    ["few", 0],
    ["many", 20],
  ])(
    "are each listed once, under their own filters, page by page, among %s endpoints",
    async (_, others) => {
      const quarter = await openQuarter();
      // What nobody sends to counts too: deliveries are looked for in another way where there are many.
      for (let n = 0; n < others; n++) await town.endpoint({ events: ["x.y"] });
      const states = {
        hanging: "pending",
        paused: "pending",
        failing: "pending",
        lost: "dead",
        good: "delivered",
      };
      const all = await list("limit=100");
      expect(all).toHaveLength(35);
      expect(new Set(all.map(({ id }) => id)).size).toBe(35);

      const filters: [string, number][] = [
        ["", 35],
        ["state=pending", 21],
        ["state=dead", 7],
        ["state=delivered", 7],
        ["state=cancelled", 0],
      ];
      for (const [name, endpoint] of Object.entries(quarter)) {
        const state = states[name as keyof typeof states]; // the same five names
        filters.push([`endpoint_id=${endpointId(endpoint)}`, 7]);
        filters.push([`endpoint_id=${endpointId(endpoint)}&state=${state}`, 7]);
      }
      for (const [filter, length] of filters) {
        const whole = await list(`limit=100&${filter}`);
        expect(whole, filter).toHaveLength(length);
        for (const limit of [1, 4]) expect(await pages(filter, limit), filter).toEqual(whole);
      }
      const order = all.map(({ id }) => id.slice(4, 30));
      expect(order).toEqual([...order].sort().reverse());
    },
  );

  test("of one event are found by the event", async () => {
    await openQuarter();
    const [newest] = await town.rows<{ id: string }>(
      "select id from event order by id desc limit 1",
    );
    const event = `event_id=${publicId("evt", newest?.id ?? "")}`;
    const found = await list(event);
    expect(found.map(({ state }) => state).sort()).toEqual([
      "dead",
      "delivered",
      "pending",
      "pending",
      "pending",
    ]);
    expect(await list(`${event}&state=dead`)).toHaveLength(1);
    expect(await pages(event, 2)).toEqual(found);
  });

  test("leave as one file, as they are listed", async () => {
    const { good } = await openQuarter();
    const read = async (query: string): Promise<string[]> => {
      const answer = await desk.open(`/deliveries/export?${query}`);
      return (await answer.text()).trimEnd().split(/\r?\n/);
    };
    const lines = await read("format=ndjson&state=dead");
    expect(lines.map((line) => JSON.parse(line))).toEqual(await list("limit=100&state=dead"));
    const [head, ...rows] = await read("");
    expect(head).toMatch(/^id,event_id,event_type,endpoint_id,/);
    expect(rows.map((row) => row.split(",")[0])).toEqual(
      (await list("limit=100")).map(({ id }) => id),
    );
    expect(await read(`endpoint_id=${endpointId(good)}&state=dead`)).toEqual([head]);
    const refused = await desk.call("GET", "/deliveries/export?q=nothing");
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "q" }] } });
  });

  test("leave in twenty files of a workspace at a time, however slowly they are read", async () => {
    await openQuarter();
    const exported = () => desk.open("/deliveries/export");
    const open = await Promise.all(Array.from({ length: 20 }, exported));
    expect(new Set(open.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await desk.call("GET", "/deliveries/export");
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_requests" } });
    expect(refused.body.detail).toMatch(/^20 exports of this workspace are under way/);
    // Read to its end, given up before it began, and given up in the middle.
    await open[0]?.text();
    await open[1]?.body?.cancel();
    const reader = open[2]?.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const more = await Promise.all(Array.from({ length: 3 }, exported));
    expect(more.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await exported()).status).toBe(429);
  });

  test("that are dead letters have a list of their own", async () => {
    const { lost, good } = await openQuarter();
    const answer = await desk.call("GET", "/dead-letters?limit=3");
    expect(answer.body).toMatchObject({
      has_more: true,
      data: Array(3).fill({
        state: "dead",
        reason: "schedule_spent",
        last_status: 503,
        attempts: 1,
      }),
    });
    const ofLost = await desk.call("GET", `/dead-letters?endpoint_id=${endpointId(lost)}`);
    expect(ofLost.body.data).toHaveLength(7);
    const ofGood = await desk.call("GET", `/dead-letters?endpoint_id=${endpointId(good)}`);
    expect(ofGood.body.data).toEqual([]);
  });

  async function pages(filter: string, limit: number): Promise<Shown[]> {
    const seen: Shown[] = [];
    let cursor = "";
    do {
      const answer = await desk.call("GET", `/deliveries?limit=${limit}&${filter}${cursor}`);
      seen.push(...answer.body.data);
      cursor = answer.body.next_cursor === null ? "" : `&cursor=${answer.body.next_cursor}`;
    } while (cursor !== "" && seen.length < 100);
    return seen;
  }
});

describe("one delivery", () => {
  test("shows each request, what came back, and the last request with its signature masked", async () => {
    const { url, id } = await town.endpoint({ schedule: [5] });
    await town.change(
      "update endpoint set headers = $1, header_names = '{x-team}', auth = $2, auth_shown = $3",
      [
        JSON.stringify({ "x-team": "canary" }),
        JSON.stringify({ type: "bearer", token: "canary" }),
        JSON.stringify({ type: "bearer" }),
      ],
    );
    let refusals = 1;
    town.answers.set(url, () =>
      refusals-- > 0
        ? refused(503)
        : { kind: "failed", error: "timeout", detail: "no answer", ms: 15_000 },
    );
    const event = await publish();
    await desk.deliver();
    await town.clock.advance(5_000);
    await desk.deliver();
    const [delivery] = await list("");
    expect(delivery).toMatchObject({ attempts: 2, last_ms: 15_000 });
    const { body } = await desk.call("GET", `/deliveries/${delivery?.id}`);
    const sent = town.posts[1];
    expect(body).toMatchObject({
      event_id: event,
      endpoint_id: publicId("ep", id),
      state: "dead",
      reason: "schedule_spent",
      attempt_count: 2,
      last_status: null,
      last_error: "timeout",
      last_ms: 15_000,
      attempts: [
        { n: 1, round: 1, status: 503, error: null, response: "no", ms: 3, first_byte_ms: 2 },
        { n: 2, round: 1, status: null, error: "timeout", detail: "no answer", response: null },
      ],
      request: { method: "POST", url, body: sent?.body },
    });
    expect(body.attempts[1].sent_at).toBe(new Date(town.clock.now()).toISOString());
    expect(body.request.headers).toEqual({
      ...sent?.headers,
      "webhook-signature": "***",
      "x-team": "***",
      authorization: "***",
    });
    expect(sent?.headers).toMatchObject({ "x-team": "canary", authorization: "Bearer canary" });
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  test("is not found by another workspace, for another endpoint, or by what is no id", async () => {
    const { url } = await town.endpoint();
    const other = await town.endpoint({ events: ["lead.created"] });
    await publish();
    await desk.deliver();
    expect(town.posts).toMatchObject([{ url }]);
    const [delivery] = await list("");
    const id = delivery?.id ?? "";
    const get = async (path: string, as?: Parameters<Desk["call"]>[3]) =>
      (await desk.call("GET", `/deliveries/${path}`, undefined, as)).status;
    expect(await get(id)).toBe(200);
    expect(await get(id, { workspaceId: town.ids.next() })).toBe(404);
    expect(await get(id.replace(/_\d+$/, `_${other.serial}`))).toBe(404);
    expect(await get("dlv_1_1")).toBe(404);
    expect(await list("", { workspaceId: town.ids.next() })).toEqual([]);
  });
});

describe("a confined key", () => {
  test("sees the deliveries and events of its account and no others", async () => {
    const [own, other] = [await openAccount(town), await openAccount(town)];
    const [mine, theirs, shared] = [
      await town.endpoint(),
      await town.endpoint(),
      await town.endpoint(),
    ];
    await town.change("update endpoint set owner_account_id = $1 where id = $2", [own, mine.id]);
    await town.change("update endpoint set owner_account_id = $1 where id = $2", [
      other,
      theirs.id,
    ]);
    const event = await publish("a.b", { account_id: publicId("acc", own) });
    const foreign = await publish("a.b", { account_id: publicId("acc", other) });
    await desk.deliver();
    const as = { accountId: own };
    expect(await list("")).toHaveLength(4);
    for (const query of [
      "",
      "state=delivered",
      `event_id=${event}`,
      `endpoint_id=${endpointId(mine)}`,
    ]) {
      expect(await list(query, as), query).toMatchObject([{ endpoint_id: endpointId(mine) }]);
    }
    for (const query of ["state=pending", "state=dead", `event_id=${foreign}`]) {
      expect(await list(query, as), query).toEqual([]);
    }
    const strange = await desk.call(
      "GET",
      `/deliveries?endpoint_id=${endpointId(shared)}`,
      undefined,
      as,
    );
    expect(strange).toMatchObject({ status: 422, body: { errors: [{ pointer: "endpoint_id" }] } });
    const hidden = (await list(`endpoint_id=${endpointId(shared)}`))[0]?.id;
    expect((await desk.call("GET", `/deliveries/${hidden}`, undefined, as)).status).toBe(404);

    const events = await desk.call("GET", "/events", undefined, as);
    expect(events.body.data).toMatchObject([{ id: event }]);
    const shown = await desk.call("GET", `/events/${event}`, undefined, as);
    expect(shown.body.deliveries).toMatchObject([{ endpoint_id: endpointId(mine) }]);
    expect((await desk.call("GET", `/events/${foreign}`, undefined, as)).status).toBe(404);
  });

  test("of an account without endpoints sees nothing", async () => {
    await town.endpoint();
    await publish();
    expect(await list("", { accountId: await openAccount(town) })).toEqual([]);
  });
});

describe("events", () => {
  test("are listed the newest first, and found by type, conversation and time", async () => {
    const conversation = publicId("cnv", await town.conversation());
    const first = await publish("a.b");
    await town.clock.advance(60_000);
    const since = new Date(town.clock.now()).toISOString();
    const second = await publish("a.c", { conversation_id: conversation, campaign_id: "spring" });
    await town.clock.advance(60_000);
    const until = new Date(town.clock.now()).toISOString();
    const third = await publish("a.b", { conversation_id: conversation });
    const find = async (query: string) =>
      (await desk.call("GET", `/events?${query}`)).body.data.map(({ id }: { id: string }) => id);
    expect(await find("")).toEqual([third, second, first]);
    expect(await find("type=a.b")).toEqual([third, first]);
    expect(await find(`conversation_id=${conversation}`)).toEqual([third, second]);
    expect(await find(`conversation_id=${publicId("cnv", town.ids.next())}`)).toEqual([]);
    expect(await find(`since=${since}`)).toEqual([third, second]);
    expect(await find(`until=${until}`)).toEqual([second, first]);
    expect(await find(`since=${since}&until=${until}&type=a.b`)).toEqual([]);
    const page = await desk.call("GET", "/events?limit=2");
    expect(await find(`limit=2&cursor=${page.body.next_cursor}`)).toEqual([first]);
    expect((await desk.call("GET", "/events?since=yesterday")).status).toBe(422);
  });

  test("are shown with their body and where they went", async () => {
    const { id } = await town.endpoint();
    const event = await publish("a.b", { data: { deep: [{ x: null }] } });
    await desk.deliver();
    const answer = await desk.call("GET", `/events/${event}`);
    expect(answer.body).toMatchObject({
      id: event,
      type: "a.b",
      seq: null,
      payload: JSON.parse(town.posts[0]?.body ?? ""),
      deliveries: [{ state: "delivered", endpoint_id: publicId("ep", id), attempts: 1 }],
    });
    const nothing = publicId("evt", town.ids.next());
    expect((await desk.call("GET", `/events/${nothing}`)).status).toBe(404);
  });
});

test("the log of a deleted endpoint stays", async () => {
  const { id } = await town.endpoint();
  await publish();
  await desk.deliver();
  await town.change("update endpoint set deleted_at = created_at");
  expect(await list(`endpoint_id=${publicId("ep", id)}`)).toHaveLength(1);
});

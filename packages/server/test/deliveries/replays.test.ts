import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { type Desk, openAccount, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

type As = Parameters<Desk["call"]>[3];
const endpointId = ({ id }: { id: string }) => publicId("ep", id);
const replayOne = (id: string, as?: As) =>
  desk.call("POST", `/deliveries/${id}/replay`, undefined, as);
const replayDead = (body: object = {}, as?: As) =>
  desk.call("POST", "/dead-letters/replay", body, as);
const list = async (query = "", as?: As): Promise<{ id: string; state: string }[]> =>
  (await desk.call("GET", `/deliveries?limit=100&${query}`, undefined, as)).body.data;
const job = async (id: string) => (await desk.call("GET", `/jobs/${id}`)).body;
const instant = () => new Date(town.clock.now()).toISOString();

async function publish(count = 1, type = "order.shipped", fields: object = {}): Promise<void> {
  const data = type === "lead.created" ? { lead: {} } : {};
  const event = { type, data, ...fields };
  for (let left = count; left > 0; left -= 1_000) {
    await desk.call("POST", "/events", Array(Math.min(left, 1_000)).fill(event));
  }
  await desk.deliver();
}

/** Events that a new endpoint refused for good; those that are there already take them. */
async function deadLetters(count: number, type?: string) {
  const endpoint = await town.endpoint({ schedule: [] });
  town.answers.set(endpoint.url, () => refused(500));
  await publish(count, type);
  const dead = "select from delivery where state = 'dead' and endpoint = $1";
  expect(await town.rows(dead, [endpoint.serial])).toHaveLength(count);
  town.answers.set(endpoint.url, () => ok);
  town.posts.length = 0;
  return endpoint;
}

async function work(which = desk): Promise<void> {
  while (await which.jobs.runOnce());
}

describe("a replay of one delivery", () => {
  test("that is dead starts a new round: the same bytes under the same id, and numbers run on", async () => {
    const { url } = await town.endpoint({ schedule: [5] });
    let refusals = 3;
    town.answers.set(url, () => (refusals-- > 0 ? refused(500) : ok));
    await publish();
    await town.clock.advance(5_000);
    await desk.deliver();
    const [dead] = await list("state=dead");
    const id = dead?.id ?? "";
    const first = town.posts[0];

    expect(await replayOne(id)).toMatchObject({
      status: 202,
      body: { replay: "started", state: "pending", round: 2, is_replay: true, reason: null },
    });
    await desk.deliver();
    expect(await list(), "the schedule begins anew").toMatchObject([
      {
        state: "pending",
        attempts: 3,
        next_attempt_at: new Date(town.clock.now() + 5_000).toISOString(),
      },
    ]);
    await town.clock.advance(5_000);
    await desk.deliver();
    expect(town.posts.map(({ headers }) => headers["webhook-attempt"])).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
    for (const { headers, body } of town.posts) {
      expect(body).toBe(first?.body);
      expect(headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    }
    expect(town.posts.map(({ headers }) => headers["webhook-replayed"])).toEqual([
      ...[undefined, undefined],
      ...["1", "1"],
    ]);
    const { body } = await desk.call("GET", `/deliveries/${id}`);
    expect(body).toMatchObject({
      state: "delivered",
      round: 2,
      is_replay: false,
      attempt_count: 4,
    });
    expect(body.attempts.map(({ n, round }: { n: number; round: number }) => [n, round])).toEqual([
      ...[
        [1, 1],
        [2, 1],
      ],
      ...[
        [3, 2],
        [4, 2],
      ],
    ]);
    expect(await town.rows("select from retry")).toEqual([]);
  });

  test("that is spent again is a dead letter again", async () => {
    await deadLetters(1);
    const [dead] = await list("state=dead");
    town.answers.clear();
    for (const { url } of await town.rows<{ url: string }>("select url from endpoint")) {
      town.answers.set(url, () => refused(500));
    }
    await replayOne(dead?.id ?? "");
    await desk.deliver();
    expect(await list()).toMatchObject([{ state: "dead", attempts: 2, round: 2 }]);
  });

  test("that was delivered leaves it delivered, whatever comes of it, and its failure is recorded", async () => {
    const { url } = await town.endpoint({ schedule: [5] });
    await publish();
    const [delivered] = await list("state=delivered");
    const id = delivered?.id ?? "";
    town.answers.set(url, () => refused(503));
    expect(await replayOne(id)).toMatchObject({
      body: { replay: "started", state: "delivered", is_replay: true, round: 2 },
    });
    expect(await list("state=pending"), "a replay of what was delivered is not pending").toEqual(
      [],
    );
    await desk.deliver();
    expect(await list()).toMatchObject([{ state: "delivered", attempts: 2, is_replay: true }]);
    await town.clock.advance(5_000);
    await desk.deliver();
    const { body } = await desk.call("GET", `/deliveries/${id}`);
    expect(body).toMatchObject({ state: "delivered", is_replay: false, next_attempt_at: null });
    expect(body.attempts).toMatchObject([{ status: 200 }, { status: 503 }, { status: 503 }]);
    expect(await town.rows("select from retry")).toEqual([]);
  });

  test("that waits makes it due now, in the round that it is in", async () => {
    const { url } = await town.endpoint({ schedule: [3_600] });
    let refusals = 1;
    town.answers.set(url, () => (refusals-- > 0 ? refused(503) : ok));
    await publish();
    const [waiting] = await list("state=pending");
    const replayed = await replayOne(waiting?.id ?? "");
    expect(replayed.body).toMatchObject({ replay: "due", round: 1, next_attempt_at: instant() });
    await desk.deliver();
    expect(await list()).toMatchObject([{ state: "delivered", attempts: 2, round: 1 }]);
  });

  test("that is being made changes nothing", async () => {
    const { url } = await town.endpoint({ schedule: [5] });
    let answer = (): void => {};
    let attempts = 0;
    town.answers.set(url, () =>
      ++attempts === 1 ? refused(503) : new Promise((resolve) => (answer = () => resolve(ok))),
    );
    await publish();
    await town.clock.advance(5_000);
    await desk.engine.beatOnce();
    await desk.engine.retries.runOnce();
    const [flying] = await list("state=pending");
    expect((await replayOne(flying?.id ?? "")).body).toMatchObject({
      ...{ replay: "under_way", next_attempt_at: null, round: 1 },
    });
    answer();
    await desk.deliver();
    expect(town.posts).toHaveLength(2);
    expect(await list()).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });

  test("whose first attempt is only in memory is refused in words", async () => {
    const { url } = await town.endpoint();
    town.answers.set(url, () => new Promise(() => {}));
    await desk.call("POST", "/events", { type: "a.b", data: {} });
    const [flying] = await list("state=pending");
    expect(await replayOne(flying?.id ?? "")).toMatchObject({
      status: 409,
      body: { code: "not_replayable", detail: expect.stringContaining("first attempt") },
    });
  });

  test("of a deleted endpoint, or of a day that is closed, is refused in words", async () => {
    await deadLetters(1);
    const [dead] = await list();
    const { clock } = town;
    await town.change("update endpoint set deleted_at = created_at");
    expect(await replayOne(dead?.id ?? "")).toMatchObject({
      status: 409,
      body: { code: "not_replayable", detail: expect.stringContaining("deleted") },
    });
    await town.change("update endpoint set deleted_at = null");
    clock.setNow(clock.now() - (clock.now() % 86_400_000) + RETENTION_MS + 86_400_000);
    expect(await replayOne(dead?.id ?? "")).toMatchObject({
      status: 409,
      body: { code: "not_replayable", detail: expect.stringContaining("closed") },
    });
    clock.setNow(clock.now() - 1);
    expect(await replayOne(dead?.id ?? "")).toMatchObject({ status: 202 });
  });

  test("asked for twice at once starts one round", async () => {
    await deadLetters(1);
    const [dead] = await list();
    const answers = await Promise.all([1, 2, 3, 4].map(() => replayOne(dead?.id ?? "")));
    const outcomes: string[] = answers.map(({ body }) => body.replay);
    expect(outcomes.sort()).toEqual(["due", "due", "due", "started"]);
    await desk.deliver();
    expect(town.posts).toHaveLength(1);
    expect(await list()).toMatchObject([{ state: "delivered", attempts: 2, round: 2 }]);
  });

  test("is not found by who may not see it", async () => {
    await deadLetters(1);
    const [dead] = await list();
    const id = dead?.id ?? "";
    expect((await replayOne(id, { workspaceId: town.ids.next() })).status).toBe(404);
    expect((await replayOne(id, { accountId: await openAccount(town) })).status).toBe(404);
    expect((await replayOne(id, { scopes: new Set(["deliveries:read"] as const) })).status).toBe(
      403,
    );
    expect(await list()).toMatchObject([{ state: "dead" }]);
  });
});

describe("a replay of dead letters", () => {
  test("counts them first, and the job replays as many as were counted", async () => {
    await deadLetters(7);
    await deadLetters(3, "lead.created");
    const answer = await replayDead();
    expect(answer).toMatchObject({ status: 202, body: { count: 10, dry_run: false } });
    expect(await job(answer.body.job_id)).toMatchObject({ state: "waiting", done: 0, total: 10 });
    await work();
    expect(await job(answer.body.job_id)).toMatchObject({
      ...{ kind: "replay", state: "done", done: 10, total: 10, error: null },
      finished_at: instant(),
    });
    await desk.deliver();
    expect(town.posts).toHaveLength(10);
    expect(await list("state=dead")).toEqual([]);
    expect((await replayDead()).body).toEqual({
      ...{ count: 0, is_exact: true, expunged: 0, job_id: null, dry_run: false },
    });
  });

  test("as a dry run counts and changes nothing", async () => {
    await deadLetters(2);
    expect((await replayDead({ dry_run: true })).body).toEqual({
      count: 2,
      is_exact: true,
      expunged: 0,
      job_id: null,
      dry_run: true,
    });
    await work();
    expect(await town.rows("select from job union all select from retry")).toEqual([]);
    expect(await list("state=dead")).toHaveLength(2);
  });

  test.each([
    ["an endpoint", async (a: { id: string }) => ({ endpoint_id: endpointId(a) }), 3],
    ["a type", async () => ({ types: ["lead.created"] }), 2],
    ["a prefix of types", async () => ({ types: ["lead.*", "order.lost"] }), 2],
    ["a time since when", async () => ({ since: instant() }), 2],
    ["a time until when", async () => ({ until: instant() }), 3],
    ["nothing, by its time", async () => ({ since: instant(), until: instant() }), 0],
  ])("is confined to %s", async (_, bodyFor, count) => {
    const first = await deadLetters(3);
    await town.change("update endpoint set state = 'disabled', disabled_by = 'user'");
    await town.clock.advance(60_000);
    await desk.engine.beatOnce();
    await desk.engine.directory.refresh();
    await deadLetters(2, "lead.created");
    await town.change("update endpoint set state = 'enabled', disabled_by = null");
    await desk.engine.directory.refresh();
    const body = await bodyFor(first);
    // The clock has stood still since the second lot.
    expect((await replayDead(body)).body.count).toBe(count);
    await work();
    await desk.deliver();
    expect(town.posts).toHaveLength(count);
    expect(await list("state=dead")).toHaveLength(5 - count);
  });

  test("takes some by their ids, each once, and leaves what is not dead", async () => {
    await deadLetters(3);
    await town.endpoint({ events: ["x.y"] });
    await publish(1, "x.y");
    town.posts.length = 0;
    const [delivered] = await list("state=delivered");
    const [a, b] = await list("state=dead");
    const ids = [a?.id, b?.id, a?.id, delivered?.id];
    expect((await replayDead({ ids })).body.count).toBe(2);
    await work();
    await desk.deliver();
    expect(town.posts).toHaveLength(2);
    expect((await replayDead({ ids: ["dlv_1"] })).body.errors).toMatchObject([
      { pointer: "/ids/0" },
    ]);
  });

  test("leaves what has died since it was asked for", async () => {
    const { url, serial } = await deadLetters(2);
    await town.change("update endpoint set retry_schedule = '{5}' where serial = $1", [serial]);
    await desk.engine.directory.refresh();
    town.answers.set(url, () => refused(500));
    await publish(2);
    await town.clock.advance(4_000);
    const { body } = await replayDead();
    expect(body.count).toBe(2);
    await town.clock.advance(1_000);
    await desk.deliver();
    expect(await list("state=dead")).toHaveLength(4);
    await work();
    expect(await job(body.job_id)).toMatchObject({ state: "done", done: 2 });
    expect(await list("state=dead")).toHaveLength(2);
  });

  test("asked for while another is at it replays nothing twice", async () => {
    await deadLetters(600);
    const [first, second] = [await replayDead(), await replayDead()];
    expect([first.body.count, second.body.count]).toEqual([600, 600]);
    await work();
    const [a, b] = [await job(first.body.job_id), await job(second.body.job_id)];
    expect([a.state, b.state]).toEqual(["done", "done"]);
    expect(a.done + b.done).toBe(600);
    await desk.deliver();
    expect(town.posts).toHaveLength(600);
  });

  test("by a confined key is about its account's endpoints", async () => {
    const [mine, theirs] = [await deadLetters(1), await deadLetters(1)];
    const account = await openAccount(town);
    await town.change("update endpoint set owner_account_id = $1 where id = $2", [
      account,
      mine.id,
    ]);
    const as = { accountId: account };
    const foreign = await replayDead({ endpoint_id: endpointId(theirs) }, as);
    expect(foreign).toMatchObject({ status: 422, body: { errors: [{ pointer: "endpoint_id" }] } });
    const { body } = await replayDead({}, as);
    expect(body.count).toBe(1);
    await work();
    await desk.deliver();
    expect(new Set(town.posts.map((post) => post.url))).toEqual(new Set([mine.url]));
    const seen = (path: string, caller?: As) => desk.call("GET", path, undefined, caller);
    expect((await seen(`/jobs/${body.job_id}`, as)).status).toBe(200);
    const stranger = { accountId: await openAccount(town) };
    expect((await seen(`/jobs/${body.job_id}`, stranger)).status).toBe(404);
    expect((await seen(`/jobs/${body.job_id}`, { workspaceId: town.ids.next() })).status).toBe(404);
  });
});

describe("a replay of an endpoint since a time", () => {
  test("sends again what it was sent, whatever became of it, and nobody else gets anything", async () => {
    const { url, id } = await town.endpoint({ schedule: [] });
    await town.endpoint();
    await publish(2);
    await town.clock.advance(60_000);
    const since = instant();
    let count = 0;
    town.answers.set(url, () => (++count % 2 === 0 ? refused(500) : ok));
    await publish(4);
    await town.clock.advance(60_000);
    town.answers.delete(url);
    town.posts.length = 0;
    const replay = (body: object) =>
      desk.call("POST", `/endpoints/${publicId("ep", id)}/replay`, body);
    expect((await replay({ since, states: ["dead"], dry_run: true })).body.count).toBe(2);
    expect((await replay({ since, types: ["x.y"], dry_run: true })).body.count).toBe(0);
    expect((await replay({ since })).body).toMatchObject({ count: 4, dry_run: false });
    await work();
    await desk.deliver();
    expect(town.posts.map((post) => post.url)).toEqual(Array(4).fill(url));
    expect(town.posts.every(({ headers }) => headers["webhook-replayed"] === "1")).toBe(true);
    expect(await list(`state=delivered&endpoint_id=${publicId("ep", id)}`)).toHaveLength(6);
  });

  test.each([
    ["without a time", {}, "/since", "is missing"],
    ["with a time that is none", { since: "yesterday" }, "/since", "is not an instant"],
    [
      "of what has not ended",
      { since: "2026-01-01T00:00:00Z", states: ["pending"] },
      "/states/0",
      "must be",
    ],
    [
      "of no type",
      { since: "2026-01-01T00:00:00Z", types: ["message.recieved"] },
      "/types/0",
      "did you mean",
    ],
  ])("%s is refused, and the field pointed at", async (_, body, pointer, words) => {
    const { id } = await town.endpoint();
    const answer = await desk.call("POST", `/endpoints/${publicId("ep", id)}/replay`, body);
    const detail = expect.stringContaining(words);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer, detail }] } });
  });

  test("of an endpoint that there is not is not found", async () => {
    const path = `/endpoints/${publicId("ep", town.ids.next())}/replay`;
    expect((await desk.call("POST", path, { since: instant() })).status).toBe(404);
  });
});

describe("the job of a replay", () => {
  test("is not made where a hundred of the workspace have not ended yet", async () => {
    await deadLetters(2);
    const { body } = await replayDead();
    await town.change(
      `insert into job (id, workspace_id, kind, state, params, created_at, updated_at)
        select gen_random_uuid(), workspace_id, kind, state, params, created_at, updated_at
        from job, generate_series(1, 99)`,
    );
    const refused = await replayDead();
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_requests" } });
    expect(refused.body.detail).toMatch(/^100 replays of this workspace .*POST \/v1\/jobs/);
    expect((await replayDead({ dry_run: true })).status).toBe(202);
    await desk.call("POST", `/jobs/${body.job_id}/stop`);
    expect((await replayDead()).status).toBe(202);
  });

  test("that is interrupted between two pages is finished by another process, and nothing is doubled", async () => {
    await deadLetters(1_200);
    const { body } = await replayDead();
    expect(await desk.jobs.runOnce()).toBe(true);
    expect(await job(body.job_id)).toMatchObject({ state: "running", done: 500 });
    const other = await openDesk(town);
    expect(await other.jobs.runOnce(), "its process still lives").toBe(false);
    await town.change("update process set state = 'dead' where id = $1", [
      desk.engine.membership.current.id,
    ]);
    await work(other);
    expect(await job(body.job_id)).toMatchObject({ state: "done", done: 1_200 });
    expect(await desk.jobs.runOnce(), "the first has lost it").toBe(false);
    expect(await town.rows("select round, n from retry group by round, n")).toEqual([
      { round: 2, n: 2 },
    ]);
    await other.deliver();
    expect(town.posts).toHaveLength(1_200);
    expect(new Set(town.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1_200);
  });

  test("whose page is rolled back does it again from where it was", async () => {
    await deadLetters(600);
    const { body } = await replayDead();
    await desk.jobs.runOnce();
    await town.rows(`create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$`);
    await town.rows(
      "create trigger fail before update on job for each row execute function fail()",
    );
    expect(await desk.jobs.runOnce()).toBe(false);
    expect(await town.rows("select from retry")).toHaveLength(500);
    await town.rows("drop trigger fail on job");
    await work();
    expect(await job(body.job_id)).toMatchObject({ state: "done", done: 600 });
    await desk.deliver();
    expect(town.posts).toHaveLength(600);
  });

  test("whose page takes too long is done in smaller ones", async () => {
    await deadLetters(20);
    const { connections } = town.database;
    const hurried = await openDesk(town, {
      connections: {
        ...connections,
        transaction: (work) =>
          connections.transaction(async (tx) => {
            await tx.query("set local statement_timeout = 100");
            return work(tx);
          }),
      },
    });
    await town.rows(
      `create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(0.02); return new; end'`,
    );
    await town.rows(
      "create trigger dawdle before insert on retry for each row execute function dawdle()",
    );
    const { body } = await replayDead();
    for (let n = 0; n < 30; n++) await hurried.jobs.runOnce();
    expect(await job(body.job_id)).toMatchObject({ state: "done", done: 20 });
  });

  test("stops when it is told to, and what it has done stays done", async () => {
    await deadLetters(600);
    const { body } = await replayDead();
    await desk.jobs.runOnce();
    const stopped = await desk.call("POST", `/jobs/${body.job_id}/stop`);
    expect(stopped).toMatchObject({
      status: 200,
      body: { state: "stopped", done: 500, finished_at: instant() },
    });
    expect(await desk.jobs.runOnce()).toBe(false);
    await desk.deliver();
    expect(town.posts).toHaveLength(500);
    expect((await desk.call("POST", `/jobs/${body.job_id}/stop`)).body.state).toBe("stopped");
  });

  test("gives an endpoint that does not get rid of it no more, and goes on with the others", async () => {
    const [stuck, good] = [await deadLetters(2), await deadLetters(1)];
    await town.rows(
      `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
       select gen_random_uuid(), $1, $2, $3::timestamptz + interval '1 day', 2, 1, 1 from generate_series(1, 10001)`,
      [stuck.serial, town.workspaceId, new Date(town.clock.now())],
    );
    const { body } = await replayDead();
    expect(body.count).toBe(3);
    await work();
    expect(await job(body.job_id)).toMatchObject({ state: "running", done: 1 });
    await desk.deliver();
    expect(town.posts.map((post) => post.url)).toEqual([good.url]);
    await town.rows("delete from retry where round = 1");
    await work();
    expect(await job(body.job_id)).toMatchObject({ state: "done", done: 3 });
  });

  test("that cannot go on says so, and tells nothing of ours", async () => {
    await deadLetters(1);
    const { body } = await replayDead();
    await town.rows("update job set cursor = 'what?'");
    await work();
    expect(await job(body.job_id)).toMatchObject({
      state: "failed",
      error: expect.not.stringContaining("JSON"),
    });
  });

  test("that there is not is not found", async () => {
    const nothing = publicId("job", town.ids.next());
    expect((await desk.call("GET", `/jobs/${nothing}`)).status).toBe(404);
    expect((await desk.call("POST", `/jobs/${nothing}/stop`)).status).toBe(404);
  });
});

test("a replay and a settle of the same deliveries never wait for each other in vain", async () => {
  const { url } = await town.endpoint({ schedule: Array(20).fill(1) });
  town.answers.set(url, () => refused(500));
  const accept = recorder(desk.engine);
  await Promise.all(Array.from({ length: 100 }, () => accept.accept(town.draft())));
  await desk.engine.quiet();
  for (let round = 0; round < 5; round++) {
    await town.clock.advance(1_000);
    await desk.engine.beatOnce();
    const waiting = await list("state=pending");
    await Promise.all([desk.engine.retries.runOnce(), ...waiting.map(({ id }) => replayOne(id))]);
    await desk.deliver();
  }
  const rows = await town.rows<{ attempts: number; made: number }>(
    `select d.attempts, count(*)::int as made from delivery d join attempt a
     on a.event_id = d.event_id and a.endpoint = d.endpoint group by d.event_id, d.endpoint, d.attempts`,
  );
  expect(rows).toHaveLength(100);
  for (const { attempts, made } of rows) expect(made).toBe(attempts);
});

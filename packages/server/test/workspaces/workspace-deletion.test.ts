import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { DELETION_KIND, deletionJob } from "../../src/delivery/jobs/deletion-job.ts";
import { type JobKind, JobRunner } from "../../src/delivery/jobs/jobs.ts";
import { findJob, insertJob } from "../../src/storage/instance/jobs.ts";
import { closeWorkspace, REST } from "../../src/storage/retention/workspace-deletion.ts";
import { ADMIN_KEY, createTestApi } from "../support/api/api.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

describe("a deleted workspace", () => {
  let town: Town;
  let desk: Desk;
  beforeEach(async () => {
    town = await openTown();
    desk = await openDesk(town);
  });
  afterEach(() => town.end());

  const everything = async () => {
    const tables = await town.rows<{ name: string }>(
      `select table_name as name from information_schema.columns
       where column_name = 'workspace_id' and table_schema = 'public'`,
    );
    const left: Record<string, number> = {};
    for (const { name } of tables) {
      const [row] = await town.rows<{ n: number }>(
        `select count(*)::int as n from ${name} where workspace_id = $1`,
        [town.workspaceId],
      );
      if (row && row.n > 0) left[name] = row.n;
    }
    return left;
  };

  /** Another workspace, which stays. */
  async function operator(): Promise<string> {
    const id = town.ids.next();
    await town.rows("insert into workspace (id, name, created_at) values ($1, 'Operator', $2)", [
      id,
      new Date(town.clock.now()),
    ]);
    return id;
  }

  /** A runner of this kind alone, and the job that it is to do, as the route leaves them. */
  async function deletion(elsewhere?: string, kind: JobKind = deletionJob) {
    const { connections } = town.database;
    elsewhere ??= await operator();
    const now = town.clock.now();
    const id = town.ids.next();
    await connections.transaction(async (tx) => {
      expect(await closeWorkspace(tx, town.workspaceId, now)).toBe(true);
      await insertJob(tx, {
        ...{ id, workspaceId: elsewhere, kind: DELETION_KIND, total: null, now },
        params: JSON.stringify({ workspaceId: town.workspaceId, closedAt: now }),
      });
    });
    await town.change("select 1");
    await desk.engine.directory.load(town.workspaceId);
    const runner = new JobRunner({
      ...{ connections, clock: town.clock, logger: silentLogger() },
      process: () => desk.engine.membership.current.id,
      kinds: { [DELETION_KIND]: kind },
    });
    return { runner, state: async () => (await findJob(connections.pool, elsewhere, id))?.state };
  }

  const rowByRow: JobKind = (tx, job, now) => deletionJob(tx, job, now, { of: () => 1 });

  test.each([
    ["in whole pages", deletionJob],
    ["row by row", rowByRow],
  ])("leaves no row of itself in any table, whatever it had, %s", async (_, kind) => {
    const good = await town.endpoint();
    const bad = await town.endpoint();
    town.answers.set(bad.url, async () => refused(500));
    const conversation = await town.conversation();
    const event = {
      type: "order.shipped",
      data: {},
      conversation_id: publicId("cnv", conversation),
    };
    await desk.call("POST", "/events", [event, event, { ...event, idempotency_key: "k" }]);
    await desk.deliver();
    expect(town.posts.filter(({ url }) => url === good.url)).toHaveLength(3);
    await town.rows(
      `insert into message (id, workspace_id, channel_id, conversation_id, contact_id, direction, actor,
         status, content, created_at)
       select $1, workspace_id, channel_id, id, contact_id, 'inbound', 'contact', 'received', '{}', created_at
       from conversation`,
      [town.ids.next()],
    );
    await town.rows(
      `insert into provider_ref (channel_id, kind, provider_id, message_id)
       select channel_id, 'message', 'wamid.1', id from message`,
    );
    await town.rows(
      `insert into upload (id, workspace_id, mime, bytes, sha256, created_at)
       values ($1, $2, 'image/png', 1, '', now())`,
      [town.ids.next(), town.workspaceId],
    );
    expect(Object.keys(await everything())).toEqual(
      expect.arrayContaining(["event", "delivery", "retry", "message", "conversation", "endpoint"]),
    );

    const { runner, state } = await deletion(undefined, kind);
    await runner.runOnce();
    expect(await state()).toBe("running");
    await town.clock.advance(2_000);
    await desk.engine.beatOnce();
    while (await runner.runOnce());
    expect(await state()).toBe("done");
    expect(await everything()).toEqual({});
    for (const table of ["attempt", "provider_ref", "endpoint_secret", "endpoint_version"]) {
      expect(await town.rows(`select from ${table}`), table).toEqual([]);
    }
    expect(await town.rows("select name from workspace")).toEqual([{ name: "Operator" }]);
  });

  test("waits for what is under way: a late outcome leaves nothing behind", async () => {
    const { url } = await town.endpoint();
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    town.answers.set(url, async () => {
      await answered;
      return refused(500);
    });
    await desk.call("POST", "/events", { type: "order.shipped", data: {} });
    const { runner, state } = await deletion();
    await town.clock.advance(3_000);
    await desk.engine.beatOnce();
    expect(await runner.runOnce()).toBe(false);
    answer();
    await desk.engine.quiet();
    await desk.engine.beatOnce();
    while (await runner.runOnce());
    expect(await state()).toBe("done");
    expect(await everything()).toEqual({});
  });

  test("waits for a request that is under way for long, and is not carried in memory alone", async () => {
    const { url } = await town.endpoint({ schedule: [] });
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    town.answers.set(url, async () => {
      await answered;
      return refused(500);
    });
    await desk.call("POST", "/events", { type: "order.shipped", data: {} });
    await town.clock.advance(10_000);
    await desk.engine.beatOnce();
    desk.engine.sender.sweep();
    await desk.engine.overflowed();
    const { runner, state } = await deletion();
    await town.clock.advance(3_000);
    await desk.engine.beatOnce();
    expect(await runner.runOnce()).toBe(false);
    answer();
    await desk.engine.quiet();
    while (await runner.runOnce());
    expect(await state()).toBe("done");
    expect(await everything()).toEqual({});
    expect(await town.rows("select from attempt")).toEqual([]);
  });

  test("takes nobody else's next attempts with it: what was to be tried again is forgotten", async () => {
    const { engine } = desk;
    const [gone, stays] = [await town.endpoint(), await town.endpoint()];
    const elsewhere = await operator();
    await town.rows("update endpoint set workspace_id = $1 where id = $2", [elsewhere, stays.id]);
    for (const { url } of [gone, stays]) town.answers.set(url, () => refused(500));
    const accept = recorder(engine);
    await accept.accept(town.draft());
    await engine.quiet();
    const { runner, state } = await deletion(elsewhere);
    await town.clock.advance(2_000);
    await engine.beatOnce();
    while (await runner.runOnce());
    expect(await state()).toBe("done");
    await engine.directory.refresh();

    await accept.accept(town.draft({ workspaceId: elsewhere }));
    await engine.quiet();
    town.answers.delete(stays.url);
    await town.clock.advance(5_000);
    await engine.beatOnce();
    await engine.retries.runOnce();
    await engine.quiet();
    expect(await town.rows("select state, attempts from delivery")).toEqual([
      { state: "delivered", attempts: 2 },
    ]);
  });

  test("is known to every table that there is", async () => {
    const tables = await town.rows<{ name: string }>(
      `select relname as name from pg_class
       where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace`,
    );
    const log = [
      "event",
      "delivery",
      "attempt",
      "message",
      "media",
      "upload",
      "provider_ref",
      "conversation",
    ];
    /** Of the instance, or without anything of a workspace that could be told. */
    const shared = [
      "instance",
      "process",
      "plan",
      "migration",
      "migration_lock",
      "unroutable",
      "media_removal",
      "tally_floor",
      "expunge_floor",
      "unswept_day",
      "person",
      "sign_in",
      "credential",
      "verification",
      "two_factor",
      "used_code",
      "accept_witness",
    ];
    const known = new Set([...Object.keys(REST), ...log, ...shared]);
    expect(tables.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("DELETE /v1/workspaces/{id}", () => {
  let api: Awaited<ReturnType<typeof createTestApi>>;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());

  test("closes a workspace at once: its keys are refused, its addresses are free", async () => {
    const { id } = (await api.call("POST", "/workspaces", { name: "Gone" })).body;
    const within = { "curlew-workspace": id };
    const channel = { kind: "whatsapp", name: "Shop", external_id: "777000" };
    const key = await api.call(
      "POST",
      "/api-keys",
      { name: "k", scopes: ["*"] },
      ADMIN_KEY,
      within,
    );
    await api.call("POST", "/channels", channel, ADMIN_KEY, within);
    expect((await api.call("GET", "/channels", undefined, key.body.key)).status).toBe(200);

    const deleted = await api.call("DELETE", `/workspaces/${id}`);
    expect(deleted).toMatchObject({
      status: 202,
      body: { job_id: expect.stringMatching(/^job_/) },
    });
    expect((await api.call("GET", "/channels", undefined, key.body.key)).status).toBe(401);
    expect((await api.call("GET", `/workspaces/${id}`)).body.code).toBe("not_found");
    expect((await api.call("DELETE", `/workspaces/${id}`)).body.code).toBe("not_found");
    expect((await api.call("POST", "/channels", channel)).status).toBe(201);
  });

  test("refuses the default workspace, and tenants", async () => {
    const refused = await api.call("DELETE", `/workspaces/${api.workspaceId}`);
    expect(refused).toMatchObject({ status: 409, body: { code: "conflict" } });
    const key = await api.newKey({ scopes: ["*"] });
    const path = `/workspaces/${api.workspaceId}`;
    expect((await api.call("DELETE", path, undefined, key)).body.code).toBe("forbidden");
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { type ExpungeDeps, expungeOnce } from "../../src/delivery/rounds/expunging.ts";
import { housekeepOnce } from "../../src/delivery/rounds/housekeeping.ts";
import type { Connections } from "../../src/storage/connections/connections.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { readBooks } from "../support/database/books.ts";
import { openMeddler, unanswered } from "../support/database/meddler.ts";
import { storedRows } from "../support/database/stored-rows.ts";
import { type Desk, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { ok, openTown, type Post, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

const DAY_MS = 86_400_000;
const PAYLOAD_MS = 7 * DAY_MS;
/** What a customer has said. */
const WORDS = "Rosalind-4711";

let town: Town;
let desk: Desk;
let cancelled: number[];
let woken: number[];
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town, {}, undefined, PAYLOAD_MS);
  cancelled = [];
  woken = [];
});
afterEach(() => town.end());

const round = (overrides: Partial<ExpungeDeps> = {}) =>
  expungeOnce({
    ...{ connections: town.database.connections, slow: town.database.connections.pool },
    ...{ clock: town.clock, logger: silentLogger() },
    ...{ payloadMs: PAYLOAD_MS, retentionMs: RETENTION_MS },
    onCancelled: (deliveries) => cancelled.push(deliveries),
    wake: (endpoints) => woken.push(...endpoints),
    doubt() {},
    ...overrides,
  });
const publish = async (count = 1, data: object = { name: WORDS }) => {
  const { body } = await desk.call(
    "POST",
    "/events",
    Array(count).fill({ type: "order.placed", data }),
  );
  await desk.deliver();
  return body.data.map(({ id }: { id: string }) => id) as string[];
};
/** The last instant at which bodies of a day that has just begun at `at` are kept. */
const lastKept = (at: number) => at - (at % DAY_MS) + DAY_MS - 1 + PAYLOAD_MS;
/** Makes it so late that the bodies of what is there are to go. */
const untilOver = async () => {
  town.clock.setNow(lastKept(town.clock.now()) + 1);
  await ensurePartitions(town.database.connections.pool, town.clock.now(), 1);
  await desk.engine.beatOnce();
};
const wordsIn = async () => {
  const rows = await storedRows(town.database.connections.pool);
  return rows
    .filter((row) => row.includes(WORDS))
    .map((row) => /^\S+\.([a-z_]+?)(_\d+)? /.exec(row)?.[1]);
};
const floor = async () =>
  (await town.rows<{ floor: string }>("select floor from expunge_floor"))[0]?.floor;
const bodies = async () =>
  (
    await town.rows<{ n: number }>("select count(*)::int as n from event where payload like $1", [
      `%${WORDS}%`,
    ])
  )[0]?.n;
const expectBalance = async () => {
  while (await town.database.connections.transaction(rollUp));
  const { ledger, counted } = await readBooks(town.database.connections.pool, town.workspaceId);
  expect(ledger).toEqual(counted);
};
const echo = (post: Post) => ({ ...refused(500), body: post.body });

describe("the bodies of a day", () => {
  test("are kept for as long as was asked, then are gone wherever they were, and the log of them stays", async () => {
    const dead = await town.endpoint({ schedule: [] });
    const delivered = await town.endpoint();
    town.answers.set(dead.url, echo);
    town.answers.set(delivered.url, (post) => ({ ...ok, body: post.body }));
    const [id = ""] = await publish();
    await town.rows("update event set history = $1, held = $2", [
      `["${WORDS}"]`,
      `{"1":"${WORDS}"}`,
    ]);
    await town.rows("update attempt set detail = $1", [WORDS]);
    expect(new Set(await wordsIn())).toEqual(new Set(["event", "delivery", "attempt"]));
    const before = (await desk.call("GET", `/deliveries?event_id=${id}`)).body.data;
    town.clock.setNow(lastKept(town.clock.now()));
    await desk.engine.beatOnce();
    expect(await round()).toMatchObject({ events: 0 });
    expect(await bodies()).toBe(1);

    town.clock.setNow(town.clock.now() + 1);
    await desk.engine.beatOnce();
    expect(await round()).toEqual({ events: 1, cancelled: 0, swept: ["2026-03-02"] });
    expect(await wordsIn()).toEqual([]);
    expect(await town.rows("select held from event")).toEqual([{ held: "{}" }]);
    const after = (await desk.call("GET", `/deliveries?event_id=${id}`)).body.data;
    expect(after).toEqual(before.map((each: object) => ({ ...each, body_expunged: true })));
    expect(after).toMatchObject([{ state: "delivered" }, { state: "dead", last_status: 500 }]);
    const one = await desk.call("GET", `/deliveries/${after[1].id}`);
    expect(one.body.attempts).toMatchObject([
      { n: 1, status: 500, ms: 3, response: null, detail: null },
    ]);
    expect(one.body.request).toMatchObject({ method: "POST", body: null });
    await expectBalance();
    expect(await round()).toEqual({ events: 0, cancelled: 0, swept: [] });
  });

  test("stay where they are to be kept for as long as the log", async () => {
    await publish();
    await untilOver();
    expect(await round({ payloadMs: RETENTION_MS })).toMatchObject({ events: 0 });
    expect(await bodies()).toBe(1);
  });

  test("show themselves as gone: in lists, alone, where the log is pulled, and followed", async () => {
    const conversationId = await town.conversation();
    const draft = town.draft({
      ...{ type: "message.received", channelKind: "whatsapp", conversationId },
      contact: { id: "con_1", name: WORDS, identities: [] },
      data: { text: WORDS },
    });
    const { id } = await recorder(desk.engine).accept(draft);
    await untilOver();
    await round();
    const payload = {
      ...{ id: publicId("evt", id), type: "message.received", body_expunged: true },
      ...{ api_version: "2026-11-01", occurred_at: new Date(draft.occurredAt).toISOString() },
      ...{ workspace_id: publicId("ws", town.workspaceId), account: null },
      channel: { id: null, kind: "whatsapp" },
      conversation: { id: publicId("cnv", conversationId), seq: 1 },
      ...{ contact: null, data: {} },
    };
    const shown = { id: payload.id, body_expunged: true, from: { name: null } };
    expect((await desk.call("GET", "/events")).body.data).toMatchObject([shown]);
    const alone = await desk.call("GET", `/events/${payload.id}`);
    expect(alone.body).toMatchObject(shown);
    expect(alone.body.payload).toEqual(payload);
    const pulled = await desk.call("GET", "/events?after=start");
    expect(pulled.body.data).toMatchObject([{ ...shown, payload }]);
    const stream = await desk.open("/stream?after=start");
    const frame = await readUntil(stream, "body_expunged");
    expect(JSON.parse(/^data: (\{.*\})$/m.exec(frame)?.[1] ?? "")).toEqual(payload);
    const [late] = await recorderIds();
    expect((await desk.call("GET", `/events/${late}`)).body.body_expunged).toBe(false);
  });

  test("go page by page, and an error between two pages undoes nothing and is gone on from", async () => {
    await publish(20);
    await untilOver();
    const { connections } = town.database;
    let pages = 0;
    const failing: Connections = {
      ...connections,
      transaction: (work) =>
        connections.transaction(async (tx) => {
          const answer = await work(tx);
          if (++pages === 2) {
            const { rows } = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
            await connections.pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
            await tx.query("select 1");
          }
          return answer;
        }),
    };
    await expect(round({ connections: failing, page: 6 })).rejects.toThrow();
    expect(await bodies(), "the first page is done, the second as if it had not been").toBe(14);
    const first = await floor();
    expect(await round({ page: 6 })).toMatchObject({ events: 14, swept: ["2026-03-02"] });
    expect(await bodies()).toBe(0);
    expect((await floor()) ?? "" > (first ?? "")).toBeTruthy();
    await expectBalance();
  });

  test("go once, although the commit of a page was not answered", async () => {
    const { url } = await town.endpoint({ schedule: [3_600 * 24 * 30] });
    town.answers.set(url, echo);
    await publish(20);
    await untilOver();
    const meddler = openMeddler(town.database.connections);
    meddler.once("transaction", unanswered);
    await expect(round({ connections: meddler.connections, page: 6 })).rejects.toThrow();
    expect(await bodies(), "it stands all the same").toBe(14);
    expect(await round({ page: 6 })).toMatchObject({ events: 14, cancelled: 14 });
    expect(await bodies()).toBe(0);
    expect(await wordsIn()).toEqual([]);
    await expectBalance();
  });

  test("wait for the next round when the process is to stop, pages that were done excepted", async () => {
    await publish(20);
    await untilOver();
    const { connections } = town.database;
    const stop = new AbortController();
    const stopping: Connections = {
      ...connections,
      transaction: async (work) => {
        const answer = await connections.transaction(work);
        stop.abort();
        return answer;
      },
    };
    const done = await round({ connections: stopping, page: 6, signal: stop.signal });
    expect(done).toEqual({ events: 6, cancelled: 0, swept: [] });
    expect(await town.rows("select from unswept_day"), "nothing was swept").toHaveLength(1);
    expect(await round({ page: 6 })).toMatchObject({ events: 14, swept: ["2026-03-02"] });
  });

  test("make room in the middle of a day for what is left of the next ones", async () => {
    const data = { text: WORDS.repeat(115) };
    await publish(300, data);
    const pages = async () =>
      (
        await town.rows<{ n: number }>(
          "select (pg_relation_size('event_20260302') / 8192)::int as n",
        )
      )[0]?.n ?? 0;
    const before = await pages();
    await untilOver();
    await round({ page: 10, roomEvery: 20 });
    expect(await bodies()).toBe(0);
    const grown = (await pages()) - before;
    // Twenty of what is left fill a page; without room for them there are fifteen pages more.
    expect(grown).toBeLessThan(6);
  });

  test("are swept where no limit of a request holds, for large days take minutes", async () => {
    await publish(20);
    await untilOver();
    const { connections } = town.database;
    const slow = connections.lane("slow", 1, { statementTimeoutMs: 0 });
    const swept: string[] = [];
    slow.on("acquire", () => swept.push("slow"));
    connections.pool.on("acquire", (client) => {
      client.query = new Proxy(client.query, {
        apply: (query, self, [given, ...rest]) => {
          if (String(given?.text ?? given).startsWith("vacuum")) swept.push("general");
          return Reflect.apply(query, self, [given, ...rest]);
        },
      });
    });
    expect(await round({ slow, page: 6, roomEvery: 6 })).toMatchObject({ events: 20 });
    expect(new Set(swept)).toEqual(new Set(["slow"]));
  });

  test("go once, and all of them, when two processes are at it", async () => {
    const { url } = await town.endpoint({ schedule: [3_600 * 24 * 30] });
    town.answers.set(url, echo);
    await publish(40);
    await untilOver();
    const rounds = await Promise.all([round({ page: 7 }), round({ page: 7 }), round({ page: 7 })]);
    const events = () => rounds.reduce((sum, each) => sum + each.events, 0);
    rounds.push(await round({ page: 7 }));
    expect(events()).toBe(40);
    expect(cancelled.reduce((sum, each) => sum + each, 0)).toBe(40);
    expect(await wordsIn()).toEqual([]);
    await expectBalance();
  });

  test("leave the files of the database, and what it knows of columns", async () => {
    const noise = Array.from({ length: 800 }, (_, n) => Math.sin(n).toString(36)).join(WORDS);
    await publish(20, { noise });
    await publish(5, { noise: WORDS });
    const kept = async () =>
      (
        await town.rows<{ bytes: number }>(
          `select pg_relation_size(reltoastrelid)::float8 as bytes from pg_class where relname = 'event_20260302'`,
        )
      )[0]?.bytes ?? 0;
    const known = () =>
      town.rows(
        "select 1 from pg_stats where tablename = 'event_20260302' and array_to_string(coalesce(most_common_vals, histogram_bounds)::text::text[], '') like $1",
        [`%${WORDS}%`],
      );
    await town.rows("analyze event_20260302");
    expect(await known()).toHaveLength(1);
    expect(await kept()).toBeGreaterThan(100_000);
    await untilOver();
    await round();
    expect(await kept()).toBe(0);
    expect(await known()).toEqual([]);
  });

  test("go from our own receivers too", async () => {
    const at = town.clock.now();
    const catcher = town.ids.next();
    await town.rows(
      `insert into catcher (id, workspace_id, name, status, delay_ms, keep, created_at, updated_at)
       values ($1, $2, 'c', 200, 0, 10, $3, $3)`,
      [catcher, town.workspaceId, new Date(at)],
    );
    await town.rows(
      `insert into catcher_request (id, catcher_id, received_at, method, headers, body, body_bytes, answered)
       select gen_random_uuid(), $1, at, 'POST', '[]', 'words', 5, 200 from unnest($2::timestamptz[]) at`,
      [catcher, [new Date(at), new Date(at + DAY_MS)]],
    );
    await untilOver();
    await round();
    expect(
      await town.rows(
        "select body is null as gone, body_bytes from catcher_request order by received_at",
      ),
    ).toEqual([
      { gone: true, body_bytes: 5 },
      { gone: false, body_bytes: 5 },
    ]);
  });
});

describe("what waits for a body that goes", () => {
  test("is cancelled, and the ledger has it so", async () => {
    const { url } = await town.endpoint({ schedule: [3_600 * 24 * 30] });
    town.answers.set(url, echo);
    const [id] = await publish();
    await untilOver();
    expect(await round()).toMatchObject({ events: 1, cancelled: 1 });
    expect(cancelled).toEqual([1]);
    expect(await town.rows("select from retry")).toEqual([]);
    expect((await desk.call("GET", `/deliveries?event_id=${id}`)).body.data).toMatchObject([
      { state: "cancelled", reason: "expunged", attempts: 1, body_expunged: true },
    ]);
    await expectBalance();
  });

  test("and is a replay of what was delivered, leaves it delivered", async () => {
    const { url } = await town.endpoint({ schedule: [3_600 * 24 * 30] });
    const [id] = await publish();
    const [delivery] = (await desk.call("GET", `/deliveries?event_id=${id}`)).body.data;
    town.answers.set(url, echo);
    await desk.call("POST", `/deliveries/${delivery.id}/replay`);
    await desk.deliver();
    await untilOver();
    expect(await round()).toMatchObject({ cancelled: 1 });
    expect((await desk.call("GET", `/deliveries/${delivery.id}`)).body).toMatchObject({
      ...{ state: "delivered", attempt_count: 2, next_attempt_at: null },
    });
    await expectBalance();
  });

  test("in the log alone, for an endpoint that stands still, is cancelled and was announced", async () => {
    const { id: endpointId, serial } = await town.endpoint();
    await publish();
    await desk.engine.beatOnce();
    await town.change(
      `update endpoint set state = 'paused', behind_version = 0,
         behind_from = (select insert_floor from process where state = 'living') where id = $1`,
      [endpointId],
    );
    await desk.engine.directory.refresh();
    const [owed] = await publish(1);
    expect((await desk.call("GET", `/deliveries?event_id=${owed}`)).body.data).toMatchObject([
      { state: "pending" },
    ]);
    const logger = silentLogger();
    const keep = () =>
      housekeepOnce({
        ...{ connections: town.database.connections, clock: town.clock, logger, onCancelled() {} },
        ...{ retentionMs: RETENTION_MS, payloadMs: PAYLOAD_MS },
      });
    const said = () => logger.lines.filter(({ message }) => message.includes("will be cancelled"));
    town.clock.setNow(lastKept(town.clock.now()) - 3 * DAY_MS);
    await keep();
    expect(said()).toEqual([]);
    town.clock.setNow(town.clock.now() + 1);
    await keep();
    expect(said()).toMatchObject([{ level: "warn", fields: { endpoint: endpointId } }]);
    town.clock.setNow(town.clock.now() + 3 * DAY_MS);
    await desk.engine.beatOnce();
    expect(await round()).toMatchObject({ events: 2, cancelled: 1 });
    expect((await desk.call("GET", `/deliveries?event_id=${owed}`)).body.data).toMatchObject([
      { state: "cancelled", reason: "expunged", attempts: 0 },
    ]);
    expect(await town.rows("select from retry where endpoint = $1", [serial])).toEqual([]);
    await expectBalance();
  });

  test("and is under way holds its page, and the next round takes it", async () => {
    const { url } = await town.endpoint({ schedule: [] });
    let answer = (): void => {};
    town.answers.set(url, () => refused(500));
    const [id] = await publish();
    const begun = new Promise<void>((begins) => {
      town.answers.set(url, (post) => {
        begins();
        return new Promise((resolve) => {
          answer = () => resolve({ ...ok, body: post.body } as PostResult);
        });
      });
    });
    await town.clock.advance(6 * DAY_MS);
    await desk.engine.beatOnce();
    const [delivery] = (await desk.call("GET", `/deliveries?event_id=${id}`)).body.data;
    await desk.call("POST", `/deliveries/${delivery.id}/replay`);
    expect(await desk.engine.retries.runOnce()).toBe(1);
    await begun;
    town.clock.setNow(lastKept(Date.UTC(2026, 2, 2)) + 1);
    await desk.engine.beatOnce();
    expect(await round()).toMatchObject({ events: 0, cancelled: 0 });
    expect(await bodies()).toBe(1);
    answer();
    await desk.engine.quiet();
    expect(await round()).toMatchObject({ events: 1, cancelled: 0 });
    expect(await wordsIn()).toEqual([]);
    expect((await desk.call("GET", `/deliveries/${delivery.id}`)).body.state).toBe("delivered");
    await expectBalance();
  });

  test("lets what it held back in its conversation go", async () => {
    const { url, serial } = await town.endpoint({
      ...{ ordering: "conversation", schedule: [3_600 * 24 * 30] },
    });
    town.answers.set(url, echo);
    const conversationId = await town.conversation();
    const accept = recorder(desk.engine);
    await accept.accept(town.draft({ conversationId, data: { name: WORDS } }));
    await desk.deliver();
    await untilOver();
    await accept.accept(town.draft({ conversationId, data: {} }));
    town.answers.set(url, () => ok);
    expect(await round()).toMatchObject({ events: 1, cancelled: 1 });
    expect(woken).toEqual([serial]);
    town.posts.length = 0;
    desk.engine.wake(woken);
    await desk.deliver();
    expect(town.posts.map(({ body }) => JSON.parse(body).conversation.seq)).toEqual([2]);
    await expectBalance();
  });
});

async function recorderIds(): Promise<string[]> {
  const { id } = await recorder(desk.engine).accept(town.draft());
  return [publicId("evt", id)];
}

async function readUntil(response: Response, text: string): Promise<string> {
  const reader = response.body?.getReader();
  let read = "";
  while (reader && !read.includes(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    read += new TextDecoder().decode(value);
  }
  await reader?.cancel();
  return read;
}

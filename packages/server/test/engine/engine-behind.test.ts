import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventDraft } from "../../src/core/events/recording.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { housekeepOnce } from "../../src/delivery/rounds/housekeeping.ts";
import { listDeliveries } from "../../src/storage/deliveries/delivery-list.ts";
import { readQueueGauges } from "../../src/storage/figures/queue-gauges.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { ok, openTown, type Post, recorder, refused, type Town } from "../support/engine/town.ts";
import { CROWD, MOST_GIVEN, openWorker, PAGE, type Worker } from "../support/engine/worker.ts";
import { silentLogger } from "../support/silent-logger.ts";

const DAY_MS = 86_400_000;

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

/** Lets processes take turns, a second each, until nothing waits any more. */
async function settle(...workers: Worker[]): Promise<number> {
  let most = 0;
  for (let n = 0; n < 300; n++) {
    for (const worker of workers) await worker.turn();
    await town.clock.advance(1_000);
    most = Math.max(most, await inRetry());
    if ((await marks()).length === 0 && (await inRetry()) === 0 && (await openJobs()) === 0) break;
  }
  return most;
}

const inRetry = async () =>
  (await town.rows<{ n: number }>("select count(*)::int as n from retry"))[0]?.n ?? 0;
const openJobs = async () =>
  (await town.rows("select from job where state in ('waiting', 'running')")).length;
const marks = () =>
  town.rows<{ serial: number; until: number | null }>(
    `select serial, behind_until as "until" from endpoint where behind_from is not null`,
  );
const setState = (serial: number, state: string, by: string | null = null) =>
  town.change("update endpoint set state = $2, disabled_by = $3 where serial = $1", [
    ...[serial, state, by],
  ]);
const idOf = (post: Post) => JSON.parse(post.body).id as string;
const seqOf = (post: Post) => JSON.parse(post.body).conversation?.seq as number;
const sent = (url: string) => town.posts.filter((post) => post.url === url);

async function accept(engine: Engine, count: number, draft: Partial<EventDraft> = {}) {
  const accepting = recorder(engine);
  await Promise.all(Array.from({ length: count }, () => accepting.accept(town.draft(draft))));
}

describe("an endpoint that is paused", () => {
  test("costs nothing but the log, and gets everything once when it moves again", async () => {
    const { url, serial } = await town.endpoint();
    const other = await town.endpoint();
    const worker = await openWorker(town);
    const { engine } = worker;
    await accept(engine, 5);
    await engine.quiet();
    await setState(serial, "paused");
    await worker.turn();
    await accept(engine, 60);
    await engine.quiet();
    expect(engine.sender.carried).toBe(0);
    expect(await inRetry()).toBe(0);
    expect(sent(url)).toHaveLength(5);
    expect(sent(other.url)).toHaveLength(65);
    await engine.beatOnce();
    const [floor] = await town.rows<{ passed: boolean }>(
      `select bool_and(settled_floor > (select id from event order by id desc limit 1)) as passed
       from process where state = 'living'`,
    );
    expect(floor, "floors pass what is in the log alone").toEqual({ passed: true });

    await setState(serial, "enabled");
    const most = await settle(worker);
    expect(most).toBeLessThanOrEqual(MOST_GIVEN + PAGE);
    expect(sent(url)).toHaveLength(65);
    expect(new Set(sent(url).map(idOf)).size).toBe(65);
    expect(await marks()).toEqual([]);
    expect(await openJobs()).toBe(0);

    await accept(engine, 3);
    await engine.quiet();
    expect(sent(url), "and the next ones at once").toHaveLength(68);
  });

  test("keeps its queue besides: what stood in it before goes out too", async () => {
    const { url, serial } = await town.endpoint({ schedule: [60] });
    const worker = await openWorker(town);
    town.answers.set(url, () => refused(500));
    await accept(worker.engine, 3);
    await worker.engine.quiet();
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 4);
    expect(await inRetry()).toBe(3);
    town.answers.delete(url);
    await setState(serial, "enabled");
    await town.clock.advance(60_000);
    await settle(worker);
    const delivered = await town.rows("select state from delivery where state = 'delivered'");
    expect(delivered).toHaveLength(7);
  });

  test("shows what waits in the log as pending, and the gauges its age", async () => {
    const { serial } = await town.endpoint();
    const worker = await openWorker(town);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 7);
    await town.clock.advance(60_000);
    await worker.turn();
    const { pool } = town.database.connections;
    const page = {
      ...{ workspaceId: town.workspaceId, endpoints: [serial], state: "pending" as const },
      ...{ eventId: undefined, before: undefined, limit: 5 },
    };
    const first = await listDeliveries(pool, page);
    expect(first).toHaveLength(5);
    const rest = await listDeliveries(pool, { ...page, before: first.at(-1) });
    expect(rest).toHaveLength(2);
    expect(new Set([...first, ...rest].map((row) => row.eventId)).size).toBe(7);
    expect([...first, ...rest].every((row) => row.attempts === 0)).toBe(true);
    const gauges = await readQueueGauges(pool, town.clock.now());
    expect(gauges.endpointsBehind).toBe(1);
    expect(gauges.behindSeconds).toBeGreaterThanOrEqual(60);
  });

  test("may be paused again while it catches up", async () => {
    const { url, serial } = await town.endpoint();
    const worker = await openWorker(town);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 35);
    await setState(serial, "enabled");
    for (let n = 0; n < 2; n++) {
      await town.clock.advance(1_000);
      await worker.turn();
    }
    const before = sent(url).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(35);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 20);
    await town.clock.advance(5_000);
    await worker.turn();
    expect(sent(url)).toHaveLength(before);
    await setState(serial, "enabled");
    await settle(worker);
    expect(sent(url).map(idOf).length).toBe(55);
    expect(new Set(sent(url).map(idOf)).size).toBe(55);
  });

  test("and moves for a moment only falls behind from where it was, also when it was nearly done", async () => {
    const { url, serial } = await town.endpoint();
    const worker = await openWorker(town);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 5);
    await setState(serial, "enabled");
    for (let n = 0; n < 20 && (await marks())[0]?.until == null; n++) {
      await town.clock.advance(1_000);
      await worker.turn();
    }
    expect((await marks())[0]?.until, "new events are carried already").toBeGreaterThan(0);
    town.answers.set(url, () => new Promise(() => {}));
    await worker.engine.directory.refresh();
    await accept(worker.engine, 6);
    await setState(serial, "paused");
    await worker.engine.directory.refresh();
    await worker.keeper.runOnce();
    expect(await marks()).toEqual([{ serial, until: null }]);
    await worker.engine.directory.refresh();
    await accept(worker.engine, 5);
    town.answers.delete(url);
    // What was in flight ends with its process; another finds it.
    const heir = await openWorker(town);
    for (let n = 0; n < 7; n++) {
      await heir.engine.beatOnce();
      await heir.engine.membership.watchOnce();
      await town.clock.advance(1_000);
    }
    await setState(serial, "enabled");
    await settle(heir);
    const delivered = await town.rows("select from delivery where state = 'delivered'");
    expect(delivered).toHaveLength(16);
    expect(new Set(sent(url).map(idOf)).size).toBe(16);
  });
});

describe("which endpoints fall behind", () => {
  test("those that failures have disabled, not those that their owner has", async () => {
    const failing = await town.endpoint();
    const off = await town.endpoint();
    const worker = await openWorker(town);
    await setState(failing.serial, "disabled", "failures");
    await setState(off.serial, "disabled", "user");
    await worker.turn();
    expect((await marks()).map(({ serial }) => serial)).toEqual([failing.serial]);
    await accept(worker.engine, 3);
    await setState(failing.serial, "enabled");
    await setState(off.serial, "enabled");
    await settle(worker);
    expect(sent(failing.url)).toHaveLength(3);
    expect(sent(off.url)).toEqual([]);
  });

  test("one that is down for five days: the queue stays small, and on its return all arrive, none twice", async () => {
    const { url } = await town.endpoint({ schedule: Array(400).fill(3_600) });
    const good = await town.endpoint();
    const worker = await openWorker(town);
    town.answers.set(url, () => refused(503));
    let most = 0;
    const accepted = 5 * 60;
    for (let day = 0; day < 5; day++) {
      await ensurePartitions(town.database.connections.pool, town.clock.now(), 1);
      for (let wave = 0; wave < 2; wave++) {
        await accept(worker.engine, 30);
        await worker.turn();
        await worker.turn();
        most = Math.max(most, await inRetry());
        await town.clock.advance(DAY_MS / 2);
        await worker.engine.beatOnce();
      }
    }
    expect(sent(good.url)).toHaveLength(accepted);
    expect(most).toBeLessThanOrEqual(CROWD + 2 * 30);
    town.answers.delete(url);
    await ensurePartitions(town.database.connections.pool, town.clock.now(), 1);
    await town.clock.advance(3_600_000);
    const later = await settle(worker);
    expect(later).toBeLessThanOrEqual(CROWD + 2 * 30);
    const rows = await town.rows<{ state: string; n: number }>(
      "select state, count(*)::int as n from delivery group by 1",
    );
    expect(rows).toEqual([{ state: "delivered", n: 2 * accepted }]);
    const arrived = await town.rows<{ n: number }>(
      "select count(*)::int as n from attempt where status = 200 group by event_id, endpoint",
    );
    expect(arrived).toEqual(Array(2 * accepted).fill({ n: 1 }));
    expect(await marks()).toEqual([]);
  }, 60_000);
});

describe("a process that is late", () => {
  test("and commits an event of before while another catches up holds the end back, and nothing is lost", async () => {
    const { url, serial } = await town.endpoint();
    const a = await openWorker(town);
    const b = await openWorker(town);
    await setState(serial, "paused");
    await a.turn();
    await b.turn();
    await accept(a.engine, 3);

    let commit = (): void => {};
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let appended = (): void => {};
    const isAppended = new Promise<void>((resolve) => (appended = resolve));
    const slow = a.engine.makeAcceptor<EventDraft, string>({
      name: "slow",
      maxUnits: 1,
      async run(recording, units) {
        const [recorded] = await recording.append(units);
        appended();
        await gate;
        return [recorded?.id ?? ""];
      },
    });
    const late = slow.accept(town.draft());
    await isAppended;

    await setState(serial, "enabled");
    for (let n = 0; n < 12; n++) {
      await b.turn();
      await a.engine.directory.refresh();
      await a.engine.beatOnce();
      await town.clock.advance(1_000);
    }
    expect(sent(url)).toHaveLength(3);
    expect(await marks(), "A has not passed the version yet").toHaveLength(1);
    await accept(b.engine, 2);
    commit();
    const id = await late;
    expect(await town.rows("select from event where id = $1", [id])).toHaveLength(1);
    await settle(a, b);
    expect(sent(url)).toHaveLength(6);
    expect(new Set(sent(url).map(idOf)).size).toBe(6);
  });

  test("and holds the old version holds the end back too, and accepts nothing under it", async () => {
    const { url, serial } = await town.endpoint();
    const a = await openWorker(town);
    const b = await openWorker(town);
    await setState(serial, "paused");
    await b.turn();
    await a.turn();
    await setState(serial, "enabled");
    for (let n = 0; n < 12; n++) {
      await b.turn();
      await accept(b.engine, 1);
      await town.clock.advance(1_000);
    }
    expect(await marks(), "nobody has heard of A that it moves on").toHaveLength(1);
    await accept(a.engine, 4);
    await settle(a, b);
    expect(new Set(sent(url).map(idOf)).size).toBe(16);
    expect(sent(url)).toHaveLength(16);
  });
});

describe("a process that dies", () => {
  test("leaves what waits in the log alone there, and its job to another", async () => {
    const { url, serial } = await town.endpoint();
    const a = await openWorker(town);
    await setState(serial, "paused");
    await a.turn();
    await accept(a.engine, 45);
    const b = await openWorker(town);
    await setState(serial, "enabled");
    await a.engine.beatOnce();
    await a.keeper.runOnce();
    await a.jobs.runOnce();
    expect(await inRetry()).toBe(PAGE);
    for (let n = 0; n < 7; n++) {
      await b.engine.beatOnce();
      await b.engine.membership.watchOnce();
      await town.clock.advance(1_000);
    }
    expect(await inRetry(), "recovery leaves the log to the job").toBe(PAGE);
    await settle(b);
    expect(sent(url)).toHaveLength(45);
    expect(new Set(sent(url).map(idOf)).size).toBe(45);
  });
});

describe("order", () => {
  test("of conversations is kept over a pause: what stood in line, what waited in the log, what is new", async () => {
    const { url, serial } = await town.endpoint({ ordering: "conversation", schedule: [30] });
    const conversations = [await town.conversation(), await town.conversation()];
    const a = await openWorker(town);
    const b = await openWorker(town);
    const both = async (count: number) => {
      for (let n = 0; n < count; n++) {
        for (const conversationId of conversations) {
          await accept((n % 2 ? a : b).engine, 1, { conversationId });
        }
      }
    };
    town.answers.set(url, () => refused(500));
    await both(3);
    await a.engine.retries.runOnce();
    await a.engine.quiet();
    await setState(serial, "paused");
    await a.turn();
    await b.turn();
    await both(15);
    expect(await inRetry()).toBe(6);
    town.answers.delete(url);
    await town.clock.advance(30_000);
    await setState(serial, "enabled");
    let accepted = 18;
    for (let n = 0; n < 60 && (n < 5 || (await marks()).length > 0); n++) {
      for (const worker of [a, b]) await worker.turn();
      await both(1);
      accepted++;
      await town.clock.advance(1_000);
    }
    await both(2);
    await settle(a, b);
    expect(await marks()).toEqual([]);
    for (const id of conversations) {
      const seqs = sent(url)
        .filter((post) => post.body.includes(id))
        .map(seqOf);
      expect(seqs.filter((seq, at) => seq !== seqs[at - 1])).toEqual(
        Array.from({ length: accepted + 2 }, (_, n) => n + 1),
      );
    }
    expect(await town.rows("select from lane")).toEqual([]);
  });

  test("does not stop an endpoint from catching up that has much standing in line above the mark", async () => {
    const { url, serial } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const worker = await openWorker(town);
    await worker.turn();
    await accept(worker.engine, MOST_GIVEN + 5, { conversationId });
    await setState(serial, "paused");
    await worker.keeper.runOnce();
    await worker.engine.directory.refresh();
    await accept(worker.engine, 5, { conversationId });
    expect(await inRetry()).toBe(MOST_GIVEN + 5);
    await town.change("update retry set next_at = 'infinity'");
    await town.change("update lane set head_event_id = null, head_seq = null");
    await setState(serial, "enabled");
    await settle(worker);
    expect(sent(url).map(seqOf)).toEqual(Array.from({ length: MOST_GIVEN + 10 }, (_, n) => n + 1));
  });
});

describe("whatever happens", () => {
  test.each([3, 17])(
    "everything arrives, and in order where that was asked for (seed %i)",
    async (seed) => {
      let random = seed;
      const chance = (n: number) => {
        random = (random * 48_271) % 2_147_483_647;
        return random % n;
      };
      const schedule = Array(200).fill(1);
      const ordered = await town.endpoint({ ordering: "conversation", schedule });
      const parallel = await town.endpoint({ schedule });
      const conversations = [await town.conversation(), await town.conversation()];
      const received = new Map<string, number[]>();
      town.answers.set(ordered.url, (post) => {
        if (chance(5) === 0) return refused(500);
        const { conversation } = JSON.parse(post.body);
        received.set(conversation.id, [...(received.get(conversation.id) ?? []), conversation.seq]);
        return ok;
      });
      town.answers.set(parallel.url, () => (chance(5) === 0 ? refused(500) : ok));
      const workers = [await openWorker(town), await openWorker(town)] as const;
      const states = new Map([
        [ordered.serial, "enabled"],
        [parallel.serial, "enabled"],
      ]);
      let accepted = 0;
      for (let n = 0; n < 60; n++) {
        const worker = workers[chance(2) as 0 | 1];
        const happens = chance(10);
        if (happens < 5) {
          const count = 1 + chance(8);
          accepted += count;
          const conversationId = conversations[chance(2)] ?? null;
          await accept(worker.engine, count, { conversationId });
        } else if (happens < 8) {
          await worker.turn();
          await town.clock.advance(chance(3) * 500);
        } else if (happens === 8) {
          const serial = chance(2) ? ordered.serial : parallel.serial;
          const state = states.get(serial) === "enabled" ? "paused" : "enabled";
          states.set(serial, state);
          await setState(serial, state);
          if (chance(2)) await worker.engine.directory.refresh();
        } else {
          await worker.keeper.runOnce();
          await worker.jobs.runOnce();
          if (chance(2)) await worker.engine.retries.runOnce();
        }
        for (const { engine } of workers) await engine.beatOnce();
      }
      for (const serial of states.keys()) await setState(serial, "enabled");
      await settle(...workers);
      expect(await marks()).toEqual([]);
      expect(
        await town.rows(
          "select state, is_gap as gap, count(*)::int as n from delivery group by 1, 2",
        ),
      ).toEqual([{ state: "delivered", gap: false, n: 2 * accepted }]);
      expect(await town.rows("select from attempt where status = 200")).toHaveLength(2 * accepted);
      const seqs = conversations.map((id) => received.get(id) ?? []);
      expect(seqs).toEqual(seqs.map((each) => each.map((_, at) => at + 1)));
      expect(seqs.flat()).toHaveLength(accepted);
      expect(await town.rows("select from lane")).toEqual([]);
    },
    60_000,
  );
});

describe("what is owed and never delivered", () => {
  test("of a day that is closed is cancelled, counted, and announced before", async () => {
    const { url, serial } = await town.endpoint();
    const worker = await openWorker(town);
    const { connections } = town.database;
    const { clock } = town;
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 4);
    await ensurePartitions(connections.pool, clock.now(), 8);
    const warnings: string[] = [];
    const logger = { ...silentLogger(), warn: (_: object, text: string) => warnings.push(text) };
    const cancelled: number[] = [];
    const house = () =>
      housekeepOnce({
        ...{ connections, clock, logger, retentionMs: 5 * DAY_MS, payloadMs: 5 * DAY_MS },
        onCancelled: (count) => cancelled.push(count),
      });
    await house();
    expect(warnings).toEqual([]);
    await clock.advance(4 * DAY_MS);
    await worker.engine.beatOnce();
    await accept(worker.engine, 3);
    await house();
    expect(warnings).toEqual([expect.stringMatching(/will be cancelled/)]);
    await clock.advance(2 * DAY_MS);
    await house();
    expect(cancelled).toEqual([4]);
    await worker.engine.beatOnce();
    await setState(serial, "enabled");
    await settle(worker);
    expect(sent(url)).toHaveLength(3);
  });

  test("of a day that is closed is cancelled page by page, however much it is", async () => {
    const { url, serial } = await town.endpoint();
    const worker = await openWorker(town);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 2 * PAGE + 5);
    await town.clock.advance(91 * DAY_MS);
    await ensurePartitions(town.database.connections.pool, town.clock.now(), 1);
    await worker.engine.beatOnce();
    await accept(worker.engine, 3);
    await setState(serial, "enabled");
    await worker.turn();
    expect(worker.cancelled).toEqual([PAGE]);
    await settle(worker);
    expect(worker.cancelled).toEqual([PAGE, PAGE, 5]);
    expect(sent(url)).toHaveLength(3);
  });

  test("by an endpoint that is deleted is cancelled", async () => {
    const { url, serial } = await town.endpoint();
    const worker = await openWorker(town);
    await setState(serial, "paused");
    await worker.turn();
    await accept(worker.engine, 25);
    await town.change("update endpoint set deleted_at = now() where serial = $1", [serial]);
    await settle(worker);
    expect(sent(url)).toEqual([]);
    expect(
      await town.rows("select state, reason, count(*)::int as n from delivery group by 1, 2"),
    ).toEqual([{ state: "cancelled", reason: "endpoint_deleted", n: 25 }]);
    expect(await marks()).toEqual([]);
  });
});

test("a process without a sender leaves to the log what waits there", async () => {
  const { url, serial } = await town.endpoint();
  const worker = await openWorker(town);
  await setState(serial, "paused");
  await worker.turn();
  const api = await town.engine({ role: "api" });
  await accept(api, 3);
  expect(await inRetry()).toBe(0);
  await api.stop(0);
  await setState(serial, "enabled");
  await settle(worker);
  expect(sent(url)).toHaveLength(3);
});

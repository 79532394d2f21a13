import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { Replays } from "../../src/delivery/jobs/replay.ts";
import { housekeepOnce } from "../../src/delivery/rounds/housekeeping.ts";
import { noting } from "../support/database/noting.ts";
import { ok, openTown, type Post, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

/** An answer that the test gives when it likes. */
function held(): { answer: Promise<PostResult>; give(result: PostResult): void } {
  let give: (result: PostResult) => void = () => {};
  const answer = new Promise<PostResult>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

const seqOf = (post: Post): number => JSON.parse(post.body).conversation?.seq ?? 0;
const seqs = (url: string) => town.posts.filter((post) => post.url === url).map(seqOf);
const waiting = () =>
  town.rows<{ seq: number | null; isHeld: boolean; owner: number | null }>(
    `select seq, next_at = 'infinity' as "isHeld", owner from retry order by event_id, endpoint`,
  );
const lanes = () => town.rows("select head_seq as head from lane order by endpoint, head_seq");
const states = () =>
  town.rows<{ state: string; gap: boolean }>(
    "select state, is_gap as gap from delivery order by event_id, endpoint",
  );

/** Claims and delivers what is due at this instant, through whoever is asked, until nothing is. */
async function deliver(...engines: Engine[]): Promise<void> {
  for (const engine of engines) await engine.beatOnce();
  for (let taken = 1; taken > 0; ) {
    taken = 0;
    for (const engine of engines) {
      await engine.quiet();
      taken += await engine.retries.runOnce();
      await engine.quiet();
    }
  }
}

/** `observer` sees that the others have no heartbeat any more, declares them dead and recovers them. */
async function takeForDead(observer: Engine): Promise<void> {
  await observer.beatOnce();
  await observer.membership.watchOnce();
  for (let second = 0; second < 5; second++) {
    await town.clock.advance(1_000);
    await observer.beatOnce();
  }
  await observer.membership.watchOnce();
}

describe("an endpoint that asks for the order of conversations", () => {
  test("gets the events of a conversation one by one, however many are accepted at once", async () => {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    let inFlight = 0;
    let most = 0;
    town.answers.set(url, async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return ok;
    });
    const accept = recorder(engine);
    await Promise.all(
      Array.from({ length: 20 }, () => accept.accept(town.draft({ conversationId }))),
    );
    await deliver(engine);
    expect(seqs(url)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(most).toBe(1);
    expect(await waiting()).toEqual([]);
    expect(await lanes()).toEqual([]);
    expect(await states()).toEqual(Array(20).fill({ state: "delivered", gap: false }));
  });

  test("gets an event at once, without anybody having to look for it", async () => {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    await engine.beatOnce();
    await recorder(engine).accept(town.draft({ conversationId }));
    expect(engine.retries.nextCheckAt()).toBe(town.clock.now());
    expect(await engine.retries.runOnce()).toBe(1);
    await recorder(engine).accept(town.draft({ conversationId }));
    await engine.quiet();
    expect(await engine.retries.runOnce(), "the next one too, once the first is settled").toBe(1);
    await engine.quiet();
    expect(seqs(url)).toEqual([1, 2]);
  });

  test("that fails one event gets the next of its conversation only after it, and all others at once", async () => {
    const { url } = await town.endpoint({ ordering: "conversation", schedule: [60] });
    const [blocked, free] = [await town.conversation(), await town.conversation()];
    const engine = await town.engine();
    let works = false;
    town.answers.set(url, (post) => (works || !post.body.includes(blocked) ? ok : refused(500)));
    const accept = recorder(engine);
    for (const conversationId of [blocked, blocked, free, free, null]) {
      await accept.accept(town.draft({ conversationId }));
      await deliver(engine);
    }
    const of = (id: string) => town.posts.filter((post) => post.body.includes(id)).map(seqOf);
    expect(of(blocked)).toEqual([1]);
    expect(of(free)).toEqual([1, 2]);
    expect(seqs(url)).toContain(0);
    expect(await waiting()).toEqual([
      { seq: 1, isHeld: false, owner: null },
      { seq: 2, isHeld: true, owner: null },
    ]);
    works = true;
    await town.clock.advance(60_000);
    await deliver(engine);
    expect(of(blocked)).toEqual([1, 1, 2]);
    expect(await lanes()).toEqual([]);
  });

  test("has a gap where a dead letter was, and gets the next event behind it", async () => {
    const { url, serial } = await town.endpoint({ ordering: "conversation", schedule: [1] });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    town.answers.set(url, (post) => (seqOf(post) === 1 ? refused(500) : ok));
    const accept = recorder(engine);
    const { id } = await accept.accept(town.draft({ conversationId }));
    await accept.accept(town.draft({ conversationId }));
    await deliver(engine);
    await town.clock.advance(1_000);
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 1, 2]);
    expect(await states()).toEqual([
      { state: "dead", gap: true },
      { state: "delivered", gap: false },
    ]);

    // A replay stands outside the order: it neither waits for the conversation nor holds it back.
    const late = held();
    town.answers.set(url, (post) => (seqOf(post) === 3 ? late.answer : ok));
    await accept.accept(town.draft({ conversationId }));
    await engine.retries.runOnce();
    const { connections } = town.database;
    const replays = new Replays({
      findSubscription: async () => null,
      ...{ connections, clock: town.clock, newId: () => town.ids.next() },
      ...{ retentionMs: DAY_MS, payloadMs: DAY_MS },
      wake: (endpoints) => engine.wake(endpoints),
      onJob() {},
    });
    const owner = { workspaceId: town.workspaceId, accountId: null };
    expect(await replays.one(owner, { eventId: id, endpoint: serial })).toBe("started");
    await engine.retries.runOnce();
    await until("the replay is delivered", async () => (await states())[0]?.state === "delivered");
    expect(seqs(url)).toEqual([1, 1, 2, 3, 1]);
    late.give(ok);
    await deliver(engine);
    expect(await states()).toMatchObject([{ gap: true }, { gap: false }, { state: "delivered" }]);
  });

  test("does not let a replay pull an event forward that waits its turn", async () => {
    const { url, serial } = await town.endpoint({ ordering: "conversation", schedule: [60] });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    town.answers.set(url, () => refused(500));
    const accept = recorder(engine);
    await accept.accept(town.draft({ conversationId }));
    const { id } = await accept.accept(town.draft({ conversationId }));
    await deliver(engine);
    const { connections } = town.database;
    const replays = new Replays({
      findSubscription: async () => null,
      ...{ connections, clock: town.clock, newId: () => town.ids.next() },
      ...{ retentionMs: DAY_MS, payloadMs: DAY_MS },
      wake() {},
      onJob() {},
    });
    const owner = { workspaceId: town.workspaceId, accountId: null };
    await expect(replays.one(owner, { eventId: id, endpoint: serial })).rejects.toThrow(
      /earlier event of its conversation/,
    );
    expect(await waiting()).toMatchObject([{ isHeld: false }, { isHeld: true }]);
  });
});

describe("two processes", () => {
  test("keep the order when each accepts a part of the conversation, and whoever settles goes on at once", async () => {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    town.answers.set(url, (post) => (seqOf(post) === 1 ? late.answer : ok));
    await recorder(a).accept(town.draft({ conversationId }));
    expect(await a.retries.runOnce()).toBe(1);
    await recorder(b).accept(town.draft({ conversationId }));
    await b.beatOnce();
    await b.retries.scan();
    expect(await b.retries.runOnce(), "17 is under way on A, so 18 waits on B").toBe(0);
    late.give(ok);
    await a.quiet();
    expect(await a.retries.runOnce(), "A has settled 17 and need not be told of 18").toBe(1);
    await a.quiet();
    expect(seqs(url)).toEqual([1, 2]);
  });

  test("go on in order when one of them is killed with an event in flight", async () => {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const [a, b] = [await town.engine(), await town.engine()];
    town.answers.set(url, () => new Promise(() => {}));
    for (let n = 0; n < 3; n++) await recorder(a).accept(town.draft({ conversationId }));
    expect(await a.retries.runOnce()).toBe(1);
    town.answers.delete(url);
    await takeForDead(b);
    await b.retries.scan();
    await deliver(b);
    expect(seqs(url)).toEqual([1, 1, 2, 3]);
    expect(await states()).toEqual(Array(3).fill({ state: "delivered", gap: false }));
    expect(await lanes()).toEqual([]);
  });

  test("deliver every conversation in order while receivers fail at random", async () => {
    const ordered = await town.endpoint({ ordering: "conversation", schedule: Array(30).fill(1) });
    const parallel = await town.endpoint({ schedule: Array(30).fill(1) });
    const conversations = await Promise.all(Array.from({ length: 4 }, () => town.conversation()));
    const engines = [await town.engine(), await town.engine()];
    const received = new Map<string, number[]>();
    const busy = new Set<string>();
    let random = 17;
    town.answers.set(ordered.url, async (post) => {
      const { conversation } = JSON.parse(post.body);
      expect(busy, "one of a conversation is under way at a time").not.toContain(conversation.id);
      busy.add(conversation.id);
      await new Promise((resolve) => setImmediate(resolve));
      busy.delete(conversation.id);
      random = (random * 48_271) % 2_147_483_647;
      if (random % 5 === 0) return refused(500);
      received.set(conversation.id, [...(received.get(conversation.id) ?? []), conversation.seq]);
      return ok;
    });
    const accepts = engines.map((engine) => recorder(engine));
    for (let wave = 0; wave < 3; wave++) {
      await Promise.all(
        accepts.flatMap((accept, process) =>
          Array.from({ length: 16 }, (_, n) => {
            const place = ((2 * n + process) * 5 + wave) % 4;
            return accept.accept(town.draft({ conversationId: conversations[place] ?? null }));
          }),
        ),
      );
      await deliver(...engines);
    }
    for (let n = 0; n < 120 && (await waiting()).length > 0; n++) {
      await town.clock.advance(1_000);
      for (const engine of engines) await engine.retries.scan();
      await deliver(...engines);
    }
    expect(await waiting()).toEqual([]);
    for (const id of conversations) {
      expect(received.get(id)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1));
    }
    expect(town.posts.filter((post) => post.url === parallel.url)).toHaveLength(96);
    expect(await lanes()).toEqual([]);
  });
});

describe("settling 17 and accepting 18 at the same moment", () => {
  /** Holds the one lane from a third connection, so that both have to wait for it, in this order. */
  async function meet(first: "settle" | "accept") {
    const { url, serial } = await town.endpoint({ ordering: "conversation" });
    const conversationId = await town.conversation();
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    town.answers.set(url, (post) => (seqOf(post) === 1 ? late.answer : ok));
    await recorder(a).accept(town.draft({ conversationId }));
    await a.retries.runOnce();

    const client = await town.database.connections.pool.connect();
    await client.query("begin");
    await client.query("select from lane where endpoint = $1 for update", [serial]);
    const blocked = async (count: number) => {
      await until("they wait for the lane", async () => {
        const [row] = await town.rows<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return row?.n === count;
      });
    };
    let accepted: Promise<unknown> = Promise.resolve();
    const steps = {
      settle: () => late.give(ok),
      accept: () => {
        accepted = recorder(b).accept(town.draft({ conversationId }));
      },
    };
    steps[first]();
    await blocked(1);
    steps[first === "settle" ? "accept" : "settle"]();
    await blocked(2);
    await client.query("commit");
    client.release();
    await accepted;
    await a.quiet();
    expect(await waiting()).toEqual([{ seq: 2, isHeld: false, owner: null }]);
    expect(await lanes()).toEqual([{ head: 2 }]);
    await deliver(a, b);
    return { sent: seqs(url), lanes: await lanes() };
  }

  test("leaves 18 at the head when the settle comes first", async () => {
    expect(await meet("settle")).toEqual({ sent: [1, 2], lanes: [] });
  });
  test("leaves 18 at the head when the accept comes first", async () => {
    expect(await meet("accept")).toEqual({ sent: [1, 2], lanes: [] });
  });
});

describe("whatever leaves a lane lets the next go", () => {
  async function blockedLane() {
    const endpoint = await town.endpoint({ ordering: "conversation", schedule: [60, 60] });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    town.answers.set(endpoint.url, () => refused(500));
    const accept = recorder(engine);
    for (let n = 0; n < 3; n++) await accept.accept(town.draft({ conversationId }));
    await deliver(engine);
    expect(seqs(endpoint.url)).toEqual([1]);
    town.answers.delete(endpoint.url);
    return { ...endpoint, conversationId, engine };
  }

  test("an event that is gone", async () => {
    const { url, engine } = await blockedLane();
    await town.change("delete from event where seq = 1");
    await town.clock.advance(60_000);
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 2, 3]);
  });

  test("a day that was closed", async () => {
    const { url, engine, conversationId } = await blockedLane();
    const { connections } = town.database;
    const { clock } = town;
    await housekeepOnce({
      ...{ connections, clock, logger: silentLogger(), onCancelled() {} },
      ...{ retentionMs: 2 * DAY_MS, payloadMs: 2 * DAY_MS },
    });
    await town.clock.advance(DAY_MS);
    await engine.beatOnce();
    await recorder(engine).accept(town.draft({ conversationId }));
    await town.clock.advance(2 * DAY_MS);
    const { cancelled } = await housekeepOnce({
      ...{ connections, clock, logger: silentLogger(), onCancelled() {} },
      ...{ retentionMs: 2 * DAY_MS, payloadMs: 2 * DAY_MS },
    });
    expect(cancelled).toBe(3);
    await engine.retries.scan();
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 4]);
  });

  test("a delivery to an endpoint that was deleted, one after the other", async () => {
    const { url, serial, engine } = await blockedLane();
    await town.change("update endpoint set deleted_at = now() where serial = $1", [serial]);
    await engine.directory.refresh();
    await town.clock.advance(60_000);
    await deliver(engine);
    expect(seqs(url)).toEqual([1]);
    expect((await states()).map(({ state }) => state)).toEqual(Array(3).fill("cancelled"));
    expect(await waiting()).toEqual([]);
    expect(await lanes()).toEqual([]);
  });

  test("and a lane that has lost its head all the same gets a new one from the sweep", async () => {
    const { url, engine } = await blockedLane();
    await town.change("delete from retry where seq = 1");
    await deliver(engine);
    expect(seqs(url), "nobody knows").toEqual([1]);
    await engine.retries.promoteHeadless();
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 2, 3]);
    expect(await lanes()).toEqual([]);
  });
});

describe("changing the order of a live endpoint", () => {
  test("to conversations keeps it from then on; what went out before is not held up", async () => {
    const { url, serial } = await town.endpoint({ schedule: [60] });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    const late = held();
    town.answers.set(url, (post) => (seqOf(post) === 1 ? late.answer : ok));
    const accept = recorder(engine);
    await accept.accept(town.draft({ conversationId }));
    await town.change("update endpoint set ordering = 'conversation' where serial = $1", [serial]);
    await engine.directory.refresh();
    for (let n = 0; n < 2; n++) await accept.accept(town.draft({ conversationId }));
    await engine.beatOnce();
    await engine.retries.runOnce();
    await until("2 is settled", async () => (await states()).length === 1);
    await engine.retries.runOnce();
    late.give(refused(500));
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 2, 3]);
    town.answers.delete(url);
    await town.clock.advance(60_000);
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 2, 3, 1]);
    expect((await states()).every(({ state }) => state === "delivered")).toBe(true);
  });

  test("to parallel lets new events go at once; those that stood in line stay in line", async () => {
    const { url, serial } = await town.endpoint({ ordering: "conversation", schedule: [60] });
    const conversationId = await town.conversation();
    const engine = await town.engine();
    town.answers.set(url, (post) => (seqOf(post) < 3 ? refused(500) : ok));
    const accept = recorder(engine);
    for (let n = 0; n < 2; n++) await accept.accept(town.draft({ conversationId }));
    await deliver(engine);
    await town.change("update endpoint set ordering = 'parallel' where serial = $1", [serial]);
    await engine.directory.refresh();
    await accept.accept(town.draft({ conversationId }));
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 3]);
    town.answers.delete(url);
    await town.clock.advance(60_000);
    await deliver(engine);
    expect(seqs(url)).toEqual([1, 3, 1, 2]);
    expect(await waiting()).toEqual([]);
    expect(await lanes()).toEqual([]);
  });
});

test("a process without a sender puts ordered events in line for one that has", async () => {
  const { url } = await town.endpoint({ ordering: "conversation" });
  const conversationId = await town.conversation();
  const api = await town.engine({ role: "api" });
  const worker = await town.engine({ role: "worker" });
  for (let n = 0; n < 3; n++) await recorder(api).accept(town.draft({ conversationId }));
  expect(await waiting()).toMatchObject([{ isHeld: false }, { isHeld: true }, { isHeld: true }]);
  await worker.retries.scan();
  await deliver(worker);
  expect(seqs(url)).toEqual([1, 2, 3]);
});

test("where nobody asks for an order, accepting costs no statement more", async () => {
  await town.endpoint();
  await town.endpoint({ ordering: "conversation", events: ["lead.created"] });
  const conversationId = await town.conversation();
  const statements: string[] = [];
  const engine = await town.engine({
    connections: noting(town.database.connections, statements),
  });
  await recorder(engine).accept(town.draft({ conversationId }));
  await recorder(engine).accept(town.draft({ type: "lead.created" }));
  await engine.quiet();
  expect(statements.splice(0)).toEqual([
    ...["fence", "lock_conversations", "append_events"],
    ...["fence", "append_events"],
  ]);
  await recorder(engine).accept(town.draft({ type: "lead.created", conversationId }));
  expect(statements).toEqual([
    ...["fence", "lock_conversations", "append_events", "lock_lanes", "enter_lanes"],
  ]);
});

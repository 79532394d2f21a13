import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventDraft } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { type FeedPage, readFeed } from "../../src/storage/events/feed.ts";
import { type Desk, openAccount, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

type As = Parameters<Desk["call"]>[3];
const pull = async (after: string, query = "", as?: As) =>
  (await desk.call("GET", `/events?after=${after}&${query}`, undefined, as)).body;
const publish = async (...types: string[]): Promise<string[]> => {
  const answer = await desk.call(
    "POST",
    "/events",
    types.map((type, n) => ({ type, data: { n } })),
  );
  await desk.engine.beatOnce();
  return answer.body.data.map(({ id }: { id: string }) => id);
};
const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);

describe("the log, pulled with after", () => {
  test("gives every event with its body, the oldest first, and a position to go on from", async () => {
    const ids = await publish("order.placed", "order.shipped", "order.lost");
    const first = await pull("start", "limit=2");
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    expect(first).toMatchObject({ has_more: true, next_cursor: ids[1] });
    expect(first.data[0].payload).toMatchObject({ id: ids[0], type: "order.placed" });
    const rest = await pull(first.next_cursor);
    expect(idsOf(rest)).toEqual(ids.slice(2));
    expect(rest.has_more).toBe(false);
    const [later] = await publish("order.found");
    expect(idsOf(await pull(rest.next_cursor))).toEqual([later]);
    expect(idsOf(await pull(ids[1] ?? ""))).toEqual([ids[2], later]);
    expect(idsOf(await pull("now"))).toEqual([]);
  });

  test("shows nothing that a transaction under way could still come before", async () => {
    await desk.engine.beatOnce();
    let commit = () => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const slow = desk.engine.makeAcceptor<EventDraft, { id: string }>({
      name: "slow",
      maxUnits: 1,
      async run(recording, drafts) {
        const recorded = await recording.append(drafts);
        await held;
        return recorded;
      },
    });
    const early = slow.accept(town.draft());
    await untilOpen();
    const [late] = await publish("order.late");
    expect(idsOf(await pull("start"))).toEqual([]);
    commit();
    const { id } = await early;
    await desk.engine.beatOnce();
    expect(idsOf(await pull("start"))).toEqual([publicId("evt", id), late]);
  });

  test("is narrowed by types, channels, accounts and conversations", async () => {
    const accountId = await openAccount(town);
    const conversationId = await town.conversation();
    const accept = recorder(desk.engine);
    const drafts: Partial<EventDraft>[] = [
      { type: "order.placed" },
      { type: "lead.created", accountId },
      { type: "message.received", channelKind: "sms" },
      { type: "message.received", channelKind: "whatsapp", conversationId },
    ];
    const ids: string[] = [];
    for (const draft of drafts) ids.push((await accept.accept(town.draft(draft))).id);
    await desk.engine.beatOnce();
    const pulled = async (query: string, as?: As) =>
      idsOf(await pull("start", query, as)).map((id) =>
        ids.map((each) => publicId("evt", each)).indexOf(id as `evt_${string}`),
      );
    expect(await pulled("type=lead.created")).toEqual([1]);
    expect(await pulled("type=order.*,lead.created")).toEqual([0, 1]);
    expect(await pulled("channel=sms,whatsapp")).toEqual([2, 3]);
    expect(await pulled(`account_id=${publicId("acc", accountId)}`)).toEqual([1]);
    expect(await pulled(`conversation_id=${publicId("cnv", conversationId)}`)).toEqual([3]);
    expect(await pulled("", { accountId })).toEqual([1]);
    const newest = await desk.call("GET", "/events?type=order.*,lead.created");
    expect(idsOf(newest.body).length).toBe(2);
    const wrong = await desk.call("GET", "/events?type=message.recieved");
    expect(wrong.body.errors[0]).toMatchObject({
      pointer: "type",
      detail: expect.stringContaining("message.received"),
    });
  });

  test("moves on where nothing is wanted, so that a position does not grow old", async () => {
    const ids = await publish("order.placed", "order.placed");
    const page = await pull(ids[0] ?? "", "type=lead.created");
    expect(page).toMatchObject({ data: [], has_more: false });
    expect(page.next_cursor > (ids[1] ?? "")).toBe(true);
  });

  test("refuses a position whose day is gone, and what is no position", async () => {
    const [id] = await publish("order.placed");
    await town.clock.advance(RETENTION_MS + 86_400_000);
    const gone = await desk.call("GET", `/events?after=${id}`);
    expect(gone).toMatchObject({ status: 410, body: { code: "cursor_expired" } });
    expect((await desk.call("GET", "/events?after=soon")).status).toBe(422);
    expect((await desk.call("GET", "/events?after=now&since=2026-01-01T00:00:00Z")).status).toBe(
      422,
    );
  });

  async function untilOpen(): Promise<void> {
    for (;;) {
      const { rows } = await town.database.connections.pool.query(
        `select from pg_stat_activity where state = 'idle in transaction' and datname = current_database()
           and query like '%insert into event%'`,
      );
      if (rows.length > 0) return;
    }
  }
});

describe("a cursor that follows two processes", () => {
  test("skips nothing and repeats nothing, whatever commits late and whoever registers", async () => {
    let random = 4_711;
    const chance = (below: number) => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    const conversations = await Promise.all([town.conversation(), town.conversation()]);
    const engines: Engine[] = [desk.engine, await town.engine()];
    const accepted: string[] = [];
    let isDone = false;

    // Each commits after a while of its own, when later ids have long been committed.
    const acceptorOf = (engine: Engine) =>
      engine.makeAcceptor<EventDraft, { id: string }>({
        name: "late",
        maxUnits: 3,
        laneOf: ({ conversationId }) => (conversationId === null ? [] : [conversationId]),
        async run(recording, drafts) {
          const recorded = await recording.append(drafts);
          await recording.tx.query(`select pg_sleep(${chance(12) / 1_000})`);
          return recorded;
        },
      });
    const write = async (engine: Engine) => {
      const accept = acceptorOf(engine);
      for (let wave = 0; wave < 25; wave++) {
        const conversationId = chance(2) === 0 ? null : (conversations[chance(2)] ?? null);
        const made = await Promise.all(
          Array.from({ length: 4 }, () => accept.accept(town.draft({ conversationId }))),
        );
        accepted.push(...made.map(({ id }) => id));
        if (chance(3) === 0) await town.clock.advanceBeside(chance(3));
      }
    };
    const beat = async () => {
      while (!isDone) for (const engine of engines) await engine.membership.beatOnce();
    };
    const register = async () => {
      for (let n = 0; n < 4; n++) {
        const joined = await town.engine();
        engines.push(joined);
        await recorder(joined)
          .accept(town.draft())
          .then(({ id }) => accepted.push(id));
      }
    };
    const seen: FeedPage["events"] = [];
    const follow = async () => {
      let after = "00000000-0000-0000-0000-000000000000";
      for (let last = false; ; ) {
        const page = await readFeed(
          town.database.connections.pool,
          { workspaceId: town.workspaceId, accountId: null },
          {
            after,
            limit: 7,
            filter: {
              ...{ types: [], channelKinds: [], channelIds: [] },
              ...{ accountId: null, conversationId: null },
            },
          },
        );
        seen.push(...page.events);
        after = page.position;
        if (page.hasMore) continue;
        if (last) return;
        last = isDone;
      }
    };

    const following = follow();
    const beating = beat();
    await Promise.all([...engines.map(write), register()]);
    // Ids may have run ahead of the clock.
    await town.clock.advance(1_000);
    for (const engine of engines) await engine.membership.beatOnce();
    isDone = true;
    await Promise.all([beating, following]);

    expect(seen.map(({ id }) => id)).toEqual([...accepted].sort());
    for (const conversation of conversations) {
      const numbers = seen
        .filter(({ conversationId }) => conversationId === conversation)
        .map(({ seq }) => seq);
      expect(numbers).toEqual(numbers.map((_, n) => n + 1));
    }
  }, 60_000);
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AcceptorSpec } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import { createPublisher } from "../../src/delivery/publishing/publish.ts";
import type {
  PublishAnswer,
  PublishItem,
  PublishRequest,
} from "../../src/delivery/publishing/publish-request.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { openTown, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const shipped = { type: "order.shipped", data: { number: 17 } };
const publish = (body: unknown, as?: Parameters<Desk["call"]>[3]) =>
  desk.call("POST", "/events", body, as);
const count = async () => (await town.rows("select from event")).length;
const keysKept = async () => (await town.rows("select from idempotency")).length;

describe("a published event", () => {
  test("is answered with its id and reaches the endpoints that want it", async () => {
    const { url } = await town.endpoint({ events: ["order.*"] });
    const answer = await publish({ ...shipped, campaign_id: "spring" });
    expect(answer).toMatchObject({ status: 202, body: { duplicate: false } });
    await desk.deliver();
    expect(town.posts.map((post) => post.url)).toEqual([url]);
    expect(JSON.parse(town.posts[0]?.body ?? "")).toEqual({
      id: answer.body.id,
      type: "order.shipped",
      api_version: expect.any(String),
      occurred_at: new Date(town.clock.now()).toISOString(),
      workspace_id: publicId("ws", town.workspaceId),
      account: null,
      channel: null,
      conversation: null,
      contact: null,
      data: { number: 17 },
    });
  });

  test("may hold half of a character, and the log is read all the same", async () => {
    const { url } = await town.endpoint();
    const conversation_id = publicId("cnv", await town.conversation());
    await town.change("update contact set name = 'Ada'");
    const data = {
      cut: "\ud83d",
      both: "\udc4b\ud83d",
      none: "\\ud83d \\\\ud83d \\u0000",
      whole: "👋",
    };
    const { body } = await publish({ type: "order.shipped", data, conversation_id });
    await desk.deliver();
    expect(town.posts).toMatchObject([{ url }]);
    expect(JSON.parse(town.posts[0]?.body ?? "").data).toEqual(data);
    const shown = { id: body.id, from: { name: "Ada" } };
    expect((await desk.call("GET", "/events")).body.data).toMatchObject([shown]);
    expect((await desk.call("GET", "/events?after=start")).body.data).toMatchObject([shown]);
    expect((await desk.call("GET", `/events/${body.id}`)).body.payload.data).toEqual(data);
    const { data: deliveries } = (await desk.call("GET", "/deliveries")).body;
    expect(deliveries).toMatchObject([{ event_id: body.id, from: shown.from }]);
  });

  test("costs no statement of its own beside the append", async () => {
    const { run } = specOf("publish");
    const asked: unknown[] = [];
    const tx = { query: async (statement: unknown) => asked.push(statement) as never };
    const recording = {
      ...{ tx, opening: tx },
      now: 0,
      hasLocked() {},
      newId: () => "",
      append: async (drafts: readonly object[]) =>
        drafts.map((_, n) => ({ id: `${n}`, seq: null })),
    };
    const request: PublishRequest = {
      ...{ workspaceId: town.workspaceId, confinedTo: null },
      items: [item()],
    };
    expect(await run(recording, [request, request])).toEqual([
      { kind: "published", events: [{ id: "0", duplicate: false }] },
      { kind: "published", events: [{ id: "1", duplicate: false }] },
    ]);
    expect(asked).toEqual([]);
  });

  test("may have 256 KiB and no more", async () => {
    const sized = (bytes: number) => {
      const empty = JSON.stringify({ type: "a.b", data: { text: "" } }).length;
      return { type: "a.b", data: { text: "x".repeat(bytes - empty) } };
    };
    expect(await publish(sized(256 * 1024))).toMatchObject({ status: 202 });
    const large = sized(256 * 1024 + 1);
    expect(await publish(large)).toMatchObject({ status: 422, body: { code: "event_too_large" } });
    const answer = await publish([sized(256 * 1024), large]);
    expect(answer.body).toMatchObject({ code: "event_too_large", errors: [{ pointer: "/1" }] });
    expect(await count()).toBe(1);
    const umlauts = { type: "a.b", data: { text: "ä".repeat(200 * 1024) } };
    expect(await publish(umlauts)).toMatchObject({ body: { code: "event_too_large" } });
  });
});

describe("many events in one request", () => {
  test("are published in their order and answered one by one", async () => {
    const answer = await publish(
      Array.from({ length: 1_000 }, (_, n) => ({ type: "a.b", data: { n } })),
    );
    expect(answer.status).toBe(202);
    const stored = await town.rows<{ id: string; payload: string }>(
      "select id, payload from event order by id",
    );
    expect(stored.map(({ payload }) => JSON.parse(payload).data.n)).toEqual(
      Array.from({ length: 1_000 }, (_, n) => n),
    );
    expect(answer.body.data).toEqual(
      stored.map(({ id }) => ({ id: publicId("evt", id), duplicate: false })),
    );
  });

  test("are 1,000 at most", async () => {
    const answer = await publish(Array.from({ length: 1_001 }, () => shipped));
    expect(answer).toMatchObject({ status: 422, body: { code: "batch_too_large" } });
  });

  test.each([
    ["a type that there is not", { ...shipped, type: "Nope" }, "/1/type"],
    ["a conversation that there is not", withId("conversation_id", "cnv"), "/1/conversation_id"],
    [
      "a key that stands for another event",
      { type: "a.c", data: {}, idempotency_key: "k" },
      "/1/idempotency_key",
    ],
  ])(
    "are none when one has %s, and the keys of the others stay free",
    async (_, fault, pointer) => {
      await publish({ ...shipped, idempotency_key: "k" });
      const answer = await publish([{ ...shipped, idempotency_key: "free" }, fault, shipped]);
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
      expect(await count()).toBe(1);
      expect(await keysKept()).toBe(1);
      expect(await publish({ ...shipped, idempotency_key: "free" })).toMatchObject({
        status: 202,
        body: { duplicate: false },
      });
    },
  );
});

describe("an idempotency key", () => {
  const keyed = { ...shipped, idempotency_key: "order-17" };

  test("gives the first event again, however the members are ordered", async () => {
    const first = await publish(keyed);
    const again = await publish({
      idempotency_key: "order-17",
      data: { number: 17 },
      type: shipped.type,
    });
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id, duplicate: true } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(await count()).toBe(1);
  });

  test("for another event is refused", async () => {
    await publish(keyed);
    const other = await publish({ ...keyed, data: { number: 18 } });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(other.body.errors).toMatchObject([{ pointer: "/idempotency_key" }]);
    expect(await count()).toBe(1);
  });

  test("may come in the header, for a single event, and agrees with the field", async () => {
    const headers = { "idempotency-key": "order-17" };
    const first = await publish(shipped, { headers });
    expect(await publish(keyed, { headers })).toMatchObject({
      body: { id: first.body.id, duplicate: true },
    });
    expect(await publish({ ...keyed, idempotency_key: "x" }, { headers })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/idempotency_key" }] },
    });
    expect(await publish([shipped], { headers })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "idempotency-key" }] },
    });
    expect(await count()).toBe(1);
  });

  test("that stands twice in one list makes one event", async () => {
    const answer = await publish([keyed, shipped, keyed]);
    const [first, , third] = answer.body.data;
    expect(third).toEqual({ id: first.id, duplicate: true });
    expect(await count()).toBe(2);
  });

  test("makes one event, whoever of 64 callers in two processes comes first", async () => {
    await town.endpoint();
    const other = await openDesk(town);
    const conversations = await Promise.all([1, 2, 3].map(() => town.conversation()));
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const key = n % 10;
        const conversation = conversations[key % 3] ?? "";
        const event = {
          ...{ type: "a.b", data: { key }, idempotency_key: `key ${key}` },
          conversation_id: publicId("cnv", conversation),
        };
        const { call } = n % 2 === 0 ? desk : other;
        const many = n % 3 === 0;
        const answer = await call("POST", "/events", many ? [event, shipped] : event);
        return { key, ...(many ? answer.body.data[0] : answer.body) };
      }),
    );
    for (let key = 0; key < 10; key++) {
      const alike = answers.filter((answer) => answer.key === key);
      expect(new Set(alike.map(({ id }) => id)).size).toBe(1);
      expect(alike.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    }
    const plain = Array.from({ length: 64 }, (_, n) => n).filter((n) => n % 3 === 0).length;
    expect(await count()).toBe(10 + plain);
    await desk.deliver();
    await other.deliver();
    expect(town.posts).toHaveLength(10 + plain);
  });

  test("that a refused request named is free for the next one of the same transaction", async () => {
    const publishNow = createPublisher(desk.engine.makeAcceptor);
    const key = { name: "k", hash: Buffer.alloc(32) };
    const [plain, keyedItem] = [item(), item({ key })];
    const nowhere = item({ conversationId: town.ids.next() });
    const request = (...items: PublishItem[]) => ({
      ...{ workspaceId: town.workspaceId, confinedTo: null, items },
    });
    const [refused, taken, again] = await Promise.all([
      publishNow(request(keyedItem, nowhere)),
      publishNow(request(plain, keyedItem)),
      publishNow(request(keyedItem, plain)),
    ]);
    expect(refused).toMatchObject({ kind: "refused", item: 1 });
    const [first, second] = taken.kind === "published" ? taken.events : [];
    expect([first?.duplicate, second?.duplicate]).toEqual([false, false]);
    expect(again).toMatchObject({ events: [{ id: second?.id, duplicate: true }, {}] });
    expect(await count()).toBe(3);
  });

  test("and a conversation keep those that share them in line", () => {
    const request = {
      ...{ workspaceId: "w", confinedTo: null },
      items: [item(), item({ conversationId: "c", key: { name: "k", hash: Buffer.alloc(0) } })],
    };
    expect(specOf("publish many").laneOf?.(request)).toEqual(["c", "w k"]);
    expect(specOf("publish").laneOf?.({ ...request, items: [item()] })).toEqual([]);
  });

  test("of one account is not another's", async () => {
    const [a, b] = [await openAccount(town), await openAccount(town)];
    const first = await publish(keyed, { accountId: a });
    expect(await publish(keyed, { accountId: b })).toMatchObject({ body: { duplicate: false } });
    expect(await publish(keyed, { accountId: a })).toMatchObject({
      body: { id: first.body.id, duplicate: true },
    });
  });
});

describe("an event of a conversation", () => {
  test("shows the conversation, its contact, channel and account, and carries the next number", async () => {
    await town.endpoint();
    const accountId = await openAccount(town, "Bakery");
    await town.change("update channel set account_id = $1", [accountId]);
    const id = await town.conversation();
    await town.change("update conversation set status = 'escalated', ticket_ref = 'T-9'");
    await town.change(
      `insert into identity (id, workspace_id, channel_id, contact_id, kind, value, created_at)
       select $1, workspace_id, channel_id, contact_id, 'wa_id', '15550009', created_at from conversation`,
      [town.ids.next()],
    );
    const event = { ...shipped, conversation_id: publicId("cnv", id), channel: "whatsapp" };
    await publish(event);
    await publish([event, event]);
    await desk.deliver();
    const bodies = town.posts.map((post) => JSON.parse(post.body));
    expect(new Set(bodies.map((body) => body.conversation.seq))).toEqual(new Set([1, 2, 3]));
    expect(bodies[0]).toMatchObject({
      account: { id: publicId("acc", accountId), name: "Bakery" },
      channel: { kind: "whatsapp", external_id: "15550001" },
      conversation: { id: publicId("cnv", id), status: "escalated", ticket_ref: "T-9" },
      contact: {
        id: publicId("con", id),
        identities: [{ channel: "whatsapp", kind: "wa_id", id: "15550009" }],
      },
    });
    expect(
      await town.rows("select account_id, conversation_id, seq from event order by seq"),
    ).toEqual([1, 2, 3].map((seq) => ({ account_id: accountId, conversation_id: id, seq })));
  });

  test("that waits for somebody's change of it shows what was changed", async () => {
    await town.endpoint();
    const id = await town.conversation();
    const publishing = await town.database.connections.transaction(async (tx) => {
      await tx.query("update conversation set ticket_ref = 'T-2', seq = 7 where id = $1", [id]);
      await tx.query("update contact set name = 'Renamed'");
      await tx.query("update channel set name = 'Shop'");
      const answer = publish({ ...shipped, conversation_id: publicId("cnv", id) });
      await until("the accept waits for the lock", async () => {
        const waiting = await town.rows("select from pg_locks where not granted");
        return waiting.length > 0;
      });
      return { answer };
    });
    expect(await publishing.answer).toMatchObject({ status: 202 });
    await desk.deliver();
    expect(JSON.parse(town.posts[0]?.body ?? "")).toMatchObject({
      channel: { name: "Shop" },
      conversation: { ticket_ref: "T-2", seq: 8 },
      contact: { name: "Renamed" },
    });
  });

  test.each([
    ["another channel", { channel: "sms" }, "/channel"],
    [
      "another account",
      { account_id: publicId("acc", "01890a5d-ac96-774b-bcce-b302099a8057") },
      "/account_id",
    ],
  ])("may not name %s", async (_, fields, pointer) => {
    const id = await town.conversation();
    const answer = await publish({ ...shipped, ...fields, conversation_id: publicId("cnv", id) });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("of another workspace is refused", async () => {
    const id = await town.conversation();
    const elsewhere = town.ids.next();
    await town.change("insert into workspace (id, name, created_at) values ($1, 'x', $2)", [
      elsewhere,
      new Date(town.clock.now()),
    ]);
    const event = { ...shipped, conversation_id: publicId("cnv", id) };
    expect(await publish(event, { workspaceId: elsewhere })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/conversation_id" }] },
    });
  });
});

describe("an event of an account or a channel", () => {
  test("of a confined key belongs to the key's account, and goes to nobody else's endpoint", async () => {
    const [own, other] = [await openAccount(town, "Own"), await openAccount(town, "Other")];
    const [mine, theirs] = [await town.endpoint(), await town.endpoint()];
    await town.change("update endpoint set owner_account_id = $1 where id = $2", [own, mine.id]);
    await town.change("update endpoint set owner_account_id = $1 where id = $2", [
      other,
      theirs.id,
    ]);
    await publish(shipped, { accountId: own });
    await desk.deliver();
    expect(town.posts.map((post) => post.url)).toEqual([mine.url]);
    expect(JSON.parse(town.posts[0]?.body ?? "").account).toMatchObject({ name: "Own" });

    const named = { ...shipped, account_id: publicId("acc", other) };
    expect(await publish(named, { accountId: own })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/account_id" }] },
    });
    const conversation = {
      ...shipped,
      conversation_id: publicId("cnv", await town.conversation()),
    };
    expect(await publish(conversation, { accountId: own })).toMatchObject({ status: 422 });
    expect(await publish(named)).toMatchObject({ status: 202 });
  });

  test("is matched by the channel or the kind that it names", async () => {
    const [byKind, byId] = [await town.endpoint(), await town.endpoint()];
    const [channel] = await town.rows<{ id: string }>("select id from channel");
    await town.change("update endpoint set channel_kinds = '{sms}' where id = $1", [byKind.id]);
    await town.change("update endpoint set channel_ids = array[$2::uuid] where id = $1", [
      byId.id,
      channel?.id,
    ]);
    await publish({ ...shipped, channel: "sms" });
    await publish({ ...shipped, channel: publicId("ch", channel?.id ?? "") });
    await publish(shipped);
    await desk.deliver();
    expect(town.posts.map(({ url, body }) => [url, JSON.parse(body).channel])).toEqual([
      [byKind.url, { id: null, serial: null, kind: "sms", name: null, external_id: null }],
      [byId.url, expect.objectContaining({ kind: "whatsapp", name: "Shop" })],
    ]);
  });
});

test("publishing needs its scope", async () => {
  const answer = await publish(shipped, { scopes: new Set(["events:read"] as const) });
  expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
});

function withId(field: string, prefix: "acc" | "ch" | "cnv") {
  return { ...shipped, [field]: publicId(prefix, "01890a5d-ac96-774b-bcce-b302099a8057") };
}

function item(fields: Partial<PublishItem> = {}): PublishItem {
  return {
    ...{ type: "a.b", data: {}, campaignId: null, accountId: null, channel: null },
    ...{ conversationId: null, key: null },
    ...fields,
  };
}

/** The way in which the publisher's transactions are done, without a transaction. */
function specOf(name: string) {
  const specs = new Map<string, unknown>();
  createPublisher((spec) => {
    specs.set(spec.name, spec);
    return { accept: () => Promise.reject(new Error("not here")) };
  });
  return specs.get(name) as AcceptorSpec<PublishRequest, PublishAnswer>; // what was just put there
}

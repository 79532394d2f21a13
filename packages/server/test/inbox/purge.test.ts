import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeHoldKey } from "../../../sdk/src/webhooks/sealed.ts";
import { publicId } from "../../src/core/ids.ts";
import { dialectNames } from "../../src/dialects/registry.ts";
import { hold, release } from "../../src/storage/instance/instance-hold.ts";
import { readBooks } from "../support/database/books.ts";
import { storedRows } from "../support/database/stored-rows.ts";
import { type DiscreetShop, failing, openDiscreetShop } from "../support/messages/discreet-shop.ts";
import { ADA, SHOP } from "../support/messages/post-office.ts";

const CANARY = "canary-in-the-coal-mine";

let shop: DiscreetShop;
beforeEach(async () => {
  shop = await openDiscreetShop();
});
afterEach(() => shop.end());

/** No row of any table holds the words, and the books are right. */
async function expectNothingKept(): Promise<void> {
  expect(await holding(CANARY)).toEqual([]);
  const { ledger, counted } = await readBooks(shop.database.connections.pool, shop.workspaceId);
  expect(ledger).toEqual(counted);
}

const holding = async (text: string) =>
  (await storedRows(shop.database.connections.pool)).filter((row) => row.includes(text));
const said = { text: { body: CANARY } };
const lost = async () => (await shop.events("message.purge_lost")).map(({ body }) => body.data);
const deliveries = (serial: number) =>
  shop.rows(
    `select e.type, d.state, d.attempts, d.reason, d.body from delivery d join event e on e.id = d.event_id
     where d.endpoint = $1 order by e.id`,
    [serial],
  );

describe("a message under Inbound Body Purge", () => {
  test("reaches every endpoint once in its dialect, and its body is kept nowhere", async () => {
    const endpoints = await Promise.all(dialectNames.map((dialect) => shop.endpoint({ dialect })));
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    for (const { url } of endpoints.slice(0, 4)) {
      expect(
        shop.posts.filter((post) => post.url === url && post.body.includes(CANARY)),
      ).not.toEqual([]);
    }
    const [row] = await shop.rows<object>(
      `select direction, status, actor, content, raw, ticket_ref from message`,
    );
    expect(row).toEqual({
      ...{
        direction: "inbound",
        status: "received",
        actor: "contact",
        raw: null,
        ticket_ref: null,
      },
      content: '{"type":"purged","original_type":"text"}',
    });
    const [created, received] = await shop.events("conversation.created", "message.received");
    expect(created?.body).toMatchObject({
      body_purged: true,
      data: { first_message: { body_purged: true } },
    });
    expect(received?.body).toMatchObject({
      body_purged: true,
      contact: { identities: [{ id: ADA }] },
      data: { message: { body_purged: true, content: { type: "purged", original_type: "text" } } },
    });
    expect(
      await shop.rows(`select 1 from attempt a join event e on e.id = a.event_id
       where e.held is not null and a.response is not null`),
    ).toEqual([]);
    expect(await lost()).toEqual([]);
    const purged = await shop.events("message.purged");
    expect(purged).toHaveLength(1);
    expect(purged[0]?.body).toMatchObject({
      channel: { external_id: SHOP },
      contact: { identities: [{ id: ADA }] },
      data: {
        message_id: received?.body.data.message.id,
        receipt_id: expect.stringMatching(/^rcp_/),
        stores: expect.arrayContaining(["message", "event", "media"]),
        ...{ lost: 0, sealed: 0 },
      },
    });
    const [told] = purged;
    const body = (
      await shop.rows(
        "select 1 from delivery d join event e on e.id = d.event_id where e.held is not null",
      )
    ).length;
    expect(told?.body.data.delivered).toBe(body);
    expect(told?.body.data.deliveries).toHaveLength(body);
    expect(await shop.rows("select 1 from purge_receipt")).toEqual([]);
    await expectNothingKept();
  });

  test("that the one attempt fails is a dead letter without a body, and an event says so", async () => {
    const down = await shop.endpoint({ events: ["message.received"] });
    const up = await shop.endpoint({ events: ["message.purge_lost"] });
    shop.answers.set(down.url, failing(503));
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    await shop.clock.advance(3_600_000);
    await shop.settle(station);
    expect(shop.sentTo(down.url)).toHaveLength(1);
    expect(await deliveries(down.serial)).toEqual([
      { type: "message.received", state: "dead", attempts: 1, reason: "purge_lost", body: null },
    ]);
    const [told] = shop.sentTo(up.url);
    const [message] = await shop.rows<{ id: string; provider_id: string }>(
      "select id, provider_id from message",
    );
    expect(told).toMatchObject({
      channel: { external_id: SHOP },
      contact: { identities: [{ id: ADA }] },
      conversation: { seq: 3 },
      data: {
        message_id: publicId("msg", message?.id ?? ""),
        provider_id: message?.provider_id,
        event_type: "message.received",
        endpoint_id: publicId("ep", down.id),
        attempted: true,
        reason: "http_503",
      },
    });
    expect(await shop.rows("select 1 from retry")).toEqual([]);
    const [purged] = await shop.events("message.purged");
    expect(purged?.body.data).toMatchObject({
      ...{ message_id: told.data.message_id, delivered: 0, lost: 1 },
      deliveries: [{ endpoint_id: publicId("ep", down.id), outcome: "lost" }],
    });
    await expectNothingKept();
  });

  test("is lost, and says so, for an endpoint that stands still", async () => {
    const paused = await shop.endpoint({ events: ["message.received"] });
    await shop.change("update endpoint set state = 'paused' where serial = $1", [paused.serial]);
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    expect(shop.posts).toEqual([]);
    expect(await deliveries(paused.serial)).toEqual([
      {
        type: "message.received",
        state: "cancelled",
        attempts: 0,
        reason: "purge_lost",
        body: null,
      },
    ]);
    expect(await lost()).toMatchObject([{ attempted: false, reason: "endpoint_stands_still" }]);
    await expectNothingKept();
  });

  test("is lost for an endpoint whose breaker is open", async () => {
    const held = await shop.endpoint({ events: ["message.received"] });
    shop.answers.set(held.url, failing(500));
    const station = await shop.open();
    for (let n = 0; n < 40; n++) {
      await shop.hear(station, ADA, said);
      await shop.settle(station);
      await shop.clock.advance(1_000);
      await station.engine.beatOnce();
    }
    const reasons = new Set((await lost()).map(({ reason }) => reason));
    expect(reasons).toEqual(new Set(["http_500", "endpoint_is_held"]));
    expect(await lost()).toHaveLength(40);
    await expectNothingKept();
  });

  test("goes by what waits in order for an endpoint, unless that has failed before", async () => {
    const ordered = await shop.endpoint({ ordering: "conversation" });
    const station = await shop.open();
    const there = await shop.hear(station, ADA, said);
    await shop.settle(station);
    expect(new Set(shop.sentTo(ordered.url).map(({ type }) => type))).toEqual(
      new Set(["conversation.created", "message.received", "message.purged"]),
    );
    shop.answers.set(ordered.url, failing(500));
    await shop.post(station, shop.unit(there));
    await station.outbox.runOnce();
    await shop.settle(station);
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    expect(await lost()).toMatchObject([{ attempted: false, reason: "order_held" }]);
    await expectNothingKept();
  });

  test("that a process took with it is told of by whoever takes over", async () => {
    const endpoint = await shop.endpoint({ events: ["message.*"] });
    let hangs = true;
    shop.answers.set(endpoint.url, (post) =>
      hangs ? new Promise(() => {}) : { ...failing(200)(), body: post.body },
    );
    const dying = await shop.open();
    await shop.hear(dying, ADA, said);
    expect(shop.sentTo(endpoint.url)).toHaveLength(1);
    hangs = false;
    const heir = await shop.open();
    await shop.takeForDead(heir);
    await heir.engine.carrier.rounds.scan();
    await shop.settle(heir);
    expect(await deliveries(endpoint.serial)).toMatchObject([
      { type: "message.received", state: "cancelled", reason: "purge_lost", body: null },
      { type: "message.purge_lost", state: "delivered" },
    ]);
    expect(await lost()).toMatchObject([{ attempted: false, reason: "process_ended" }]);
    expect(await shop.events("message.purged")).toEqual([]);
    await heir.engine.tellOverdueReceipts();
    const [purged] = await shop.events("message.purged");
    expect(purged?.body.data).toMatchObject({
      message_id: (await lost())[0].message_id,
      ...{ delivered: 0, lost: 1, sealed: 0 },
      deliveries: [{ event_type: "message.received", outcome: "lost" }],
    });
    await heir.engine.tellOverdueReceipts();
    expect(await shop.events("message.purged")).toHaveLength(1);
    await expectNothingKept();
  });

  test("is replayed as what remains of it", async () => {
    const endpoint = await shop.endpoint({ events: ["message.received"] });
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    const [event] = await shop.rows<{ id: string }>(
      "select id from event where type = 'message.received'",
    );
    await shop.rows(
      `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
       values ($1, $2, $3, $4, 2, 2, 2)`,
      [event?.id, endpoint.serial, shop.workspaceId, new Date(shop.clock.now())],
    );
    await station.engine.carrier.rounds.scan();
    await shop.settle(station);
    const [first, again] = shop.sentTo(endpoint.url);
    expect(first.data.message.content).toEqual({ type: "text", text: CANARY });
    expect(again).toMatchObject({
      id: first.id,
      body_purged: true,
      data: { message: { content: { type: "purged", original_type: "text" } } },
    });
    await expectNothingKept();
  });

  test("is not taken by a process that sends nothing", async () => {
    await shop.endpoint();
    const station = await shop.open({ role: "api" });
    await expect(shop.hear(station, ADA, said)).rejects.toMatchObject({ code: "unavailable" });
    expect(await shop.rows("select 1 from message")).toEqual([]);
    await expectNothingKept();
  });
});

describe("a message under purge, while the instance holds its deliveries back,", () => {
  test("is left to its provider, which comes again, and is forwarded when they are released", async () => {
    const endpoint = await shop.endpoint();
    const { pool } = shop.database.connections;
    await hold(pool, { now: shop.clock.now(), reason: "A backup was restored." });
    const station = await shop.open();
    await expect(shop.hear(station, ADA, said)).rejects.toMatchObject({ code: "unavailable" });
    expect(await shop.rows("select 1 from message")).toEqual([]);
    await expectNothingKept();

    await release(pool, { deliveries: true, messages: true });
    await station.engine.beatOnce();
    await shop.hear(station, ADA, said);
    await shop.settle(station);
    const received = shop.sentTo(endpoint.url).filter(({ type }) => type === "message.received");
    expect(received.map(({ data }) => data.message.content.text)).toEqual([CANARY]);
    expect(await shop.events("message.purge_lost")).toEqual([]);
    await expectNothingKept();
  });

  test("is taken if everybody that it is for has given a key", async () => {
    const { hold_key: holdKey } = await makeHoldKey();
    await shop.endpoint({ events: ["message.received"], holdKey });
    const { pool } = shop.database.connections;
    await hold(pool, { now: shop.clock.now(), reason: "A backup was restored." });
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    expect(await shop.rows("select 1 from message")).toHaveLength(1);
    await expectNothingKept();
  });
});

describe("what else tells a customer's words under purge", () => {
  test("is forwarded and not kept: files, advertisements, edits, reactions", async () => {
    const endpoint = await shop.endpoint();
    const station = await shop.open();
    const message = (id: string, more: object) => ({
      ...{ id, from: ADA, timestamp: String(Math.trunc(shop.clock.now() / 1000)) },
      ...more,
    });
    await shop.tell(station, {
      messages: [
        message("wamid.text", {
          ...{ type: "text", text: { body: CANARY } },
          referral: { source_type: "ad", source_id: "1", headline: CANARY, body: CANARY },
        }),
        message("wamid.image", {
          type: "image",
          image: { id: "m1", mime_type: "image/jpeg", caption: CANARY, sha256: "x" },
        }),
        message("wamid.odd", { type: "a_new_type", a_new_type: { words: CANARY } }),
        message("wamid.reaction", {
          type: "reaction",
          reaction: { message_id: "wamid.text", emoji: "🐤" },
        }),
        message("wamid.early", {
          type: "edit",
          edit: {
            original_message_id: "wamid.none",
            message: { type: "text", text: { body: CANARY } },
          },
        }),
      ],
    });
    await shop.settle(station);
    const types = shop.sentTo(endpoint.url).map(({ type }) => type);
    expect(types).toEqual([
      ...["conversation.created", "message.received", "message.received", "message.received"],
      ...["message.reaction_added", "message.purged", "message.purged", "message.purged"],
    ]);
    expect(await holding("🐤")).toEqual([]);
    expect(await shop.rows("select 1 from media")).toEqual([]);
    expect(await shop.rows("select 1 from waiting_item")).toHaveLength(1);
    await expectNothingKept();
  });

  test("is not kept where nobody can read or place it", async () => {
    const station = await shop.open();
    await station.inbox.accept({
      provider: "meta",
      items: [
        { kind: "unreadable", channel: null, reason: "not_json", raw: CANARY },
        {
          ...{ kind: "unreadable", reason: "malformed", raw: CANARY },
          channel: { kind: "whatsapp", externalId: SHOP },
        },
      ],
      onlyChannelId: null,
    });
    expect(await shop.rows("select reason, payload from unroutable order by reason")).toEqual([
      { reason: "malformed", payload: '{"body_purged":true}' },
      { reason: "not_json", payload: '{"body_purged":true}' },
    ]);
    await expectNothingKept();
  });

  test("stays out of the histories that endpoints ask for", async () => {
    const endpoint = await shop.endpoint({ dialect: "chatgenius" });
    await shop.change("update endpoint set dialect_options = '{\"history_messages\": 20}'");
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await shop.hear(station, ADA, { text: { body: "and again" } });
    await shop.settle(station);
    const [, second] = shop.sentTo(endpoint.url);
    expect(second.message.text).toBe("and again");
    expect(JSON.stringify(second)).not.toContain(CANARY);
    expect(await holding("and again")).toEqual([]);
    await expectNothingKept();
  });
});

test("the look into the database finds what is stored", async () => {
  await shop.change("update channel set settings = '{}'");
  const station = await shop.open();
  await shop.hear(station, ADA, { text: { body: "planted" } });
  expect((await holding("planted")).length).toBeGreaterThanOrEqual(2);
});

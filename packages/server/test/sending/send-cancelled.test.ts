import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { messageRoutes } from "../../src/http/conversations/messages.ts";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import { httpApp, principalWith } from "../support/api/http.ts";
import {
  answer,
  held,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";
import { openShop, type Shop } from "../support/messages/shops.ts";

const HOUR = 3_600_000;

let office: PostOffice;
let station: Station;
let ada: { conversationId: string; contactId: string };
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  ada = await office.hear(station);
});
afterEach(() => office.end());

async function cancel(messageId: string, accountId: string | null = null) {
  const { db, clock } = station.deps;
  const linkMedia = () => ({ url: "", expires_at: "" });
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId, accountId },
    routes: [messageRoutes({ db, clock, linkMedia, outbox: station.outbox })],
  });
  const path = `/v1/messages/${publicId("msg", messageId)}/cancel`;
  const response = await app.request(path, { method: "POST" });
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  return { status: response.status, body: (await response.json()) as any };
}

describe("a message that is taken back", () => {
  test("before its hour never leaves, and says so once", async () => {
    const sendAt = office.clock.now() + HOUR;
    const id = await office.post(station, office.unit(ada, "tomorrow", { sendAt }));
    const { status, body } = await cancel(id);
    expect([status, body]).toMatchObject([200, { status: "failed", error: { code: "cancelled" } }]);
    await office.clock.advance(2 * HOUR);
    await station.outbox.runOnce();
    expect(office.requests).toEqual([]);
    expect(await office.outboxRows()).toEqual([]);
    const [event, ...others] = await office.events("message.failed");
    expect(others).toEqual([]);
    expect(event?.body.data.error).toMatchObject({ code: "cancelled", retryable: false });
    expect(await cancel(id)).toMatchObject({
      status: 409,
      body: { code: "conflict", detail: "The message is failed: it cannot be taken back." },
    });
  });

  test("is not stood in for by what was declared for its failure", async () => {
    const sendAt = office.clock.now() + HOUR;
    const { fallback: _, ...other } = office.unit(ada, "instead");
    const unit = office.unit(ada, "first", { sendAt, fallback: [other] });
    const id = await office.post(station, unit);
    await cancel(id);
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(office.requests).toEqual([]);
  });

  test("while its channel is paused does not leave when that is mended", async () => {
    office.script(() => refusedBy(190, 401));
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 1_000);
    expect((await cancel(id)).status).toBe(200);
    await office.rows("update channel set state = 'connected', state_reason = null");
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
  });

  test("too late is not taken back: it is with the provider", async () => {
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    const sent = station.outbox.send(id, 10_000);
    await provider.arrived;
    expect(await cancel(id)).toMatchObject({
      status: 409,
      body: { detail: "The message is sending: it cannot be taken back." },
    });
    provider.give(answer(200, { messages: [{ id: "wamid.1" }] }));
    expect(await sent).toMatchObject({ status: "sent" });
    expect((await cancel(id)).status).toBe(409);
  });

  test("is nobody else's to take back", async () => {
    const id = await office.post(
      station,
      office.unit(ada, "x", { sendAt: office.clock.now() + HOUR }),
    );
    expect((await cancel(id, office.ids.next())).status).toBe(404);
    expect((await cancel(office.ids.next())).status).toBe(404);
    expect(await office.outboxRows()).toHaveLength(1);
  });
});

describe("who has said STOP to Twilio alone", () => {
  let shop: Shop;
  const customer = "+15550002";
  beforeEach(async () => {
    shop = await openShop(office, "sms", { externalId: "+15550001", customer });
  });

  const unit = (text: string) => ({
    ...office.unit(shop, text),
    channelId: shop.channelId,
    to: { kind: "phone", value: customer } as const,
  });

  test("is known by the refusal to want nothing, told of once, and written to no more", async () => {
    office.script(() => answer(400, { code: 21610, message: "unsubscribed", status: 400 }));
    const id = await office.post(station, unit("sale"));
    await station.outbox.send(id, 1_000);
    const [event, ...others] = await office.events("consent.opted_out");
    expect(others).toEqual([]);
    expect(event?.body).toMatchObject({
      channel: { kind: "sms" },
      contact: { identities: [{ id: customer }] },
      data: { channel: "sms", keyword: null, evidence: "Twilio refused a message: 21610" },
    });
    const again = await office.post(station, unit("again"));
    expect(await station.outbox.send(again, 1_000)).toMatchObject({ error: { code: "opted_out" } });
    expect(office.requests).toHaveLength(1);
    expect(await office.events("consent.opted_out")).toHaveLength(1);
  });

  test("is known by a status that comes later too", async () => {
    office.script(() => answer(201, { sid: "SM1", status: "queued" }));
    const id = await office.post(station, unit("sale"));
    await station.outbox.send(id, 1_000);
    const inbox = station.engine.makeAcceptor(inboxSpec());
    const error = { code: 21610, title: null, message: null, details: null };
    const recipient = { identities: [], name: null, username: null };
    const channel = { kind: "sms", externalId: "+15550001" } as const;
    const status = { kind: "status", channel, providerId: "SM1", status: "failed" } as const;
    const rest = { token: null, parentBsuid: null, pricing: null, providerConversationId: null };
    const item = { ...status, ...rest, at: null, recipient, error, raw: "{}" };
    await inbox.accept({ provider: "twilio", items: [item, item], onlyChannelId: null });
    expect(await office.events("consent.opted_out")).toHaveLength(1);
    expect(await office.rows("select state from consent")).toEqual([{ state: "opted_out" }]);
  });
});

describe("a channel that had paused", () => {
  test("says when it goes on by itself", async () => {
    office.script(() => refusedBy(368, 403));
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 1_000);
    await station.outbox.sweepOnce();
    expect(await office.events("account.connected")).toEqual([]);
    await office.clock.advance(2 * HOUR);
    await Promise.all([station.outbox.sweepOnce(), station.outbox.sweepOnce()]);
    const [event, ...others] = await office.events("account.connected");
    expect(others).toEqual([]);
    expect(event?.body).toMatchObject({
      channel: { kind: "whatsapp" },
      data: { code: "restored", reason: expect.stringContaining("rested") },
    });
  });
});

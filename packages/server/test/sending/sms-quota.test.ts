import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { sendRoutes } from "../../src/http/send/send.ts";
import { usageRoutes } from "../../src/http/workspaces/usage.ts";
import type { Answer } from "../support/api/api.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import {
  answer,
  lost,
  openPostOffice,
  type PostOffice,
  type Station,
} from "../support/messages/post-office.ts";
import { openShop, type Shop } from "../support/messages/shops.ts";

const ADA = "+14017122661";
const NUMBER = "+15558675310";

let office: PostOffice;
let station: Station;
let shop: Shop;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  shop = await openShop(office, "sms", { externalId: NUMBER, customer: ADA });
  let taken = 0;
  office.script(() => answer(201, { sid: `SM${++taken}`, status: "queued" }));
});
afterEach(() => office.end());

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const { outbox, deps } = station;
  const { db, clock, logger, linkMedia } = deps;
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId },
    routes: [sendRoutes({ db, outbox, clock, logger, linkMedia }), usageRoutes({ db, clock })],
  });
  const init = body === undefined ? { method } : jsonRequest(method, body);
  const response = await app.request(`/v1${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const send = (text: string, more: object = {}) =>
  call("POST", "/send", { conversation_id: shop.conversation, text, ...more });

async function limitTo(smsPerMonth: number): Promise<void> {
  await office.rows(
    "insert into plan (name, title, endpoints, sms_per_month, features) values ('small', 'Small', null, $1, '{webhooks,send,sms}')",
    [smsPerMonth],
  );
  await office.rows("update workspace set plan = 'small' where id = $1", [office.workspaceId]);
}

describe("an SMS", () => {
  test("tells its segments and counts as one against the month, whatever they are", async () => {
    const long = await send("a".repeat(161));
    expect([long.status, long.body]).toMatchObject([
      200,
      { segments: 2, quota: { used: 1, limit: null, unit: "messages" } },
    ]);
    expect((await send("ç")).body).toMatchObject({ segments: 1, quota: { used: 2 } });
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message.content).toMatchObject({ encoding: "GSM-7", segments: 2 });
    expect((await call("GET", "/usage")).body.sms).toEqual({
      used: 2,
      segments: 3,
      limit: null,
      resets_at: "2026-04-01T00:00:00.000Z",
    });
  });

  test("that Twilio did not take costs nothing", async () => {
    office.script(() =>
      answer(400, { code: 21614, message: "'To' number is not a mobile number" }),
    );
    expect((await send("x")).status).toBe(422);
    expect((await call("GET", "/usage")).body.sms).toMatchObject({ used: 0 });
  });

  test("beyond the plan's month is refused before Twilio is called, until the next month", async () => {
    await limitTo(2);
    expect((await send("1")).body.quota).toEqual({ used: 1, limit: 2, unit: "messages" });
    expect((await send("2")).status).toBe(200);
    const asked = office.requests.length;
    const refused = await send("3");
    expect([refused.status, refused.body]).toMatchObject([
      422,
      {
        code: "quota_exceeded",
        quota: { used: 2, limit: 2 },
        resets_at: "2026-04-01T00:00:00.000Z",
      },
    ]);
    expect(office.requests).toHaveLength(asked);
    await office.clock.advance(30 * 24 * 3_600_000);
    expect((await call("GET", "/usage")).body.sms).toMatchObject({ used: 0, limit: 2 });
  });

  test("on its way counts too, so that doubts do not make room for more", async () => {
    await limitTo(1);
    office.script(() => lost);
    expect((await send("in doubt")).status).toBe(202);
    expect((await send("another")).body.code).toBe("quota_exceeded");
    expect((await call("GET", "/usage")).body.sms).toMatchObject({ used: 0 });
  });

  test("tells once when most of the month is used, and once when all is", async () => {
    await limitTo(5);
    for (const text of ["1", "2", "3", "4", "5"]) expect((await send(text)).status).toBe(200);
    const events = await office.events("quota.warned", "quota.exceeded");
    expect(events.map(({ type, body }) => [type, body.data.used])).toEqual([
      ["quota.warned", 4],
      ["quota.exceeded", 5],
    ]);
    expect(events[0]?.body.data).toEqual({
      meter: "sms",
      used: 4,
      limit: 5,
      resets_at: "2026-04-01T00:00:00.000Z",
    });
  });

  test("whose answer was lost is counted by its status, once", async () => {
    office.script(() => lost);
    const { body } = await send("in doubt");
    const told = (status: "sent" | "delivered") =>
      station.inbox.accept({
        provider: "twilio",
        onlyChannelId: null,
        items: [
          {
            kind: "status",
            channel: { kind: "sms", externalId: NUMBER },
            providerId: "SMlate",
            status,
            at: null,
            token: body.id,
            recipient: { identities: [{ kind: "phone", value: ADA }], name: null, username: null },
            parentBsuid: null,
            error: null,
            pricing: null,
            providerConversationId: null,
            raw: "{}",
          },
        ],
      });
    await told("sent");
    await told("delivered");
    expect((await call("GET", "/usage")).body.sms).toMatchObject({ used: 1, segments: 1 });
  });

  test("dry runs and messages on other channels cost nothing", async () => {
    await limitTo(1);
    await office.rows(
      "update plan set features = '{webhooks,send,sms,whatsapp}' where name = 'small'",
    );
    const ada = await office.hear(station);
    office.script(() => answer(200, { messages: [{ id: "wamid.1" }] }));
    const whatsapp = { conversation_id: publicId("cnv", ada.conversationId), text: "x" };
    expect((await call("POST", "/send", whatsapp)).body).not.toHaveProperty("quota");
    expect((await send("x", { dry_run: true })).status).toBe(200);
    expect((await call("GET", "/usage")).body.sms).toMatchObject({ used: 0 });
  });
});

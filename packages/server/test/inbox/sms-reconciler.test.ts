import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import { SmsReconciler } from "../../src/inbox/asking/sms-reconciler.ts";
import type { SendUnit } from "../../src/outbox/accept-send.ts";
import { doubtsOf } from "../../src/outbox/doubts.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import {
  openPostOffice,
  type PostOffice,
  placesAt,
  type Station,
} from "../support/messages/post-office.ts";

const ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NUMBER = "+15558675310";
const ADA = "+14017122661";
const MINUTE = 60_000;

let office: PostOffice;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let station: Station;
let channelId: string;
let reconciler: SmsReconciler;

beforeEach(async () => {
  const clock = systemClock();
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  office = await openPostOffice();
  simulator = await startSimulator({
    appSecret: "secret",
    clock: { now: () => office.clock.now() },
  });
  const places = placesAt(simulator.url);
  station = await office.station({ outbox: { http, places } });
  channelId = await connect();
  reconciler = new SmsReconciler({
    ...{ db: office.database.connections.pool, http, places },
    openCredentials: (sealed) => sealed,
    doubtsOf: (id) => doubtsOf(office.database.connections.pool, id),
    inbox: station.inbox,
    clock: office.clock,
    logger: office.logger,
  });
  // A number that is new waits for its first turn.
  await reconciler.runOnce();
});
afterEach(async () => {
  await http.close();
  wheel.stop();
  await simulator.close();
  await office.end();
});

async function connect(serviceSid: string | null = null): Promise<string> {
  const id = office.ids.next();
  const credentials = { account_sid: ACCOUNT, auth_token: "simulated-auth-token" };
  await office.rows(
    `insert into channel (id, workspace_id, account_id, kind, name, external_id, messaging_service_sid, credentials, created_at, updated_at)
     values ($1, $2, $3, 'sms', 'Number', $4, $5, $6, $7, $7)`,
    [
      id,
      office.workspaceId,
      office.accountId,
      NUMBER,
      serviceSid,
      JSON.stringify(credentials),
      new Date(office.clock.now()),
    ],
  );
  return id;
}

/** The next turn, when Twilio's webhooks have had their time. */
async function turn(): Promise<void> {
  await office.clock.advance(6 * MINUTE);
  await reconciler.runOnce();
}

const lists = () => simulator.requests().requests.filter(({ method }) => method === "GET").length;

async function send(text: string): Promise<string> {
  const unit: Omit<SendUnit, "content"> = {
    ...office.unit({ conversationId: "", contactId: "" }),
    channelId,
    target: { kind: "stranger", identity: { kind: "phone", value: ADA } },
    to: { kind: "phone", value: ADA },
  };
  const content = { type: "text", text, previewUrl: false } as const;
  const id = await office.post(station, { ...unit, content });
  await station.outbox.send(id, 5_000);
  return id;
}

describe("what Twilio's webhook lost", () => {
  test("comes in from its log, once, with its time", async () => {
    await office.clock.advance(MINUTE);
    const sentAt = office.clock.now();
    await simulator.twilio.emitMessage({ from: ADA, body: "lost 😀", lose_webhook: true });
    await turn();
    await turn();
    const [event, ...others] = await office.events("message.received");
    expect(others).toEqual([]);
    expect(event?.body.channel).toMatchObject({ kind: "sms", external_id: NUMBER });
    expect(event?.body.data.message).toMatchObject({
      content: { type: "text", text: "lost 😀", encoding: "UCS-2", segments: 1 },
      sent_at: new Date(Math.trunc(sentAt / 1000) * 1000).toISOString(),
    });
  });

  test("comes with its media, which the account's credentials open", async () => {
    await simulator.twilio.emitMessage({
      from: ADA,
      body: "look",
      media: [{ content_type: "image/png", text: "PNG" }],
      lose_webhook: true,
    });
    await turn();
    const [event] = await office.events("message.received");
    expect(event?.body.data.message.content).toMatchObject({
      type: "image",
      media: { mime: "image/png", caption: "look" },
    });
  });

  test("a thousand of them come over several pages", async () => {
    for (let n = 0; n < 450; n += 1) {
      await simulator.twilio.emitMessage({ from: ADA, body: `${n}`, lose_webhook: true });
    }
    await turn();
    const events = await office.events("message.received");
    expect(events).toHaveLength(450);
    expect(events[0]?.body.data.message.content.text).toBe("0");
  });

  test("is not what came before the number was connected", async () => {
    simulator.reset();
    await office.rows(
      "update channel set created_at = created_at + interval '5 minutes' where id = $1",
      [channelId],
    );
    await simulator.twilio.emitMessage({ from: ADA, body: "before", lose_webhook: true });
    await turn();
    expect(await office.events("message.received")).toEqual([]);
  });

  test("is waited for while the webhook may still come", async () => {
    await office.clock.advance(5 * MINUTE);
    await simulator.twilio.emitMessage({ from: ADA, body: "young", lose_webhook: true });
    await office.clock.advance(MINUTE);
    await reconciler.runOnce();
    expect(await office.events("message.received")).toEqual([]);
    await turn();
    expect(await office.events("message.received")).toHaveLength(1);
  });

  test("is asked for again where the list could not be read", async () => {
    await simulator.twilio.emitMessage({ from: ADA, body: "lost", lose_webhook: true });
    simulator.addFaults({ kind: "error", code: 20429, on: "management" });
    await turn();
    expect(await office.events("message.received")).toEqual([]);
    expect(JSON.stringify(office.logger.lines)).not.toContain("simulated-auth-token");
    await turn();
    expect(await office.events("message.received")).toHaveLength(1);
  });

  test("is looked for by one process, each in its turn", async () => {
    await office.clock.advance(6 * MINUTE);
    const before = lists();
    await Promise.all([reconciler.runOnce(), reconciler.runOnce(), reconciler.runOnce()]);
    expect(lists() - before).toBe(2);
    await reconciler.runOnce();
    expect(lists() - before).toBe(2);
  });
});

describe("what Twilio's log tells of messages of ours", () => {
  test("moves them on where no status came", async () => {
    const id = await send("hello");
    expect(await office.message(id)).toMatchObject({ status: "sent" });
    await simulator.twilio.emitStatus({ sid: "last", status: "delivered" });
    await turn();
    await turn();
    expect(await office.message(id)).toMatchObject({ status: "delivered" });
    expect(await office.events("message.delivered")).toHaveLength(1);
  });

  test("carries the error of one that failed", async () => {
    const id = await send("hello");
    await simulator.twilio.emitStatus({ sid: "last", status: "undelivered", error_code: 30007 });
    await turn();
    expect(await office.message(id)).toMatchObject({
      status: "failed",
      error: { code: "message_filtered", provider_code: "30007" },
    });
  });

  test("ends a doubt: what is in the log was taken, and is never sent again", async () => {
    simulator.addFaults({ kind: "drop" });
    simulator.twilio.configure({ statuses: "sent" });
    const id = await send("in doubt");
    await simulator.idle();
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    await turn();
    const [taken, ...others] = simulator.twilio.accepted().messages;
    expect(others).toEqual([]);
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: taken?.sid });
    expect(await office.outboxRows()).toEqual([]);
    expect(await office.events("message.sent")).toHaveLength(1);
  });

  test("leaves a doubt where the log has nothing of it", async () => {
    simulator.addFaults({ kind: "bare", status: 502 });
    const id = await send("never taken");
    await turn();
    expect(await office.message(id)).toMatchObject({ status: "sending", providerId: null });
    await office.clock.advance(15 * MINUTE);
    await station.outbox.sweepOnce();
    expect(await office.message(id)).toMatchObject({ status: "unconfirmed" });
  });
});

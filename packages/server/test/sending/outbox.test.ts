import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import { UnknownKey } from "../../src/core/unknown-key.ts";
import {
  ADA,
  accepted,
  BEN,
  held,
  never,
  openPostOffice,
  type PostOffice,
  refusedBy,
  SHOP,
  type Station,
  unreachable,
} from "../support/messages/post-office.ts";

let office: PostOffice;
let station: Station;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
});
afterEach(() => office.end());

const channelState = () =>
  office.rows<{ state: string; reason: string | null; until: number | null }>(
    "select state, state_reason as reason, paused_until as until from channel",
  );
const configVersion = async () =>
  (await office.rows<{ v: number }>("select config_version as v from workspace"))[0]?.v ?? 0;

describe("a message to a customer", () => {
  test("leaves once, is told of once, and the outbox is empty", async () => {
    const ada = await office.hear(station);
    const id = await office.post(station, office.unit(ada, "Your order is ready"));
    expect(await office.message(id)).toMatchObject({ status: "queued", providerId: null });
    const settled = await station.outbox.send(id, 10_000);
    expect(settled).toMatchObject({
      status: "sent",
      providerId: "wamid.1",
      error: null,
      nextAt: null,
    });
    expect(office.requests).toHaveLength(1);
    expect(office.requests[0]).toMatchObject({
      url: "https://graph.example/v26.0/106540352242922/messages",
      headers: { authorization: "Bearer EAAB" },
    });
    expect(JSON.parse(office.requests[0]?.body ?? "")).toMatchObject({
      to: `+${ADA}`,
      text: { body: "Your order is ready" },
      biz_opaque_callback_data: publicId("msg", id),
    });
    const [event, ...others] = await office.events("message.sent");
    expect(others).toEqual([]);
    expect(event?.body).toMatchObject({
      account: { id: publicId("acc", office.accountId) },
      channel: { id: publicId("ch", office.channelId) },
      conversation: { id: publicId("cnv", ada.conversationId), seq: 3 },
      contact: { id: publicId("con", ada.contactId) },
      data: {
        message: {
          id: publicId("msg", id),
          provider_id: "wamid.1",
          status: "sent",
          direction: "outbound",
          actor: { type: "bot" },
          content: { type: "text", text: "Your order is ready" },
        },
      },
    });
    expect(await office.outboxRows()).toEqual([]);
  });

  test("that nobody waits for leaves with the next round, from any process", async () => {
    const ada = await office.hear(station);
    const id = await office.post(station, office.unit(ada));
    const other = await office.station();
    expect(await other.outbox.runOnce()).toBe(1);
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("is found by the provider's name, so that an answer to it names it", async () => {
    const ada = await office.hear(station);
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 10_000);
    await office.hear(station, ADA, { context: { id: "wamid.1", from: "15550783881" } });
    const [, answer] = await office.events("message.received");
    expect(answer?.body.data.message.quoted).toEqual({
      message_id: publicId("msg", id),
      provider_id: "wamid.1",
    });
  });

  test("keeps what its sender noted: the ticket on message and conversation, and metadata", async () => {
    const ada = await office.hear(station);
    const noted = { ticketRef: "T-17", metadata: '{"order":7}' };
    const id = await office.post(station, office.unit(ada, "Hi", noted));
    await station.outbox.send(id, 10_000);
    const [event] = await office.events("message.sent");
    expect(event?.body.conversation.ticket_ref).toBe("T-17");
    expect(event?.body.data.message).toMatchObject({ ticket_ref: "T-17", metadata: { order: 7 } });
  });

  test("answers the message that it quotes", async () => {
    const ada = await office.hear(station);
    const replyTo = { messageId: null, providerId: "wamid.before" };
    const id = await office.post(station, office.unit(ada, "Hi", { replyTo }));
    await station.outbox.send(id, 10_000);
    expect(JSON.parse(office.requests[0]?.body ?? "").context).toEqual({
      message_id: "wamid.before",
    });
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message.quoted).toEqual({
      message_id: null,
      provider_id: "wamid.before",
    });
  });

  test("to a stranger opens a conversation, once however many messages open it", async () => {
    const identity = { kind: "wa_id", value: BEN } as const;
    const target = { kind: "stranger", identity } as const;
    const unit = office.unit({ conversationId: "", contactId: "" }, "Hi", {
      target,
      to: identity,
    });
    const other = await office.station();
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => station.outbox.accept(unit)),
      ...[1, 2, 3].map(() => other.outbox.accept(unit)),
    ]);
    const conversations = new Set(
      answers.map((each) => (each.kind === "accepted" ? each.conversationId : "held")),
    );
    expect(conversations.size).toBe(1);
    const [created, ...others] = await office.events("conversation.created");
    expect(others).toEqual([]);
    expect(created?.body.contact.identities).toMatchObject([{ kind: "wa_id", id: BEN }]);
    expect(created?.body.data.first_message).toMatchObject({
      direction: "outbound",
      status: "queued",
    });
  });

  test("whose number the provider knows by another id is to the person who writes from there", async () => {
    const typed = { kind: "wa_id", value: "5511987654321" } as const;
    const unit = office.unit({ conversationId: "", contactId: "" }, "Oi", {
      target: { kind: "stranger", identity: typed },
      to: typed,
    });
    office.script(() => accepted("wamid.br", "551187654321"));
    const id = await office.post(station, unit);
    await station.outbox.send(id, 10_000);
    const heard = await office.hear(station, "551187654321");
    const [sent] = await office.rows<{ conversation_id: string }>(
      "select conversation_id from message where id = $1",
      [id],
    );
    expect(heard.conversationId).toBe(sent?.conversation_id);
  });
});

describe("who waits for a message", () => {
  test("hears of it although another process has sent it", async () => {
    const ada = await office.hear(station);
    const other = await office.station();
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    await other.outbox.leaveNow([id]);
    const sent = station.outbox.send(id, 10_000);
    await provider.arrived;
    provider.give(accepted("wamid.1"));
    await other.outbox.runOnce();
    await office.clock.whenSleeping();
    await office.clock.advance(250);
    expect(await sent).toMatchObject({ status: "sent", providerId: "wamid.1" });
    expect(office.requests).toHaveLength(1);
  });

  test("waits on while the database is away, and hears of it then", async () => {
    const ada = await office.hear(station);
    const other = await office.station();
    const pool = station.deps.db;
    let looks = 0;
    const db: Queryable = {
      async query(config, values) {
        const isLook = typeof config === "object" && config.name === "find_standing";
        if (isLook && ++looks === 1) throw new Error("Connection terminated unexpectedly");
        return pool.query<never>(config, values);
      },
    };
    const waiting = await office.station({ outbox: { db } });
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    await other.outbox.leaveNow([id]);
    const sent = waiting.outbox.send(id, 10_000);
    await provider.arrived;
    provider.give(accepted("wamid.1"));
    await other.outbox.runOnce();
    for (const _ of ["in vain", "again"]) {
      await office.clock.whenSleeping();
      await office.clock.advance(250);
    }
    expect(await sent).toMatchObject({ status: "sent", providerId: "wamid.1" });
    expect(looks).toBe(2);
  });

  test("sends it when another process has done what stood before it", async () => {
    const ada = await office.hear(station);
    const other = await office.station();
    const provider = held();
    office.script(provider.script);
    const first = await office.post(other, office.unit(ada, "first"));
    await other.outbox.leaveNow([first]);
    await provider.arrived;
    const second = await office.post(station, office.unit(ada, "second"));
    const sent = station.outbox.send(second, 10_000);
    // It has asked for leave, and got none.
    await station.outbox.sweepOnce();
    expect(office.texts()).toEqual(["first"]);
    await office.rows("delete from outbox where message_id = $1", [first]);
    office.script(() => accepted("wamid.second"));
    await office.clock.advance(250);
    expect(await sent).toMatchObject({ status: "sent", providerId: "wamid.second" });
    provider.give(accepted("wamid.first"));
    await other.outbox.runOnce();
  });
});

describe("the order of a conversation", () => {
  test("is kept: the second leaves when the first is done, at once", async () => {
    const ada = await office.hear(station);
    const provider = held();
    office.script(provider.script);
    const first = await office.post(station, office.unit(ada, "first"));
    const second = await office.post(station, office.unit(ada, "second"));
    const sentFirst = station.outbox.send(first, 10_000);
    await provider.arrived;
    const sentSecond = station.outbox.send(second, 10_000);
    // However often it is asked for, it gets no leave.
    expect(await station.outbox.leaveNow([second])).toBe(0);
    expect(office.texts()).toEqual(["first"]);
    office.script(() => accepted("wamid.second"));
    provider.give(accepted("wamid.first"));
    await sentFirst;
    expect(await sentSecond).toMatchObject({ status: "sent", providerId: "wamid.second" });
    expect(office.texts()).toEqual(["first", "second"]);
  });

  test("is kept while the first waits to be tried again, and holds nobody else up", async () => {
    const ada = await office.hear(station);
    const ben = await office.hear(station, BEN);
    office.script(() => refusedBy(131056));
    const first = await office.post(station, office.unit(ada, "first"));
    await station.outbox.send(first, 0);
    await station.outbox.runOnce();
    office.script(() => accepted(`wamid.${office.requests.length}`));
    await office.post(station, office.unit(ada, "second"));
    await office.post(station, office.unit(ben, "to Ben"));
    await station.outbox.runOnce();
    expect(office.texts()).toEqual(["first", "to Ben"]);
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect(office.texts()).toEqual(["first", "to Ben", "first", "second"]);
  });
});

describe("a refusal that may pass", () => {
  test("is waited out, and whoever waits hears of the success", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131056));
    const id = await office.post(station, office.unit(ada));
    const sent = station.outbox.send(id, 10_000);
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "queued" });
    office.script(() => accepted("wamid.late"));
    await office.clock.advance(999);
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    await office.clock.advance(1);
    await station.outbox.runOnce();
    expect(await sent).toMatchObject({ status: "sent", providerId: "wamid.late" });
    expect(await office.events("message.failed")).toEqual([]);
    expect(await office.events("message.sent")).toHaveLength(1);
  });

  test("that outlasts the wait is answered as queued at once", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131016, 500));
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 500)).toMatchObject({
      status: "queued",
      nextAt: office.clock.now() + 1_000,
    });
  });

  test("of the whole number gives the number a rest", async () => {
    const ada = await office.hear(station);
    const ben = await office.hear(station, BEN);
    office.script(() => refusedBy(130429));
    await station.outbox.send(await office.post(station, office.unit(ada, "to Ada")), 500);
    office.script(() => accepted(`wamid.${office.requests.length}`));
    const toBen = await office.post(station, office.unit(ben, "to Ben"));
    expect(await station.outbox.leaveNow([toBen])).toBe(0);
    expect(await station.outbox.runOnce()).toBe(0);
    expect(office.texts()).toEqual(["to Ada"]);
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect([...office.texts()].sort()).toEqual(["to Ada", "to Ada", "to Ben"]);
  });

  test("is given up after its last try, with the reason in words", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(1));
    const id = await office.post(station, office.unit(ada));
    await station.outbox.runOnce();
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(2);
    expect(await office.message(id)).toMatchObject({
      status: "failed",
      error: { code: "provider_unavailable", provider_code: "1", retryable: true },
    });
  });

  test("a provider that cannot be reached is tried until it can", async () => {
    const ada = await office.hear(station);
    office.script(() => unreachable);
    const id = await office.post(station, office.unit(ada));
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "queued" });
    office.script(() => accepted("wamid.1"));
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });
});

describe("a refusal for good", () => {
  test("fails the message with the provider's own words", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131026, 400, "Message Undeliverable."));
    const id = await office.post(station, office.unit(ada));
    const settled = await station.outbox.send(id, 10_000);
    const error = {
      code: "recipient_unreachable",
      provider_code: "131026",
      message: "(#131026) No",
      details: "Message Undeliverable.",
      retryable: false,
      advice: expect.any(String),
    };
    expect(settled).toMatchObject({ status: "failed", error });
    expect(await office.message(id)).toMatchObject({ status: "failed", error });
    const [event, ...others] = await office.events("message.failed", "message.sent");
    expect(others).toEqual([]);
    expect(event?.body.data).toEqual({
      message_id: publicId("msg", id),
      provider_id: null,
      at: new Date(office.clock.now()).toISOString(),
      error,
    });
    expect(await office.outboxRows()).toEqual([]);
  });

  test("does not keep the next message of the conversation back", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131009));
    await office.post(station, office.unit(ada, "bad"));
    await station.outbox.runOnce();
    office.script(() => accepted("wamid.1"));
    await office.post(station, office.unit(ada, "good"));
    expect(await station.outbox.runOnce()).toBe(1);
  });

  test("a window that is open by our record is tried once more, later", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131047));
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "queued" });
    await office.clock.advance(30_000);
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(2);
    expect(await office.message(id)).toMatchObject({
      status: "failed",
      error: { code: "window_closed", provider_code: "131047" },
    });
  });
});

describe("a channel that its provider refuses", () => {
  test("pauses, keeps its messages, and goes on with new credentials", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(190, 401, "Session has expired"));
    const version = await configVersion();
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "queued", nextAt: null });
    expect(await channelState()).toEqual([
      { state: "paused", reason: expect.stringContaining("access token"), until: null },
    ]);
    const [degraded, ...others] = await office.events("account.degraded");
    expect(others).toEqual([]);
    expect(degraded?.body).toMatchObject({
      channel: { kind: "whatsapp", external_id: SHOP },
      conversation: null,
      data: {
        code: "channel_unauthorized",
        reason: expect.stringContaining("access token"),
        details: { provider_code: "190" },
        action_url: null,
      },
    });
    expect(await configVersion()).toBe(version + 1);

    await office.post(station, office.unit(ada, "second"));
    await office.clock.advance(60_000);
    await station.outbox.sweepOnce();
    expect(await station.outbox.runOnce()).toBe(0);
    expect(office.requests).toHaveLength(1);
    expect(await office.events("message.failed")).toEqual([]);

    await office.rows(
      `update channel set state = 'connected', state_reason = null, credentials = '{"access_token":"NEW"}',
         updated_at = $1`,
      [new Date(office.clock.now())],
    );
    office.script(() => accepted(`wamid.${office.requests.length}`));
    await station.outbox.runOnce();
    expect(office.requests.slice(1).map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer NEW",
      "Bearer NEW",
    ]);
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("does not pause for a process that has no key to its credentials: another one sends, or the next start", async () => {
    const keyless = await office.station({
      outbox: {
        openCredentials: () => {
          throw new UnknownKey("channel.credentials was sealed with a master key that is not here");
        },
      },
    });
    const ada = await office.hear(station);
    const id = await office.post(keyless, office.unit(ada));
    for (let minute = 0; minute < 40; minute++) {
      await keyless.outbox.runOnce();
      await office.clock.advance(60_000);
    }
    expect(await office.message(id)).toMatchObject({ status: "queued", error: null });
    expect(await channelState()).toMatchObject([{ state: "connected" }]);
    expect(await office.events("account.degraded")).toEqual([]);
    expect(office.requests).toEqual([]);

    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent" });
    expect(office.requests).toHaveLength(1);
  });

  test("does not pause when its credentials were changed while the old ones were refused", async () => {
    const ada = await office.hear(station);
    office.script(async () => {
      await office.rows(
        `update channel set credentials = '{"access_token":"NEW"}', updated_at = updated_at + interval '1 second'`,
      );
      office.script(() => accepted("wamid.1"));
      return refusedBy(190, 401);
    });
    const id = await office.post(station, office.unit(ada));
    await station.outbox.runOnce();
    expect(await channelState()).toMatchObject([{ state: "connected" }]);
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("without an access token pauses before anything is sent", async () => {
    const ada = await office.hear(station);
    await office.rows("update channel set credentials = null");
    const id = await office.post(station, office.unit(ada));
    await station.outbox.runOnce();
    expect(office.requests).toEqual([]);
    expect(await channelState()).toMatchObject([{ state: "paused" }]);
    expect(await office.message(id)).toMatchObject({ status: "queued" });
  });

  test("for spam rests for an hour and goes on by itself", async () => {
    const ada = await office.hear(station);
    office.script(() => refusedBy(131048));
    const id = await office.post(station, office.unit(ada));
    await station.outbox.runOnce();
    expect(await channelState()).toMatchObject([
      { state: "paused", until: office.clock.now() + 3_600_000 },
    ]);
    office.script(() => accepted("wamid.1"));
    await office.clock.advance(3_600_000 - 1);
    await station.outbox.sweepOnce();
    expect(await station.outbox.runOnce()).toBe(0);
    await office.clock.advance(1);
    await station.outbox.sweepOnce();
    expect(await channelState()).toMatchObject([{ state: "connected", until: null }]);
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("that is deleted fails what waits for it", async () => {
    const ada = await office.hear(station);
    const id = await office.post(station, office.unit(ada));
    await office.rows("update channel set deleted_at = now()");
    expect(await station.outbox.runOnce()).toBe(0);
    await station.outbox.sweepOnce();
    expect(await office.message(id)).toMatchObject({
      status: "failed",
      error: { code: "channel_deleted" },
    });
    expect(office.requests).toEqual([]);
  });
});

describe("many channels", () => {
  test("take turns: one that has much to say does not keep another waiting", async () => {
    const ada = await office.hear(station);
    const busy = Array.from({ length: 40 }, (_, i) => `1650555${String(i).padStart(4, "0")}`);
    for (const phone of busy) {
      await office.post(station, office.unit(await office.hear(station, phone), "busy"));
    }
    const other = office.ids.next();
    await office.rows(
      `insert into channel (id, workspace_id, kind, name, external_id, credentials, created_at, updated_at)
       select $1, workspace_id, kind, 'Other', '2', credentials, created_at, updated_at from channel`,
      [other],
    );
    await office.rows("update conversation set channel_id = $1 where id = $2", [
      other,
      ada.conversationId,
    ]);
    // The busy channel's slots are taken and stay so.
    let taken = 0;
    await new Promise<void>((full) => {
      office.script((request) => {
        if (JSON.parse(request.body ?? "").text.body === "quiet") return accepted("wamid.quiet");
        if (++taken === 32) full();
        return never();
      });
      void station.outbox.runOnce();
    });
    const quiet = await office.post(station, office.unit(ada, "quiet", { channelId: other }));
    expect(await station.outbox.leaveDue()).toBe(1);
    expect(await office.message(quiet)).not.toMatchObject({ status: "queued" });
    expect(await office.rows("select 1 from outbox where state = 'queued'")).toHaveLength(8);
  });
});

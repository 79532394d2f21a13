import { describe, expect, test } from "vitest";
import {
  accountObject,
  channelObject,
  contactObject,
  conversationObject,
  type MessageRow,
  messageObject,
} from "./envelope.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const ID = "01h455vb4pex5vsknk084sn02q";
const at = Date.UTC(2026, 10, 21, 10, 0, 0, 123);

const message: MessageRow = {
  id,
  serial: 981,
  providerId: "wamid.1",
  direction: "outbound",
  actor: "bot",
  actorId: null,
  status: "sent",
  content: '{"type":"text","text":"\\u0000 \\ud800"}',
  quoted: null,
  ticketRef: null,
  metadata: null,
  error: null,
  sentAt: at,
  receivedAt: null,
};

describe("the objects of a body", () => {
  test("show an account, a channel, a conversation and a contact under their public ids", () => {
    expect(accountObject(null)).toBeNull();
    expect(accountObject({ id, serial: 12, name: "Shop", externalId: "crm-7" })).toEqual({
      id: `acc_${ID}`,
      serial: 12,
      name: "Shop",
      external_id: "crm-7",
    });
    expect(
      channelObject({ id, serial: 3, kind: "whatsapp", name: "Support", externalId: "1099" }),
    ).toEqual({
      id: `ch_${ID}`,
      serial: 3,
      kind: "whatsapp",
      name: "Support",
      external_id: "1099",
    });
    expect(
      conversationObject(
        { id, serial: 345, status: "open", lastInboundAt: at, ticketRef: "T-1" },
        "whatsapp",
      ),
    ).toEqual({
      id: `cnv_${ID}`,
      serial: 345,
      status: "open",
      window: { free_form_until: "2026-11-22T10:00:00.123Z", human_agent_until: null },
      ticket_ref: "T-1",
      first_touch: null,
    });
    expect(
      contactObject({ id, serial: 77, name: null, customFields: '{"tier":"gold"}' }, [
        { kind: "bsuid", value: "DE.1", username: "ada", channelKind: "whatsapp" },
      ]),
    ).toEqual({
      id: `con_${ID}`,
      serial: 77,
      name: null,
      identities: [{ channel: "whatsapp", kind: "bsuid", id: "DE.1", username: "ada" }],
      custom_fields: { tier: "gold" },
    });
  });

  test("show a message as far as it has come", () => {
    expect(messageObject(message, null)).toEqual({
      id: `msg_${ID}`,
      serial: 981,
      provider_id: "wamid.1",
      direction: "outbound",
      actor: { type: "bot", id: null, name: null },
      status: "sent",
      content: { type: "text", text: "\u0000 \ud800" },
      quoted: null,
      ticket_ref: null,
      metadata: {},
      sent_at: "2026-11-21T10:00:00.123Z",
      received_at: null,
    });
  });

  test("show why a message failed, what it answers and what its sender noted", () => {
    const quoted = { message_id: `msg_${ID}`, provider_id: "wamid.0" };
    const error = {
      code: "window_closed",
      provider_code: "131047",
      message: "Re-engagement message",
      retryable: false,
      advice: null,
    };
    const shown = messageObject(
      {
        ...message,
        status: "failed",
        quoted: JSON.stringify(quoted),
        metadata: '{"order":7}',
        error: JSON.stringify(error),
      },
      "Ada",
    );
    expect(shown).toMatchObject({
      status: "failed",
      actor: { name: "Ada" },
      quoted,
      metadata: { order: 7 },
      error,
    });
  });

  test("written, read and written again are the same bytes", () => {
    const body = JSON.stringify(
      messageObject({ ...message, metadata: '{"b":1,"2":-0,"1":1e400}' }, null),
    );
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
  });
});

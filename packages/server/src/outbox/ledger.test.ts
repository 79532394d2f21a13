import { describe, expect, test } from "vitest";
import type { MessageStatus } from "../core/messages/message-status.ts";
import type { SendError } from "../core/sending/send-outcome.ts";
import type { ConversationState } from "../storage/conversations/conversations.ts";
import type { LockedMessage } from "../storage/conversations/messages.ts";
import type { LockedEntry } from "../storage/sending/outbox.ts";
import { Ledger, type SettleUnit, type Word } from "./ledger.ts";
import { writeRequest } from "./request.ts";

const NOW = Date.UTC(2026, 2, 2, 9);
const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const error: SendError = {
  code: "rate_limited",
  provider_code: "131056",
  message: "m",
  details: null,
  retryable: true,
  advice: null,
};
const accepted: Word = { kind: "accepted", providerId: "wamid.1", recipient: null };
const refused: Word = { kind: "refused", class: "recipient", error };
const retryable: Word = { kind: "retryable", error, pace: "pair", restsChannel: false };
const lost: Word = { kind: "in_doubt", reason: "reset" };

function ledgerWith(status: MessageStatus, entry: Partial<LockedEntry> | null): Ledger {
  const conversation: ConversationState = {
    id: ID,
    serial: 1,
    status: "open",
    lastInboundAt: NOW,
    ticketRef: null,
    contactId: ID,
  };
  const message: LockedMessage = {
    ...{ id: ID, serial: 1, providerId: null, direction: "outbound", actor: "bot", actorId: null },
    ...{ status, content: '{"type":"text","text":"Hi"}', quoted: null, ticketRef: null },
    ...{ metadata: null, error: null, sentAt: null, receivedAt: null, deliveredAt: null },
    ...{ readAt: null, failedAt: null },
  };
  const request = writeRequest({
    ...{ contactId: ID, to: { kind: "wa_id", value: "16505551234" }, actor: "bot", tag: null },
    content: { type: "text", text: "Hi", previewUrl: false },
    ...{ replyTo: null, key: "k", failures: 0, windowRetried: false },
  });
  const base = {
    messageId: ID,
    state: "sending",
    attempt: 2,
    nextAt: NOW,
    doubtUntil: null,
  } as const;
  return new Ledger({
    now: NOW,
    conversations: new Map([[ID, conversation]]),
    messages: new Map([[ID, message]]),
    entries: entry === null ? [] : [{ ...base, request, ...entry }],
  });
}

function about(word: Word, attempt: number | null = 2): SettleUnit {
  return {
    ...{ messageId: ID, workspaceId: ID, channelId: ID, channelKind: "whatsapp" },
    ...{ conversationId: ID, attempt, word, learned: null, spread: 0 },
  };
}

const typesOf = (ledger: Ledger) => ledger.facts.map(({ type }) => type);

describe("a word about an earlier leave to go", () => {
  test.each([
    ["a refusal", refused],
    ["a refusal that may pass", retryable],
    ["silence", lost],
    ["that it never left", { kind: "not_left" }],
    ["that it was never heard of", { kind: "unheard" }],
  ] satisfies [string, Word][])("changes nothing while a later one is under way: %s", (_, word) => {
    const ledger = ledgerWith("sending", {});
    expect(ledger.hear(about(word, 1))).toMatchObject({ status: "sending", nextAt: null });
    expect(typesOf(ledger)).toEqual([]);
    expect([...ledger.gone(), ...ledger.queued(), ...ledger.doubted()]).toEqual([]);
  });

  test("still counts when the provider has the message", () => {
    const ledger = ledgerWith("sending", {});
    expect(ledger.hear(about(accepted, 1))).toMatchObject({ status: "sent" });
    expect(ledger.gone()).toEqual([ID]);
  });
});

describe("what a word makes of a message", () => {
  test.each([
    ["sending", "sending", accepted, "sent", ["message.sent"], "gone"],
    ["sending", "in_doubt", accepted, "sent", ["message.sent"], "gone"],
    ["unconfirmed", null, accepted, "sent", ["message.sent"], "nothing"],
    ["delivered", null, accepted, "delivered", [], "nothing"],
    ["failed", null, accepted, "failed", [], "nothing"],
    ["sending", "sending", refused, "failed", ["message.failed"], "gone"],
    ["sending", "in_doubt", refused, "failed", ["message.failed"], "gone"],
    ["unconfirmed", null, refused, "failed", ["message.failed"], "nothing"],
    ["sent", null, refused, "sent", [], "nothing"],
    ["sending", "sending", retryable, "queued", [], "queued"],
    ["sending", "in_doubt", retryable, "queued", [], "queued"],
    ["unconfirmed", null, retryable, "failed", ["message.failed"], "nothing"],
    ["delivered", null, retryable, "delivered", [], "nothing"],
    ["sending", "sending", lost, "sending", [], "doubted"],
    ["sending", "in_doubt", lost, "sending", [], "nothing"],
    ["unconfirmed", null, lost, "unconfirmed", [], "nothing"],
    ["sending", "sending", { kind: "not_left" }, "queued", [], "queued"],
    ["sending", "in_doubt", { kind: "not_left" }, "queued", [], "queued"],
    ["unconfirmed", null, { kind: "not_left" }, "unconfirmed", [], "nothing"],
    ["sending", "sending", { kind: "unheard" }, "queued", [], "queued"],
    ["sending", "in_doubt", { kind: "unheard" }, "sending", [], "nothing"],
    ["queued", "queued", { kind: "unheard" }, "queued", [], "nothing"],
    ["unconfirmed", null, { kind: "unheard" }, "unconfirmed", [], "nothing"],
  ] satisfies [
    MessageStatus,
    LockedEntry["state"] | null,
    Word,
    MessageStatus,
    string[],
    string,
  ][])("%s, its entry %s: %j → %s", (status, state, word, after, types, fate) => {
    const ledger = ledgerWith(status, state && { state });
    expect(ledger.hear(about(word))).toMatchObject({ status: after });
    expect(typesOf(ledger)).toEqual(types);
    expect({
      gone: ledger.gone().length,
      queued: ledger.queued().length,
      doubted: ledger.doubted().length,
    }).toEqual({ gone: 0, queued: 0, doubted: 0, ...(fate === "nothing" ? {} : { [fate]: 1 }) });
  });

  test("an entry whose time of doubt is over is given up, and its key ends", () => {
    const ledger = ledgerWith("sending", { state: "in_doubt", doubtUntil: NOW });
    expect(ledger.hear(about({ kind: "overdue" }, null))).toMatchObject({ status: "unconfirmed" });
    expect(typesOf(ledger)).toEqual(["message.unconfirmed"]);
    expect(ledger.endedKeys(NOW + 1)).toEqual([
      { workspaceId: ID, route: "POST /v1/send", key: "k", expiresAt: NOW + 1 },
    ]);
  });

  test.each([
    ["its time is not over", { state: "in_doubt", doubtUntil: NOW + 1 }],
    ["it is on its way again", { state: "sending", doubtUntil: null }],
  ] satisfies [string, Partial<LockedEntry>][])("is not given up while %s", (_, entry) => {
    const ledger = ledgerWith("sending", entry);
    expect(ledger.hear(about({ kind: "overdue" }, null))).toMatchObject({ status: "sending" });
    expect(typesOf(ledger)).toEqual([]);
  });

  test("whose row retention took leaves the outbox without a word", () => {
    const entries = [{ messageId: ID, state: "sending", attempt: 2, nextAt: NOW } as const].map(
      (each) => ({ ...each, doubtUntil: null, request: '{"key":null}' }),
    );
    const [conversations, messages] = [new Map(), new Map()];
    const ledger = new Ledger({ now: NOW, conversations, messages, entries });
    ledger.hear(about(accepted));
    expect(ledger.gone()).toEqual([ID]);
    expect(typesOf(ledger)).toEqual([]);
  });

  test("two words in one transaction are taken in their order", () => {
    const ledger = ledgerWith("sending", {});
    ledger.hear(about(lost));
    expect(ledger.hear(about(accepted))).toMatchObject({ status: "sent", providerId: "wamid.1" });
    expect(typesOf(ledger)).toEqual(["message.sent"]);
  });
});

import { describe, expect, test } from "vitest";
import {
  eventsOfMove,
  isBeforeSent,
  isMessageStatus,
  MESSAGE_STATUSES,
  type MessageStatus,
  movesUp,
} from "./message-status.ts";

/** From a row's name to every status that is news for it. */
const NEWS = {
  queued: ["sending", "unconfirmed", "sent", "delivered", "read", "played", "failed"],
  sending: ["unconfirmed", "sent", "delivered", "read", "played", "failed"],
  unconfirmed: ["sent", "delivered", "read", "played", "failed"],
  sent: ["delivered", "read", "played", "failed"],
  delivered: ["read", "played"],
  read: ["played"],
  played: [],
  failed: [],
  received: [],
} as const;

describe("a message's status", () => {
  test.each(MESSAGE_STATUSES)("a message that is %s moves only up", (from) => {
    expect(MESSAGE_STATUSES.filter((to) => movesUp(from, to))).toEqual(NEWS[from]);
  });

  test.each([
    ["queued", "sent", ["message.sent"]],
    ["sending", "sent", ["message.sent"]],
    ["unconfirmed", "sent", ["message.sent"]],
    ["sending", "delivered", ["message.sent", "message.delivered"]],
    ["sending", "read", ["message.sent", "message.read"]],
    ["unconfirmed", "played", ["message.sent", "message.read"]],
    ["sent", "delivered", ["message.delivered"]],
    ["sent", "read", ["message.read"]],
    ["delivered", "read", ["message.read"]],
    ["delivered", "played", ["message.read"]],
    ["read", "played", []],
    ["sending", "unconfirmed", ["message.unconfirmed"]],
    ["sending", "failed", ["message.failed"]],
    ["unconfirmed", "failed", ["message.failed"]],
    ["sent", "failed", ["message.failed"]],
    ["queued", "sending", []],
    ["sent", "sent", []],
    ["read", "delivered", []],
    ["delivered", "failed", []],
    ["failed", "delivered", []],
  ] as const)("the move from %s to %s is told as %j", (from, to, events) => {
    expect(eventsOfMove(from, to)).toEqual(events);
  });

  test("message.sent is told once, on whatever way a message reaches its end", () => {
    for (const first of MESSAGE_STATUSES) {
      for (const then of MESSAGE_STATUSES) {
        const told = walk(["queued", first, then, "played"]);
        const hasLeft = told.some(
          (event) => event !== "message.failed" && event !== "message.unconfirmed",
        );
        const sent = told.filter((event) => event === "message.sent").length;
        expect(sent, `queued, ${first}, ${then}, played`).toBe(hasLeft ? 1 : 0);
      }
    }
  });

  test("only what has not been heard of is before sent", () => {
    expect(MESSAGE_STATUSES.filter(isBeforeSent)).toEqual(["queued", "sending", "unconfirmed"]);
  });

  test("a word of somebody else's is no status", () => {
    expect(["sent", "pending", "", "constructor"].filter(isMessageStatus)).toEqual(["sent"]);
  });
});

/** What is told when these words come in this order. */
function walk([start, ...words]: [MessageStatus, ...MessageStatus[]]): string[] {
  let at = start;
  return words.flatMap((word) => {
    const told = eventsOfMove(at, word);
    if (movesUp(at, word)) at = word;
    return told;
  });
}

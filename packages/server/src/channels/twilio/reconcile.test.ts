import { describe, expect, test } from "vitest";
import type { ListedMessage } from "./list.ts";
import { findDoubted, type InDoubt, statusOf } from "./reconcile.ts";

const channel = { kind: "sms", externalId: "+15558675310" } as const;
const NOON = Date.UTC(2026, 2, 2, 12);

function listed(sid: string, more: Partial<ListedMessage> = {}): ListedMessage {
  return {
    sid,
    direction: "outbound-api",
    status: "sent",
    from: channel.externalId,
    to: "+14017122661",
    body: "hello",
    num_segments: "1",
    num_media: "0",
    error_code: null,
    error_message: null,
    messaging_service_sid: null,
    date_created: new Date(NOON).toUTCString(),
    date_sent: null,
    ...more,
  };
}

function doubt(token: string, more: Partial<InDoubt> = {}): InDoubt {
  return { token, to: "+14017122661", body: "hello", leftAt: NOON, ...more };
}

const tokens = (found: Map<string, InDoubt>) =>
  Object.fromEntries([...found].map(([sid, { token }]) => [sid, token]));

describe("finding messages in doubt in Twilio's log", () => {
  test.each<[string, InDoubt[], ListedMessage[], Record<string, string>]>([
    ["one of each", [doubt("a")], [listed("SM1")], { SM1: "a" }],
    ["other words", [doubt("a")], [listed("SM1", { body: "bye" })], {}],
    ["somebody else", [doubt("a")], [listed("SM1", { to: "+15550000000" })], {}],
    [
      "two alike in their order",
      [doubt("b", { leftAt: NOON + 5_000 }), doubt("a")],
      [
        listed("SM2", { date_created: new Date(NOON + 6_000).toUTCString() }),
        listed("SM1", { date_created: new Date(NOON + 1_000).toUTCString() }),
      ],
      { SM1: "a", SM2: "b" },
    ],
    [
      "more than are in doubt: nobody can say which",
      [doubt("a")],
      [listed("SM1"), listed("SM2")],
      {},
    ],
    ["one from long before", [doubt("a", { leftAt: NOON + 3_600_000 })], [listed("SM1")], {}],
    [
      "a clock that is some seconds behind",
      [doubt("a", { leftAt: NOON + 20_000 })],
      [listed("SM1")],
      { SM1: "a" },
    ],
    ["none", [doubt("a")], [], {}],
    ["a log without times", [doubt("a")], [listed("SM1", { date_created: null })], {}],
  ])("%s", (_, doubts, strangers, found) => {
    expect(tokens(findDoubted(doubts, strangers))).toEqual(found);
  });

  test("a status of the log is one as Twilio calls with it", () => {
    const failed = listed("SM1", {
      status: "undelivered",
      error_code: 30003,
      error_message: "Gone",
    });
    expect(statusOf(failed, channel, "msg_1")).toMatchObject([
      {
        kind: "status",
        providerId: "SM1",
        status: "failed",
        token: "msg_1",
        error: { code: 30003, message: "Gone" },
      },
    ]);
  });
});

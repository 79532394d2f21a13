import { describe, expect, test } from "vitest";
import { judge, type Settlement } from "./deliveries.ts";

const ME = 7;
const settlement = (state: "delivered" | "pending" | "dead", round = 1, n = 2): Settlement => ({
  process: ME,
  eventId: "e",
  endpoint: 1,
  workspaceId: "w",
  n,
  round,
  roundN: 1,
  conversationId: null,
  seq: null,
  state,
  nextAt: state === "pending" ? 1 : null,
  attempt: null,
  endedAt: 0,
  reason: null,
  renderer: 1,
  body: null,
});
const row = (owner: number | null, n = 2, round = 1) => ({ n, round, owner });
const delivered = (deliveredRound: number) => ({ state: "delivered", deliveredRound });
const pending = { state: "pending", deliveredRound: null };

describe("what a late word about a delivery may still do", () => {
  test.each([
    ["a success that holds its row", settlement("delivered"), pending, row(ME), true, "delete"],
    [
      "a success whose row waits for anybody",
      settlement("delivered"),
      pending,
      row(null, 3),
      true,
      "delete",
    ],
    [
      "a success whose row another has leased",
      settlement("delivered"),
      pending,
      row(9),
      true,
      "leave",
    ],
    [
      "a success of a round that a replay has left behind",
      settlement("delivered"),
      pending,
      row(null, 5, 2),
      true,
      "leave",
    ],
    ["a success without any row", settlement("delivered"), undefined, undefined, true, "leave"],
    ["a failure that holds its row", settlement("pending"), pending, row(ME), true, "again"],
    ["a last failure that holds its row", settlement("dead"), pending, row(ME), true, "delete"],
    ["a failure whose lease another has", settlement("pending"), pending, row(9), false, "leave"],
    ["a failure whose lease was freed", settlement("pending"), pending, row(null), false, "leave"],
    [
      "a failure of an attempt that was made again",
      settlement("pending"),
      pending,
      row(ME, 3),
      false,
      "leave",
    ],
    ["a failure without any row", settlement("pending"), undefined, undefined, false, "leave"],
    [
      "a failure after a success of the same round",
      settlement("pending"),
      delivered(1),
      row(ME),
      false,
      "delete",
    ],
    [
      "a failed replay of what was delivered before",
      settlement("pending", 2),
      delivered(1),
      row(ME, 2, 2),
      true,
      "again",
    ],
  ] as const)("%s", (_, word, delivery, retry, writes, act) => {
    expect(judge(word, delivery, retry)).toEqual({ writes, retry: act });
  });
});

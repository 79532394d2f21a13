import { describe, expect, test } from "vitest";
import { freeFormUntil, humanAgentUntil, isWindowOpen } from "./window.ts";

const DAY_MS = 86_400_000;
const at = 1_795_000_000_000;

describe("the window for free messages", () => {
  test.each([
    ["whatsapp", at, at, true],
    ["whatsapp", at, at + DAY_MS - 1, true],
    ["whatsapp", at, at + DAY_MS, false],
    ["whatsapp", null, at, false],
    ["messenger", at, at + DAY_MS, false],
    ["instagram", at, at + DAY_MS - 1, true],
    ["sms", null, at, true],
    ["email", at, at + 100 * DAY_MS, true],
  ] as const)("on %s, last written at %s and asked at %s: %s", (kind, last, now, open) => {
    expect(isWindowOpen(kind, last, now)).toBe(open);
  });

  test("ends a day after the customer's last message", () => {
    expect(freeFormUntil("whatsapp", at)).toBe(at + DAY_MS);
    expect(freeFormUntil("whatsapp", null)).toBeNull();
    expect(freeFormUntil("sms", at)).toBeNull();
  });

  test("is a week for people on Messenger and Instagram", () => {
    expect(humanAgentUntil("messenger", at)).toBe(at + 7 * DAY_MS);
    expect(humanAgentUntil("instagram", at)).toBe(at + 7 * DAY_MS);
    expect(humanAgentUntil("whatsapp", at)).toBeNull();
    expect(humanAgentUntil("messenger", null)).toBeNull();
  });
});

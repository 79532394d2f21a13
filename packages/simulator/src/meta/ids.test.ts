import { describe, expect, test } from "vitest";
import { newMessageId, newObjectId } from "./ids.ts";

describe("a message id", () => {
  test.each([
    ["inbound", "\x15\x02\x00\x12\x18\x14", 20],
    ["outbound", "\x15\x02\x00\x11\x18\x12", 18],
  ] as const)("is built like Meta's own: %s", (direction, middle, length) => {
    const id = newMessageId("16505551234", direction);
    expect(id).toMatch(/^wamid\.[A-Za-z0-9+/]+=*$/);
    const record = Buffer.from(id.slice("wamid.".length), "base64").toString("latin1");
    expect(record.slice(0, 20)).toBe(`\x1c\x18\x0b16505551234${middle}`);
    expect(record.slice(20, -1)).toMatch(new RegExp(`^[0-9A-F]{${length}}$`));
    expect(record.at(-1)).toBe("\0");
  });

  test("is never the same twice", () => {
    const ids = Array.from({ length: 1_000 }, () => newMessageId("16505551234", "inbound"));
    expect(new Set(ids).size).toBe(1_000);
  });
});

test("an object id is digits, as text", () => {
  expect(newObjectId()).toMatch(/^\d{10,16}$/);
});

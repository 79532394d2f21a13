import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { storableText } from "./storable-text.ts";

const bytes = (...values: number[]) => Buffer.from(values);

test.each([
  ["plain text", Buffer.from("hello"), "hello"],
  ["text that is cut between characters", Buffer.from("123456789€"), "123456789"],
  ["text whose last character just fits", Buffer.from("1234567€more"), "1234567€"],
  ["an emoji across the limit", Buffer.from("12345678🐦"), "12345678"],
  ["NULs", Buffer.from("a\0b\0"), "ab"],
  ["bytes that are not UTF-8", bytes(0x61, 0xff, 0x62), "a\ufffdb"],
  ["replacements that would not fit", Buffer.alloc(10, 0xff), "\ufffd".repeat(3)],
  ["a character that the sender cut", bytes(0x61, 0xe2, 0x82), "a\ufffd"],
  ["nothing", bytes(), ""],
])("%s is kept as it can be", (_, given, kept) => {
  expect(storableText(given, 10)).toBe(kept);
});

test("whatever arrives becomes valid text that is no longer than allowed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(30), (array, maxBytes) => {
      const kept = Buffer.from(storableText(Buffer.from(array), maxBytes));
      expect(kept.length).toBeLessThanOrEqual(maxBytes);
      expect(isUtf8(kept)).toBe(true);
      expect(kept.includes(0)).toBe(false);
    }),
  );
});

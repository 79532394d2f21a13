import { expect, test } from "vitest";
import { inSeconds, linkOf, phoneOf } from "./wording.ts";

test.each([
  ["a number of WhatsApp", { kind: "wa_id", id: "16505551234" }, "+16505551234"],
  ["a number that writes by SMS", { kind: "phone", id: "+16505551234" }, "+16505551234"],
  [
    "one that writes by WhatsApp through Twilio",
    { kind: "phone", id: "whatsapp:+16505551234" },
    "+16505551234",
  ],
  [
    "one that writes by RCS through Twilio",
    { kind: "phone", id: "rcs:+16505551234" },
    "+16505551234",
  ],
  ["an id of a Page's own", { kind: "psid", id: "7301244656" }, null],
  ["an address of e-mail", { kind: "email", id: "ada@example.org" }, null],
])("the telephone number that a dialect tells of %s", (_, identity, phone) => {
  expect(phoneOf([identity])).toBe(phone);
});

test.each([
  ["milliseconds are left out", "2026-11-21T10:00:00.123Z", "2026-11-21T10:00:00Z"],
  ["whole seconds stay", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"],
  ["another zone's time is told in UTC", "2026-11-21T12:00:00.5+02:00", "2026-11-21T10:00:00Z"],
  ["more digits are left out", "2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00Z"],
  ["what is no instant stays what it is", "soon", "soon"],
  ["what has no zone stays what it is", "2026-11-21T10:00:00", "2026-11-21T10:00:00"],
])("of an instant in seconds, %s", (_, instant, told) => {
  expect(inSeconds(instant)).toBe(told);
});

test.each([
  ["a file", { media: { url: "https://curlew.example/media/med_1" } }],
  ["a post with a file", { share: { url: "https://curlew.example/media/med_1" } }],
  ["a post without one", { share: { url: null, permalink: "https://curlew.example/media/med_1" } }],
])("%s is told with where it can be seen", (_, content) => {
  expect(linkOf(content)).toBe("https://curlew.example/media/med_1");
});

test("words alone can be seen nowhere else", () => {
  expect(linkOf({ type: "text", text: "Hello" })).toBeNull();
});

import { expect, test } from "vitest";
import { phoneOf } from "./wording.ts";

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

import { describe, expect, test } from "vitest";
import { chooseChannel, isNamed, namesOf, platformMeant, strangerOf } from "./send-request.ts";

describe("whom a request names", () => {
  const all = ["wa_id", "phone", "bsuid", "psid", "igsid"];

  test.each([
    ["to_phone", "+16505551234", ["wa_id", "phone"], ["16505551234", "+16505551234"]],
    [
      "to_phone",
      "+5511987654321",
      ["wa_id", "phone"],
      ["5511987654321", "+5511987654321", "551187654321"],
    ],
    ["wa_user_id", "US.13491208655302741918", ["bsuid"], ["US.13491208655302741918"]],
    ["platform_user_id", "16505551234", all, ["16505551234", "+16505551234"]],
    ["platform_user_id", "+16505551234", all, ["16505551234", "+16505551234"]],
    [
      "platform_user_id",
      "US.13491208655302741918",
      ["bsuid", "psid", "igsid"],
      ["US.13491208655302741918"],
    ],
  ] as const)("%s %s is known as %j %j", (field, text, kinds, values) => {
    expect(namesOf(field, text)).toMatchObject({ kinds, values });
  });

  test.each([
    ["whatsapp", "to_phone", "+16505551234", { kind: "wa_id", value: "16505551234" }],
    ["sms", "to_phone", "+16505551234", { kind: "phone", value: "+16505551234" }],
    ["messenger", "platform_user_id", "240000001", { kind: "psid", value: "240000001" }],
    ["instagram", "platform_user_id", "170000001", { kind: "igsid", value: "170000001" }],
    ["messenger", "to_phone", "+16505551234", null],
    ["whatsapp", "wa_user_id", "US.1", null],
  ] as const)("a stranger on %s by %s %s is %j", (kind, field, text, name) => {
    expect(strangerOf(kind, field, text)).toEqual(name);
  });

  test("is one person's when kind and value fit", () => {
    const identities = [
      { kind: "wa_id", value: "551187654321" },
      { kind: "bsuid", value: "BR.1" },
    ];
    expect(isNamed(namesOf("to_phone", "+5511987654321"), identities)).toBe(true);
    expect(isNamed(namesOf("wa_user_id", "BR.1"), identities)).toBe(true);
    expect(isNamed(namesOf("to_phone", "+16505551234"), identities)).toBe(false);
    expect(isNamed(namesOf("wa_user_id", "551187654321"), identities)).toBe(false);
  });
});

describe("the platform that a request means", () => {
  test.each([
    ["what it says", "whatsapp", null, ["to_phone"], "whatsapp"],
    ["SMS for a number alone", null, null, ["to_phone"], "sms"],
    ["the named channel's", null, "whatsapp", ["to_phone"], "whatsapp"],
    ["WhatsApp for a business-scoped id", null, null, ["wa_user_id"], "whatsapp"],
    ["to be looked up for a platform's id", null, null, ["platform_user_id"], null],
    ["to be looked up beside a number", null, null, ["platform_user_id", "to_phone"], null],
    ["to be looked up for a conversation", null, null, ["conversation_id"], null],
  ] as const)("is %s", (_, platform, channelKind, recipients, meant) => {
    expect(platformMeant({ platform, channelKind, recipients })).toBe(meant);
  });
});

describe("the channel among several", () => {
  const channel = (id: string, accountId: string | null = null, isDefault = false) => ({
    id,
    accountId,
    isDefault,
  });
  test.each([
    ["nothing among none", [], null],
    ["the only one", [channel("a")], "a"],
    ["nothing without a default", [channel("a"), channel("b")], null],
    ["the default", [channel("a"), channel("b", null, true)], "b"],
    [
      "the workspace's default before its accounts'",
      [channel("a", "1", true), channel("b", null, true)],
      "b",
    ],
    ["nothing among accounts' defaults", [channel("a", "1", true), channel("b", "2", true)], null],
  ])("is %s", (_, candidates, chosen) => {
    expect(chooseChannel(candidates)?.id ?? null).toBe(chosen);
  });
});

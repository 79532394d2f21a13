import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InboundItem } from "../../core/messages/inbound.ts";
import { type Form, parseForm } from "./form.ts";
import { parseMessage, parseStatus, tellsOfOurs } from "./parse.ts";

const shared = new URL("../../../../../../shared/fixtures/twilio/", import.meta.url);
const channel = { kind: "sms", externalId: "+15558675310" } as const;
const ADA = "+14017122661";
const SID = "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

function formOf(given: Record<string, string>): Form {
  const form = parseForm(new URLSearchParams(given).toString());
  if (form === null) throw new Error("no form");
  return form;
}

function read(given: Record<string, string>): InboundItem[] {
  return parseMessage(
    formOf({ MessageSid: SID, From: ADA, To: channel.externalId, ...given }),
    channel,
  );
}

function contentOf(given: Record<string, string>) {
  const [item] = read(given);
  return item?.kind === "message" ? item.content : null;
}

function recorded(name: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(name, shared), "utf8"));
}

describe("what somebody writes to a Twilio number", () => {
  test("comes with its words, how they travelled, and who wrote them", () => {
    const body = "Hello 😀";
    expect(read({ Body: body, NumMedia: "0", NumSegments: "1" })).toEqual([
      {
        kind: "message",
        channel,
        providerId: SID,
        sender: { identities: [{ kind: "phone", value: ADA }], name: null, username: null },
        thread: null,
        content: { type: "text", text: body, encoding: "UCS-2", segments: 1 },
        media: [],
        sentAt: null,
        quotedProviderId: null,
        opensWindow: true,
        referral: null,
        traits: {},
        isHistory: false,
        keepRaw: false,
        raw: expect.stringContaining(SID),
      },
    ]);
  });

  test.each([
    [{ NumSegments: "3" }, 3],
    [{ NumSegments: "0" }, 2],
    [{ NumSegments: "many" }, 2],
    [{ NumSegments: "1e9" }, 2],
    [{}, 2],
  ])("%j is believed where it can be, and counted where not", (given, segments) => {
    expect(contentOf({ Body: "a".repeat(161), ...given })).toMatchObject({ segments });
  });

  test("NUL bytes are left out", () => {
    expect(contentOf({ Body: "remove\u0000 null bytes\u0000" })).toMatchObject({
      text: "remove null bytes",
    });
  });

  test("media come in their order, with the words as the caption of the first", () => {
    const [item, ...more] = read({
      Body: "look",
      NumMedia: "3",
      MediaUrl0: "https://api.twilio.com/a",
      MediaContentType0: "image/jpeg",
      MediaUrl1: "https://api.twilio.com/b",
      MediaContentType1: "text/vcard",
      MediaUrl2: "https://api.twilio.com/c",
      MediaContentType2: "audio/amr",
    });
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      content: {
        type: "image",
        media: { state: "fetching", mime: "image/jpeg", caption: "look", url: null },
        attachments: [
          { type: "document", media: { mime: "text/vcard" } },
          { type: "audio", media: { mime: "audio/amr" } },
        ],
      },
      media: [
        { part: 0, providerMediaId: null, url: "https://api.twilio.com/a" },
        { part: 1, providerMediaId: null, url: "https://api.twilio.com/b" },
        { part: 2, providerMediaId: null, url: "https://api.twilio.com/c" },
      ],
      keepRaw: true,
    });
  });

  test("a picture tells how its words travelled, as a text does, and counts for one part without them", () => {
    const picture = { MediaUrl0: "https://api.twilio.com/a", MediaContentType0: "image/jpeg" };
    expect(contentOf({ Body: "Łook", NumSegments: "2", ...picture })).toMatchObject({
      ...{ type: "image", media: { caption: "Łook" }, encoding: "UCS-2", segments: 2 },
    });
    expect(contentOf(picture)).toMatchObject({ encoding: "GSM-7", segments: 1 });
  });

  test("media that are announced and not there are told as such", () => {
    expect(contentOf({ NumMedia: "1" })).toEqual({
      type: "unsupported",
      provider_type: "media",
      reason: "malformed",
    });
    expect(contentOf({ NumMedia: "1", Body: "hi" })).toMatchObject({ type: "text", text: "hi" });
    expect(contentOf({ NumMedia: "1", MediaUrl0: "file:///etc/passwd" })).toMatchObject({
      type: "unsupported",
    });
  });

  test("a text beyond all measure is kept as it came, not cut", () => {
    const [item] = read({ Body: "x".repeat(140_000) });
    expect(item).toMatchObject({ content: { type: "unsupported", reason: "too_long" } });
    expect(JSON.parse(item?.raw ?? "").Body).toHaveLength(140_000);
  });

  test.each<[Record<string, string>, string | undefined, string | undefined]>([
    [{ Body: "STOP" }, "opted_out", "STOP"],
    [{ Body: " stop\n" }, "opted_out", "stop"],
    [{ Body: "Revoke" }, "opted_out", "Revoke"],
    [{ Body: "OPTOUT" }, "opted_out", "OPTOUT"],
    [{ Body: "unstop" }, "opted_in", "unstop"],
    [{ Body: "YES" }, "opted_in", "YES"],
    [{ Body: "BAJA", OptOutType: "STOP" }, "opted_out", "BAJA"],
    [{ Body: "hola", OptOutType: "START" }, "opted_in", "hola"],
    [{ Body: "HELP", OptOutType: "HELP" }, undefined, undefined],
    [{ Body: "STOP", OptOutType: "HELP" }, undefined, undefined],
    [{ Body: "please stop" }, undefined, undefined],
    [{ Body: "STOP." }, undefined, undefined],
    [{ Body: "HELP" }, undefined, undefined],
    [{}, undefined, undefined],
  ])("%j is a message and says %s", (given, change, keyword) => {
    const [message, consent] = read(given);
    expect(message).toMatchObject({ kind: "message", providerId: SID });
    if (change === undefined) return expect(consent).toBeUndefined();
    expect(consent).toMatchObject({
      kind: "consent",
      providerId: `${SID}:consent`,
      change,
      keyword,
      person: { identities: [{ kind: "phone", value: ADA }] },
    });
  });

  test("without an id or a sender it is kept as unreadable", () => {
    const form = formOf({ From: ADA, Body: "x" });
    expect(parseMessage(form, channel)).toMatchObject([
      { kind: "unreadable", channel, reason: "no_provider_id" },
    ]);
    expect(parseMessage(formOf({ SmsSid: SID, Body: "x" }), channel)).toMatchObject([
      { kind: "unreadable", reason: "no_sender" },
    ]);
  });

  test("a short code is somebody too", () => {
    expect(read({ From: "72345", Body: "x" })[0]).toMatchObject({
      sender: { identities: [{ kind: "phone", value: "72345" }] },
    });
  });

  test.each<[string, Record<string, string>, object]>([
    [
      "a button",
      { Body: "Yes", ButtonText: "Yes", ButtonPayload: "confirm-7", MessageType: "button" },
      { type: "interactive_reply", kind: "button", id: "confirm-7", title: "Yes" },
    ],
    [
      "a row of a list",
      { Body: "Red", ListId: "r", ListTitle: "Red", ListDescription: "As a rose" },
      { type: "interactive_reply", kind: "list", id: "r", title: "Red", description: "As a rose" },
    ],
    [
      "a form",
      { Body: "Sent", InteractiveData: '{"size":"L"}' },
      { type: "interactive_reply", kind: "flow", title: "Sent", response_json: '{"size":"L"}' },
    ],
    [
      "a place",
      { Latitude: "47.07", Longitude: "15.44", Label: "Clock tower", Address: "Graz" },
      { type: "location", latitude: 47.07, longitude: 15.44, name: "Clock tower", address: "Graz" },
    ],
    [
      "a place and words",
      { Body: "I am here", Latitude: "47.07", Longitude: "15.44" },
      { type: "text", text: "I am here", attachments: [{ type: "location", latitude: 47.07 }] },
    ],
  ])("%s that came by WhatsApp or RCS is read as such", (_, given, content) => {
    const [item] = read({ From: "whatsapp:+14017122661", NumMedia: "0", ...given });
    expect(item).toMatchObject({ content, keepRaw: true });
  });

  test("the name, the message that is answered and the advertisement come along", () => {
    const [item] = read({
      From: "whatsapp:+14017122661",
      Body: "How much?",
      ProfileName: "Ada Fold",
      OriginalRepliedMessageSid: "SM1",
      Forwarded: "true",
      FrequentlyForwarded: "false",
      ReferralNumMedia: "1",
      ReferralSourceType: "AD",
      ReferralSourceId: "77",
      ReferralSourceUrl: "https://fb.me/1",
      ReferralHeadline: "Chairs",
      ReferralMediaContentType: "image/jpeg",
      ReferralMediaUrl: "https://api.twilio.com/secret",
      ReferralCtwaClid: "click-1",
    });
    expect(item).toMatchObject({
      // Answers go to the same address, by WhatsApp.
      sender: { identities: [{ kind: "phone", value: "whatsapp:+14017122661" }], name: "Ada Fold" },
      content: { type: "text", text: "How much?" },
      quotedProviderId: "SM1",
      traits: { forwarded: true },
      referral: { source: "ad", ad_id: "77", headline: "Chairs", media: { type: "image" } },
      keepRaw: true,
    });
    expect(JSON.stringify({ ...item, raw: "" })).not.toContain("secret");
    expect(read({ Body: "x", ReferralNumMedia: "0", Forwarded: "false" })[0]).toMatchObject({
      referral: null,
      traits: {},
      keepRaw: false,
    });
  });

  test("whatever the parameters are, there is an item that can be stored and nothing is thrown", () => {
    const text = fc.string({ unit: "binary", maxLength: 30 });
    const name = fc.oneof(
      fc.constantFrom("Body", "From", "NumMedia", "NumSegments", "MediaUrl0", "OptOutType"),
      fc.constantFrom(
        "ButtonPayload",
        "InteractiveData",
        "ListId",
        "Latitude",
        "Longitude",
        "Label",
      ),
      fc.constantFrom("ProfileName", "ReferralSourceId", "OriginalRepliedMessageSid"),
      text,
    );
    fc.assert(
      fc.property(fc.dictionary(name, text), (given) => {
        const items = read(given);
        expect(items.length).toBeGreaterThan(0);
        for (const item of items) {
          expect(() => JSON.parse(item.raw)).not.toThrow();
          if (item.kind !== "message") continue;
          const [identity] = item.sender.identities;
          expect(identity?.value).toMatch(/^[^\0]+$/);
          expect(JSON.stringify(item.content)).not.toContain("\\u0000");
        }
      }),
    );
  });
});

describe("what Twilio says of a message of ours", () => {
  const status = (given: Record<string, string>, token: string | null = null) =>
    parseStatus(formOf({ MessageSid: SID, To: ADA, ...given }), channel, token);

  test.each([
    ["accepted", "sent"],
    ["queued", "sent"],
    ["sending", "sent"],
    ["sent", "sent"],
    ["delivered", "delivered"],
    ["read", "read"],
    ["undelivered", "failed"],
    ["failed", "failed"],
    ["canceled", "failed"],
  ])("%s is %s", (word, ours) => {
    expect(status({ MessageStatus: word })).toMatchObject([
      { kind: "status", channel, providerId: SID, status: ours },
    ]);
  });

  test("carries our own id of the message and the error's code", () => {
    const given = { MessageStatus: "undelivered", ErrorCode: "30003" };
    expect(status(given, "msg_1")).toMatchObject([
      {
        token: "msg_1",
        recipient: { identities: [{ kind: "phone", value: ADA }] },
        error: { code: 30003, title: "undelivered" },
      },
    ]);
    expect(status({ MessageStatus: "failed", ErrorCode: "x" })).toMatchObject([
      { error: { code: null } },
    ]);
    expect(status({ MessageStatus: "sent" })).toMatchObject([{ error: null }]);
  });

  test.each([
    [{ MessageStatus: "delivered" }, true],
    [{ SmsStatus: "delivered" }, true],
    [{ MessageStatus: "SENT", SmsStatus: "sent" }, true],
    [{ SmsStatus: "received", Body: "hi" }, false],
    [{ MessageStatus: "received", SmsStatus: "received", Body: "hi" }, false],
    [{ SmsStatus: "receiving" }, false],
    [{ Body: "hi" }, false],
  ])("%j speaks of a message of ours: %s", (given, isOurs) => {
    expect(tellsOfOurs(formOf(given))).toBe(isOurs);
  });

  test("in the older of the two parameters counts the same", () => {
    expect(status({ SmsStatus: "undelivered", ErrorCode: "30003" })).toMatchObject([
      { status: "failed", error: { code: 30003 } },
    ]);
  });

  test("in a word that nobody knows, or of no message, is kept as unreadable", () => {
    expect(status({ MessageStatus: "teleported" })).toMatchObject([{ reason: "unknown_status" }]);
    expect(status({ MessageStatus: "constructor" })).toMatchObject([{ reason: "unknown_status" }]);
    expect(parseStatus(formOf({ MessageStatus: "sent" }), channel, null)).toMatchObject([
      { reason: "no_provider_id" },
    ]);
  });
});

describe.runIf(existsSync(shared))("payloads of others", () => {
  test.each<[string, object[]]>([
    [
      "inbound_sms_messaging_service.json",
      [{ content: { type: "text", text: "Hello", encoding: "GSM-7", segments: 1 } }],
    ],
    [
      "inbound_sms_ucs2_two_segments.json",
      [{ content: { type: "text", encoding: "UCS-2", segments: 2 } }],
    ],
    ["inbound_mms_one_image.json", [{ content: { type: "image", media: { caption: "pic" } } }]],
    [
      "inbound_mms_two_media_no_body.json",
      [{ content: { type: "image", attachments: [{ type: "video" }] } }],
    ],
    ["inbound_stop_advanced_opt_out.json", [{ kind: "message" }, { change: "opted_out" }]],
    ["inbound_start_advanced_opt_out.json", [{ kind: "message" }, { change: "opted_in" }]],
    ["inbound_help_advanced_opt_out.json", [{ content: { text: "HELP" } }]],
    ["chatwoot_inbound_null_bytes.json", [{ content: { text: "remove null bytes" } }]],
    [
      "chatwoot_inbound_media.json",
      [{ content: { type: "image", media: { caption: "testing3" } } }],
    ],
  ])("%s is read as its source says", (name, items) => {
    expect(parseMessage(formOf(recorded(name)), channel)).toMatchObject(items);
  });

  test.each([
    ["status_sent.json", "sent", null],
    ["status_undelivered_30003.json", "failed", 30003],
    ["status_undelivered_30007.json", "failed", 30007],
    ["status_failed_21610.json", "failed", 21610],
  ])("%s is %s", (name, status, code) => {
    const [item] = parseStatus(formOf(recorded(name)), channel, null);
    expect(item).toMatchObject({ status, error: code === null ? null : { code } });
  });

  test("every file of messages and statuses becomes something", () => {
    const names = readdirSync(shared).filter((name) => /^(.*inbound|status)_/.test(name));
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const form = formOf(recorded(name));
      const items = tellsOfOurs(form)
        ? parseStatus(form, channel, null)
        : parseMessage(form, channel);
      expect(items[0]?.kind, name).not.toBe("unreadable");
    }
  });
});

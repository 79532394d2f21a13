import { createHmac, timingSafeEqual } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "../core/events/event-types.ts";
import { sampleBody, sampleDraft, sampleNamed } from "../core/samples/event-samples.ts";
import type { Dialect } from "./dialect.ts";
import { dialectNames, getDialect } from "./registry.ts";
import { plainSpeech } from "./speech.ts";

const SCENE = {
  now: Date.parse("2026-11-21T10:00:00.123Z"),
  workspaceId: "018cd4a0-0000-7000-8000-0000000000aa",
};
const EVENT_ID = "019aa5d3-607b-7c31-9a4f-5be1c0de0123";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
// The published verifier refuses what is older than five minutes and takes no clock.
const NOW_S = Math.floor((globalThis.performance.timeOrigin + globalThis.performance.now()) / 1000);

type Headers = Record<string, string>;

/** What each vendor tells its customers to do with a request, written anew. */
const receivers: Record<string, (raw: string, headers: Headers, secret: string) => boolean> = {
  /** Its docs say what is signed and leave the form of the value open. */
  chatgenius(raw, headers, secret) {
    const expected = createHmac("sha256", secret).update(raw).digest("hex");
    return headers["x-chatgenius-signature"] === `sha256=${expected}`;
  },
  /** Behind a JSON body parser: what was signed is written anew. */
  chatmefy(raw, headers, secret) {
    const body: unknown = JSON.parse(raw);
    const digest = createHmac("sha256", secret).update(JSON.stringify(body)).digest("hex");
    return `sha256=${digest}` === headers["x-chatmefy-signature"];
  },
  /** Throws when the header is not exactly as long as it expects. */
  dmtolead(raw, headers, secret) {
    const expected = createHmac("sha256", secret).update(raw).digest("hex");
    const given = headers["x-dmtolead-signature"] ?? "";
    return timingSafeEqual(Buffer.from(expected), Buffer.from(given));
  },
  genesy: (_, headers, secret) => headers["x-webhook-secret"] === secret,
};

function letterOf(dialect: Dialect, body: string, secrets: readonly string[] = [SECRET]) {
  return {
    ...{ id: "evt_01kajx6r3vfgrsmktvw70dw093", type: "message.received", body },
    ...{ timestampS: NOW_S, attempt: 1, replayed: false, options: plainSpeech(dialect).options },
    secrets: secrets.map((value, i) => ({ id: String(i), value })),
  };
}

const bodyOf = (dialect: Dialect, native: string) =>
  dialect.render({ native, history: null }, plainSpeech(dialect), dialect.renderer);

/** A native body with other words in it: everywhere where there is text. */
function reworded(native: string, words: string): string {
  const kept = new Set([
    "id",
    "type",
    "api_version",
    "occurred_at",
    "workspace_id",
    "kind",
    "channel",
  ]);
  return JSON.stringify(
    JSON.parse(native, (key, value: unknown) =>
      typeof value === "string" && !kept.has(key) ? `${words}${value}` : value,
    ),
  );
}

const compatible = dialectNames
  .map(getDialect)
  .filter(({ events }) => events !== null)
  .map((dialect): [string, Dialect] => [dialect.name, dialect]);

describe.each(compatible)("a consumer that was written for %s", (name, dialect) => {
  const accepts = receivers[name] ?? (() => false);
  const names = dialect.events ?? [];

  test.each(names.map((each) => [each.type, each.name, each] as const))(
    "accepts %s as %s, whatever it says",
    (_, own, event) => {
      const native = sampleBody(sampleNamed(event, SCENE), EVENT_ID);
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 20 }), (words) => {
          const body = bodyOf(dialect, reworded(native, words));
          expect(accepts(body, dialect.headers(letterOf(dialect, body)), SECRET)).toBe(true);
          const said = JSON.parse(body);
          expect([said.event, said.eventType]).toContain(own);
        }),
        { numRuns: 30 },
      );
    },
  );

  test("refuses a request that somebody else signed", () => {
    const body = bodyOf(dialect, sampleBody(sampleDraft("message.received", SCENE), EVENT_ID));
    const headers = dialect.headers(letterOf(dialect, body, [`${SECRET}x`]));
    expect(accepts(body, headers, SECRET)).toBe(false);
  });

  test("is sent one signature, the newest secret's, while an older one still counts", () => {
    const headers = dialect.headers(letterOf(dialect, "{}", [SECRET, `${SECRET}x`]));
    expect(accepts("{}", headers, SECRET)).toBe(true);
  });

  test("can verify with Standard Webhooks instead", () => {
    const headers = dialect.headers(letterOf(dialect, '{"a":"👋"}'));
    expect(new Webhook(SECRET).verify('{"a":"👋"}', headers)).toEqual({ a: "👋" });
    const brought = "a-secret-from-elsewhere";
    const base64 = Buffer.from(brought).toString("base64");
    const signed = dialect.headers(letterOf(dialect, "{}", [brought]));
    expect(() => new Webhook(`whsec_${base64}`).verify("{}", signed)).not.toThrow();
  });

  test("gets a body that is the same when it is parsed and written again, whatever was published", () => {
    const types = EVENT_TYPES.map(({ type }) => type);
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(
          fc.constantFrom(
            ...["message", "lead", "handoff", "booking", "campaign", "contact", "match", "step"],
            ...["first_message", "automation", "target", "channel", "__proto__"],
          ),
          fc.jsonValue(),
        ),
        (type, data) => {
          const native = JSON.stringify({
            ...JSON.parse(sampleBody(sampleDraft(type, SCENE), EVENT_ID)),
            data,
          });
          const speech = { ...plainSpeech(dialect), customFields: ["a", "1", "__proto__"] };
          const body = dialect.render({ native, history: null }, speech, dialect.renderer);
          expect(JSON.stringify(JSON.parse(body))).toBe(body);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("ChatGenius' signature", () => {
  const dialect = getDialect("chatgenius");
  const digest = createHmac("sha256", SECRET).update("{}");
  const bytes = digest.digest();
  test.each([
    ["sha256=hex", `sha256=${bytes.toString("hex")}`],
    ["hex", bytes.toString("hex")],
    ["base64", bytes.toString("base64")],
  ])("is written as %s where the endpoint says so", (signature_format, value) => {
    const letter = { ...letterOf(dialect, "{}"), options: { signature_format } };
    expect(dialect.headers(letter)["x-chatgenius-signature"]).toBe(value);
  });
});

test("DMtoLead's is 64 lower-case hexadecimal digits and nothing else", () => {
  const dialect = getDialect("dmtolead");
  const headers = dialect.headers(letterOf(dialect, "{}"));
  expect(headers["x-dmtolead-signature"]).toMatch(/^[0-9a-f]{64}$/);
});

test("Genesy sends neither a secret nor a signature where there is none", () => {
  const dialect = getDialect("genesy");
  expect(Object.keys(dialect.headers(letterOf(dialect, "{}", []))).sort()).toEqual([
    "content-type",
    "user-agent",
    "webhook-attempt",
    "webhook-event",
    "webhook-id",
    "webhook-timestamp",
  ]);
});

describe("a customer with several names", () => {
  const native = (kinds: readonly string[]) =>
    JSON.stringify({
      ...JSON.parse(sampleBody(sampleDraft("message.received", SCENE), EVENT_ID)),
      contact: {
        name: "Ann",
        identities: kinds.map((kind) => ({
          ...{ channel: "whatsapp", kind, username: null },
          id: kind === "wa_id" ? "15551234567" : "US.13491208655302741918",
        })),
      },
    });
  const customerOf = (name: string, kinds: readonly string[]) => {
    const { customer, data } = JSON.parse(bodyOf(getDialect(name), native(kinds)));
    return customer ?? data.customer ?? data.visitor;
  };

  test("is called by the one that a reply can be sent to", () => {
    const both = ["bsuid", "wa_id"];
    expect(customerOf("chatgenius", both)).toMatchObject({
      platform_user_id: "15551234567",
      wa_user_id: "US.13491208655302741918",
      phone: "+15551234567",
    });
    expect(customerOf("dmtolead", both).platformId).toBe("15551234567");
    expect(customerOf("chatmefy", both).id).toBe("15551234567");
  });

  test("is called by what there is when WhatsApp does not tell the number", () => {
    expect(customerOf("chatgenius", ["bsuid"])).toMatchObject({
      platform_user_id: "US.13491208655302741918",
      phone: null,
    });
  });
});

test("ChatGenius' message shows everything that came with it", () => {
  const event = JSON.parse(
    sampleBody(sampleDraft("message.received", SCENE, { channelKind: "sms" }), EVENT_ID),
  );
  const media = {
    id: "m1",
    mime: "image/png",
    url: null,
    sha256: null,
    bytes: 4,
    state: "fetching",
  };
  event.data.message.content.attachments = [{ type: "image", media }];
  const { message } = JSON.parse(bodyOf(getDialect("chatgenius"), JSON.stringify(event)));
  expect(message).toMatchObject({
    type: "text",
    attachments: [{ type: "image", media: { id: "m1", mime_type: "image/png", url: null } }],
  });
});

import { describe, expect, test } from "vitest";
import type {
  ProviderAnswer,
  ProviderHttp,
  ProviderRequest,
} from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { Letter, ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { providerOf } from "../registry.ts";
import { sendErrorOf } from "./errors.ts";
import { outcomeOf, sendSms } from "./send.ts";

const places: ProviderPlaces = {
  meta: { graphUrl: "https://graph.example", graphVersion: "v26.0" },
  twilio: { apiUrl: "https://twilio.example" },
  publicUrl: "https://curlew.example/base",
};
const sender: Sender = {
  kind: "sms",
  externalId: "+15558675310",
  messagingServiceSid: null,
  wabaId: null,
  login: null,
  credentials: { account_sid: new Secret("AC1"), auth_token: new Secret("new, old") },
};
const to = { kind: "phone", value: "+14017122661" } as const;
const letter: Letter = {
  token: "msg_1",
  to,
  content: { type: "text", text: "Hi & bye 😀", previewUrl: false },
  replyTo: null,
  actor: "bot",
  tag: null,
  isWindowOpen: true,
};

function response(status: number, body: unknown): ProviderAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "response", status, headers: {}, body: text };
}

async function requestFor(
  given: {
    letter?: Partial<Letter>;
    sender?: Partial<Sender>;
    places?: Partial<ProviderPlaces>;
  } = {},
): Promise<ProviderRequest & { form: Record<string, string> }> {
  const requests: ProviderRequest[] = [];
  const http: ProviderHttp = {
    request: async (request) => {
      requests.push(request);
      return response(201, { sid: "SM1" });
    },
  };
  await sendSms(
    http,
    { ...places, ...given.places },
    { ...sender, ...given.sender },
    { ...letter, ...given.letter },
  );
  const [request] = requests;
  if (!request || requests.length > 1) throw new Error(`${requests.length} requests`);
  return { ...request, form: Object.fromEntries(new URLSearchParams(request.body)) };
}

describe("an SMS", () => {
  test("goes to the account's messages, from the channel's number, with our id in the callback", async () => {
    const request = await requestFor();
    expect(request).toMatchObject({
      method: "POST",
      url: "https://twilio.example/2010-04-01/Accounts/AC1/Messages.json",
      headers: {
        authorization: `Basic ${Buffer.from("AC1:new").toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(request.form).toEqual({
      To: "+14017122661",
      From: "+15558675310",
      Body: "Hi & bye 😀",
      StatusCallback: "https://curlew.example/base/in/twilio/status?message=msg_1",
    });
  });

  test("goes by the messaging service where the channel has one", async () => {
    const { form } = await requestFor({ sender: { messagingServiceSid: "MG1" } });
    expect(form).toMatchObject({ MessagingServiceSid: "MG1" });
    expect(form).not.toHaveProperty("From");
  });

  test("goes back by WhatsApp to whom it came from by WhatsApp", async () => {
    const to = { kind: "phone", value: "whatsapp:+14017122661" } as const;
    const { form } = await requestFor({ letter: { to } });
    expect(form).toMatchObject({ To: "whatsapp:+14017122661", From: "whatsapp:+15558675310" });
  });

  test("asks for no statuses where nobody could call", async () => {
    const { form } = await requestFor({ places: { publicUrl: null } });
    expect(form).not.toHaveProperty("StatusCallback");
  });

  test("carries media with their caption", async () => {
    const media = { type: "media", kind: "image", url: "https://x.example/a.png" } as const;
    const content = { ...media, caption: "look", filename: null };
    expect((await requestFor({ letter: { content } })).form).toMatchObject({
      MediaUrl: "https://x.example/a.png",
      Body: "look",
    });
    const bare = { ...media, caption: null, filename: null };
    expect((await requestFor({ letter: { content: bare } })).form).not.toHaveProperty("Body");
  });

  test("of more than 1,600 characters, a template, buttons or a sticker is unfit", () => {
    const sms = providerOf("sms");
    const text = (length: number) =>
      sms?.unfit({ type: "text", text: "x".repeat(length), previewUrl: false });
    expect(text(1_600)).toBeNull();
    expect(text(1_601)).toMatchObject({ pointer: "/text", code: "text_too_long" });
    const template = { type: "template", name: "a", language: "en", components: [] } as const;
    expect(sms?.unfit(template)).toMatchObject({
      ...{ code: "unsupported_action", pointer: "/template_name" },
    });
    const buttons = { kind: "buttons", body: "b", actions: [] } as const;
    expect(sms?.unfit({ type: "interactive", interactive: buttons })).toMatchObject({
      ...{ code: "unsupported_action", pointer: "/interactive" },
    });
    const sticker = { kind: "sticker", url: "https://x", caption: null, filename: null } as const;
    expect(sms?.unfit({ type: "media", ...sticker })).toMatchObject({
      pointer: "/media/type",
      code: "unsupported_action",
    });
  });
});

describe("what Twilio answers", () => {
  test("an id is all that is needed to be sure", () => {
    const answer = response(201, { sid: "SM1", status: "queued", from: null, num_segments: "0" });
    expect(outcomeOf(answer, { to })).toEqual({
      kind: "accepted",
      providerId: "SM1",
      recipient: to,
    });
  });

  test.each<[string, ProviderAnswer, string]>([
    ["no id", response(201, {}), "in_doubt"],
    ["no JSON", response(200, "<html>"), "in_doubt"],
    ["a page of an edge", response(502, "<html>"), "in_doubt"],
    ["an unknown code of a server's", response(500, { code: 20500 }), "in_doubt"],
    ["an unknown code of a refusal", response(400, { code: 21999 }), "refused"],
    ["throttling", response(429, { code: 20429 }), "retryable"],
    ["throttling by another code", response(429, { code: 20009 }), "retryable"],
    ["a full queue", response(400, { code: 30001 }), "retryable"],
    ["a wrong token", response(401, { code: 20003, message: "Authenticate" }), "pause_channel"],
    ["a number of somebody else's", response(400, { code: 21606 }), "pause_channel"],
    ["a carrier's daily cap", response(400, { code: 30023 }), "pause_channel"],
    ["who stopped", response(400, { code: 21610 }), "refused"],
    ["a landline", response(400, { code: 21614 }), "refused"],
  ])("%s", (_, answer, kind) => {
    expect(outcomeOf(answer, { to }).kind).toBe(kind);
  });

  test("what was not written is not sent, what may have been is in doubt", () => {
    const failure = { kind: "failed", error: "reset", detail: "gone" } as const;
    expect(outcomeOf({ ...failure, written: false }, { to }).kind).toBe("not_sent");
    expect(outcomeOf({ ...failure, written: true }, { to }).kind).toBe("in_doubt");
  });

  test("who stopped is told as opted out, and that only they can undo it", () => {
    const answer = response(400, {
      code: 21610,
      message: "Attempt to send to unsubscribed recipient",
    });
    expect(outcomeOf(answer, { to })).toMatchObject({
      kind: "refused",
      class: "window",
      error: {
        code: "opted_out",
        provider_code: "21610",
        message: "Attempt to send to unsubscribed recipient",
        retryable: false,
      },
    });
  });

  test.each<[number | null, string, boolean]>([
    [30003, "recipient_unreachable", true],
    [30005, "recipient_unreachable", false],
    [30007, "message_filtered", false],
    [30008, "provider_unavailable", true],
    [30034, "channel_unregistered", false],
    [30410, "message_lost", false],
    [99999, "provider_refused", false],
    [null, "provider_refused", false],
  ])("the code %s of a status is %s; a retry helps: %s", (code, word, retryable) => {
    const error = sendErrorOf({ code, title: "undelivered", message: null, details: null });
    expect(error).toMatchObject({ code: word, retryable, message: "undelivered" });
  });
});

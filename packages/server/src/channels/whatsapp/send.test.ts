import { describe, expect, test } from "vitest";
import type { ProviderAnswer, ProviderRequest } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import { outcomeOf } from "../meta/graph-send.ts";
import { sendWhatsapp, WHATSAPP } from "./send.ts";

const places = {
  meta: { graphUrl: "https://graph.facebook.com", graphVersion: "v26.0" },
  twilio: { apiUrl: "https://api.twilio.com" },
  publicUrl: null,
};
const sender = {
  kind: "whatsapp",
  externalId: "106540352242922",
  messagingServiceSid: null,
  wabaId: null,
  login: null,
  credentials: { access_token: new Secret("EAAB-token") },
} as const;

function answer(status: number, body: unknown): ProviderAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "response", status, headers: {}, body: text };
}

function refused(status: number, code: number, details?: string): ProviderAnswer {
  return answer(status, {
    error: {
      message: `(#${code}) No`,
      type: "OAuthException",
      code,
      ...(details === undefined ? {} : { error_data: { messaging_product: "whatsapp", details } }),
      fbtrace_id: "A1",
    },
  });
}

describe("handing a message to Meta", () => {
  test("is one POST to the number's messages, with the token as bearer", async () => {
    const requests: ProviderRequest[] = [];
    const http = {
      request(request: ProviderRequest) {
        requests.push(request);
        return Promise.resolve(answer(200, { messages: [{ id: "wamid.A" }] }));
      },
    };
    await sendWhatsapp(http, places, sender, { type: "text" });
    expect(requests).toEqual([
      {
        method: "POST",
        url: "https://graph.facebook.com/v26.0/106540352242922/messages",
        headers: {
          authorization: "Bearer EAAB-token",
          "content-type": "application/json",
          accept: "application/json",
        },
        body: '{"type":"text"}',
        deadlineMs: 30_000,
      },
    ]);
  });
});

describe("what an answer says about the message", () => {
  test("200 with an id: accepted, under the id and address that the provider gives", () => {
    const body = {
      messaging_product: "whatsapp",
      contacts: [{ input: "+16505551234", wa_id: "16505551234" }],
      messages: [{ id: "wamid.A", message_status: "accepted" }],
    };
    expect(outcomeOf(answer(200, body), WHATSAPP)).toEqual({
      kind: "accepted",
      providerId: "wamid.A",
      recipient: { kind: "wa_id", value: "16505551234" },
    });
  });

  test("a recipient without a telephone number has no wa_id, as absent as an empty one", () => {
    const byBsuid = { contacts: [{ input: "US.1", user_id: "US.1" }], messages: [{ id: "w" }] };
    const empty = { contacts: [{ input: "US.1", wa_id: "" }], messages: [{ id: "w" }] };
    expect(outcomeOf(answer(200, byBsuid), WHATSAPP)).toMatchObject({
      kind: "accepted",
      recipient: null,
    });
    expect(outcomeOf(answer(200, empty), WHATSAPP)).toMatchObject({
      kind: "accepted",
      recipient: null,
    });
  });

  test.each([
    ["200 without an id", answer(200, { messages: [] })],
    ["200 with an empty id", answer(200, { messages: [{ id: "" }] })],
    ["200 with garbage", answer(200, "<html>")],
    ["200 with nothing", answer(200, "")],
    ["200 with an error in it", refused(200, 131016)],
    ["a bare 500", answer(500, "Internal Server Error")],
    ["a 504 from the edge", answer(504, "<html>504 Gateway Time-out</html>")],
    ["a 503 with JSON that is not Meta's", answer(503, { message: "no" })],
    ["a 502 with an error without a code", answer(502, { error: { message: "no" } })],
    ["a 429 without the envelope", answer(429, "slow down")],
    ["a redirect", answer(302, "")],
    ["a 500 with a code that nobody knows", refused(500, 987654)],
    [
      "a reset after the request was written",
      { kind: "failed", written: true, error: "reset", detail: "the connection was reset" },
    ],
    [
      "a time-out",
      { kind: "failed", written: true, error: "timeout", detail: "no answer within 30000 ms" },
    ],
  ] satisfies [string, ProviderAnswer][])("%s: in doubt", (_, given) => {
    expect(outcomeOf(given, WHATSAPP)).toEqual({ kind: "in_doubt", reason: expect.any(String) });
  });

  test("a connection that never stood: not sent", () => {
    const given: ProviderAnswer = {
      kind: "failed",
      written: false,
      error: "connect",
      detail: "refused",
    };
    expect(outcomeOf(given, WHATSAPP)).toEqual({ kind: "not_sent", reason: "connect: refused" });
  });

  test.each([
    [400, 130429],
    [500, 131016],
    [503, 2],
    [503, 133004],
    [429, 130429],
  ])("%i with the code %i in Meta's envelope: it may be sent again", (status, code) => {
    expect(outcomeOf(refused(status, code), WHATSAPP)).toMatchObject({
      kind: "retryable",
      error: { provider_code: String(code), retryable: true },
    });
  });

  test.each([
    [401, 190, null],
    [403, 200, null],
    [400, 131048, 3_600_000],
  ])("%i with the code %i: the channel pauses", (status, code, forMs) => {
    expect(outcomeOf(refused(status, code), WHATSAPP)).toMatchObject({
      kind: "pause_channel",
      forMs,
    });
  });

  test.each([
    [400, 131047, "window"],
    [400, 131026, "recipient"],
    [400, 131009, "request"],
    [400, 131049, "slow"],
    [400, 987654, "request"],
  ])("%i with the code %i: refused for good (%s)", (status, code, kind) => {
    expect(outcomeOf(refused(status, code, "because"), WHATSAPP)).toMatchObject({
      kind: "refused",
      class: kind,
      error: { provider_code: String(code), details: "because" },
    });
  });
});

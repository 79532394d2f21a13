import { describe, expect, test } from "vitest";
import type {
  ProviderAnswer,
  ProviderHttp,
  ProviderRequest,
} from "../core/outside/provider-http.ts";
import { Secret } from "../core/secret.ts";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";
import type { Located } from "./locate-media.ts";
import { providerOf } from "./registry.ts";

const PLACES: ProviderPlaces = {
  meta: { graphUrl: "https://graph.facebook.com", graphVersion: "v26.0" },
  twilio: { apiUrl: "https://api.twilio.com" },
  publicUrl: null,
};
const SENDER: Omit<Sender, "kind"> = {
  externalId: "100",
  messagingServiceSid: null,
  wabaId: null,
  login: null,
  credentials: {
    access_token: new Secret("EAAB"),
    account_sid: new Secret("AC1"),
    auth_token: new Secret("t"),
  },
};

type Kind = "whatsapp" | "messenger" | "instagram" | "sms";

async function locate(
  kind: Kind,
  source: { providerMediaId?: string; url?: string },
  answer: ProviderAnswer = { kind: "failed", written: false, error: "dns", detail: "no name" },
): Promise<{ located: Located; asked: ProviderRequest[] }> {
  const asked: ProviderRequest[] = [];
  const http: ProviderHttp = {
    async request(request) {
      asked.push(request);
      return answer;
    },
  };
  const { providerMediaId = null, url = null } = source;
  const located = await providerOf(kind)?.locateMedia(
    http,
    PLACES,
    { kind, ...SENDER },
    {
      ...{ part: 0, providerMediaId, url },
    },
  );
  if (!located) throw new Error("nobody knows the channel");
  return { located, asked };
}

const json = (status: number, body: unknown): ProviderAnswer => ({
  ...{ kind: "response", status, headers: {} },
  body: JSON.stringify(body),
});

describe("where a file may be fetched from", () => {
  test.each([
    [
      "whatsapp",
      "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
      "with_credentials",
    ],
    ["whatsapp", "https://mmg.whatsapp.net/v/1", "bare"],
    ["whatsapp", "https://evil.example/lookaside.fbsbx.com", "refused"],
    ["whatsapp", "https://lookaside.fbsbx.com.evil.example/", "refused"],
    ["whatsapp", "https://evilfbsbx.com/", "refused"],
    ["whatsapp", "http://lookaside.fbsbx.com/", "refused"],
    ["whatsapp", "http://169.254.169.254/latest/meta-data", "refused"],
    ["messenger", "https://scontent.xx.fbcdn.net/v/t1.jpg", "bare"],
    ["messenger", "https://cdn.fbsbx.com/v/doc.pdf", "bare"],
    ["messenger", "https://lookaside.fbsbx.com/x", "bare"],
    ["messenger", "https://graph.facebook.com/x", "bare"],
    ["messenger", "https://127.0.0.1/x", "refused"],
    ["instagram", "https://scontent.cdninstagram.com/v/1.mp4", "bare"],
    ["instagram", "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1", "bare"],
    ["instagram", "https://example.com/1.jpg", "refused"],
    [
      "sms",
      "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
      "with_credentials",
    ],
    ["sms", "https://mms.twiliocdn.com/AC1/x", "bare"],
    ["sms", "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x", "bare"],
    ["sms", "https://s3-external-1.amazonaws.com/other-bucket/x", "refused"],
    ["sms", "https://evil.s3.amazonaws.com/media.twiliocdn.com/x", "refused"],
    ["sms", "http://mms.twiliocdn.com/x", "refused"],
    ["sms", "http://10.0.0.1/x", "refused"],
  ] as const)("%s: %s is %s", async (kind, address, leave) => {
    const { located } = await locate(kind, { url: address });
    if (located.kind === "failed") throw new Error(located.failure.message);
    expect(located.leaveFor(new URL(address))).toBe(leave);
  });
});

describe("a file that WhatsApp names", () => {
  test("is asked for with the token, and fetched where Meta says", async () => {
    const url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1";
    const { located, asked } = await locate(
      "whatsapp",
      { providerMediaId: "77" },
      json(200, { url }),
    );
    expect(asked[0]).toMatchObject({
      url: "https://graph.facebook.com/v26.0/77",
      headers: { authorization: "Bearer EAAB" },
    });
    expect(located).toMatchObject({ url, headers: { authorization: "Bearer EAAB" } });
  });

  test.each([
    ["is gone at Meta", json(400, { error: { code: 100, message: "(#100)" } }), "expired", true],
    [
      "is refused to the token",
      json(401, { error: { code: 190, message: "x" } }),
      "credentials_refused",
      false,
    ],
    ["cannot be asked for", undefined, "unreachable", false],
    ["is described without an address", json(200, {}), "unreachable", false],
  ] as const)("%s", async (_, answer, code, isFinal) => {
    const { located } = await locate("whatsapp", { providerMediaId: "77" }, answer);
    expect(located).toMatchObject({ kind: "failed", failure: { code }, isFinal });
  });
});

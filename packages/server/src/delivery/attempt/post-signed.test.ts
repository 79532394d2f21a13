import { describe, expect, test } from "vitest";
import type { Dialect } from "../../dialects/dialect.ts";
import type { EndpointView, LiveSecret } from "../directory/directory.ts";
import type { Work } from "../work.ts";
import { type PostResult, writeLetter } from "./attempt.ts";
import { postSigned } from "./post-signed.ts";

const NOW = 1_000_000;

/** A dialect whose one signature is the secret itself. */
const single: Dialect = {
  ...{ name: "single", renderer: 1, schedule: [1], jitter: false, timeoutMs: 100 },
  ...{ initialState: "enabled", slowMs: 50, honoursControl: false },
  ...{ events: null, options: [], multipleSignatures: false, handshake: null },
  secret: { isMade: true, isShownLater: false, make: () => "", problem: () => null },
  render: ({ native }) => native,
  headers: ({ secrets, id, timestampS }) => ({
    signature: secrets[0]?.value ?? "",
    id,
    at: String(timestampS),
  }),
  isDelivered: (status) => status === 200,
};

const secret = (id: string, more: Partial<LiveSecret> = {}): LiveSecret => ({
  ...{ id, value: id, expiresAt: null, resendOn: [] },
  ...more,
});
const old = (id: string, more: Partial<LiveSecret> = {}) =>
  secret(id, { expiresAt: NOW + 1000, resendOn: [401, 403], ...more });

const endpointWith = (secrets: LiveSecret[], more: Partial<EndpointView> = {}) =>
  ({
    ...{ secrets, dialect: single, timeoutMs: 100, headers: {}, moves: true },
    ...{ speech: { options: {}, customFields: [] }, ...more },
  }) as EndpointView; // the rest is not looked at

const work = {
  ...{ eventId: "01890a5d-ac96-774b-bcce-b302099a8057", type: "a.b", payload: "{}", body: null },
  ...{ n: 1, round: 1, roundN: 1, renderer: null },
} as Work; // the rest is not looked at

/** A receiver that takes signatures made with `knows`, and says what it was sent. */
async function attempt(
  endpoint: EndpointView,
  knows: string,
  {
    refusal = 401,
    taken = 200,
    ms = 10,
    meanwhile = endpoint,
  }: { refusal?: number; taken?: number; ms?: number; meanwhile?: EndpointView } = {},
) {
  const sent: {
    signature: string | undefined;
    body: string;
    id: string | undefined;
    deadlineMs: number;
  }[] = [];
  const outcome = await postSigned({
    work,
    letter: writeLetter(work, endpoint, NOW),
    endpoint: () => (sent.length === 0 ? endpoint : meanwhile),
    now: () => NOW,
    async post({ headers, body }, deadlineMs): Promise<PostResult> {
      const { signature, id } = headers;
      sent.push({ signature, body, id, deadlineMs });
      const status = signature === knows ? taken : refusal;
      return { kind: "response", status, headers: {}, body: "", ms, firstByteMs: ms };
    },
  });
  const { letter, result } = outcome;
  return {
    sent,
    signatures: sent.map(({ signature }) => signature),
    status: result.kind === "response" ? result.status : null,
    signedBy: letter.signedBy,
    resentAfter: letter.resentAfter,
    result,
  };
}

describe("an attempt while an old secret retires", () => {
  const both = endpointWith([secret("new"), old("old")]);

  test("is signed with the new one, and sent once where that is known", async () => {
    expect(await attempt(both, "new")).toMatchObject({
      ...{ signatures: ["new"], status: 200, signedBy: "new", resentAfter: null },
    });
  });

  test("is sent again at once, the same but for its signature, where only the old one is known", async () => {
    const { sent, ...outcome } = await attempt(both, "old");
    expect(outcome).toMatchObject({
      ...{ signatures: ["new", "old"], status: 200, signedBy: "old", resentAfter: 401 },
      result: { ms: 20, firstByteMs: 20 },
    });
    expect(sent[1]).toMatchObject({ body: sent[0]?.body, id: sent[0]?.id, deadlineMs: 90 });
  });

  test("fails as the new one was answered where neither is known", async () => {
    expect(await attempt(both, "none", { refusal: 403 })).toMatchObject({
      ...{ signatures: ["new", "old"], status: 403, signedBy: "new", resentAfter: 403 },
    });
  });

  test("comes out as the receiver did that took the old signature and then failed", async () => {
    expect(await attempt(both, "old", { taken: 500 })).toMatchObject({
      ...{ signatures: ["new", "old"], status: 500, signedBy: "old", resentAfter: 401 },
    });
  });

  test("is not sent again on another answer than those that were named", async () => {
    expect(await attempt(both, "old", { refusal: 500 })).toMatchObject({
      ...{ signatures: ["new"], status: 500, resentAfter: null },
    });
    const onAny = endpointWith([secret("new"), old("old", { resendOn: [500] })]);
    expect((await attempt(onAny, "old", { refusal: 500 })).status).toBe(200);
  });

  test("tries every old one that still counts, the newest first", async () => {
    const three = endpointWith([secret("new"), old("old"), old("older")]);
    expect((await attempt(three, "older")).signatures).toEqual(["new", "old", "older"]);
    const over = endpointWith([secret("new"), old("over", { expiresAt: NOW }), old("older")]);
    expect((await attempt(over, "older")).signatures).toEqual(["new", "older"]);
  });

  test("is not sent again when its time is spent", async () => {
    expect((await attempt(both, "old", { ms: 100 })).signatures).toEqual(["new"]);
  });

  test("does not use a secret that was taken away, nor an endpoint that was stopped, meanwhile", async () => {
    const retired = endpointWith([secret("new")]);
    expect((await attempt(both, "old", { meanwhile: retired })).signatures).toEqual(["new"]);
    const paused = endpointWith([secret("new"), old("old")], { moves: false });
    expect((await attempt(both, "old", { meanwhile: paused })).signatures).toEqual(["new"]);
  });

  test("is never sent again by a dialect that signs with all of them", async () => {
    const all = endpointWith([secret("new"), old("old")], {
      dialect: { ...single, multipleSignatures: true },
    });
    expect((await attempt(all, "old")).signatures).toEqual(["new"]);
  });

  test("fails without a second request where nothing answered", async () => {
    const sent: string[] = [];
    const { result, letter } = await postSigned({
      work,
      letter: writeLetter(work, both, NOW),
      endpoint: () => both,
      now: () => NOW,
      async post({ headers }) {
        sent.push(headers["signature"] ?? "");
        return { kind: "failed", error: "timeout", detail: "no answer", ms: 100 };
      },
    });
    expect(sent).toEqual(["new"]);
    expect(result).toMatchObject({ kind: "failed", error: "timeout" });
    expect(letter.resentAfter).toBeNull();
  });
});

import { describe, expect, test } from "vitest";
import type { ProviderRequest, ProviderResult } from "../runtime/network/provider-client.ts";
import { createAsk, Refused } from "./server.ts";

const WISH = { server: "https://curlew.example", key: "ck_1", workspace: "ws_1" };

/** Asks a server that answers so; what it was sent. */
function stage(result: ProviderResult) {
  const sent: ProviderRequest[] = [];
  const ask = createAsk(WISH, {
    signal: new AbortController().signal,
    async request(request) {
      sent.push(request);
      return result;
    },
  });
  return { ask, sent };
}

const answer = (status: number, body: string): ProviderResult => ({
  ...{ kind: "response", status, headers: {}, body, ms: 1 },
});

describe("a server", () => {
  test("is asked with key, workspace and body", async () => {
    const { ask, sent } = stage(answer(202, '{"id":"evt_1"}'));
    expect(await ask("POST", "/events", { type: "a.b" })).toEqual({ id: "evt_1" });
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: "https://curlew.example/v1/events",
      headers: { authorization: "Bearer ck_1", "curlew-workspace": "ws_1" },
      body: '{"type":"a.b"}',
    });
  });

  test.each([
    [
      403,
      '{"detail":"This needs a key with the scope events:write."}',
      "Curlew refuses: This needs",
    ],
    [401, '{"detail":"Send a valid key."}', "Curlew does not know this key."],
    [502, "<html>", "What answers there is not Curlew, or something in front of it: HTTP 502."],
    [301, "", "What answers there is not Curlew"],
  ])("that answers %i is understood", async (status, body, words) => {
    const error: unknown = await stage(answer(status, body))
      .ask("GET", "/server")
      .catch((e) => e);
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toContain(words);
  });

  test("that does not answer is named, and the option that says where it is", async () => {
    const lost = {
      kind: "failed",
      error: "connect",
      detail: "the connection was refused",
    } as const;
    const { ask } = stage({ ...lost, ms: 1, written: false, connection: null });
    await expect(ask("GET", "/server")).rejects.toThrow(
      "Curlew at https://curlew.example does not answer: the connection was refused. Does it run there? --server says where.",
    );
  });
});

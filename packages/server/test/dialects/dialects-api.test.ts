import { expect, test } from "vitest";
import { dialectRoutes } from "../../src/http/endpoints/dialects.ts";
import { httpApp } from "../support/api/http.ts";

const app = httpApp({
  routes: [
    dialectRoutes({
      clock: { now: () => Date.parse("2026-11-21T14:31:50.000Z") },
      newId: () => "01890a5d-ac96-774b-bcce-b302099a8057",
      checkUrl: async (url) => {
        if (url === "https://soon.example/") return { ok: true, warning: "It has no address now." };
        return url.startsWith("https:")
          ? { ok: true }
          : { ok: false, rule: "scheme", detail: '"http" is not allowed here.' };
      },
    }),
  ],
});
const get = async (path: string) => {
  const response = await app.request(`/v1/dialects${path}`);
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  return { status: response.status, body: (await response.json()) as any };
};

test("each dialect tells its names, its schedule and which headers its receivers check", async () => {
  const { body } = await get("");
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  const all = new Map<string, any>(body.data.map((each: { name: string }) => [each.name, each]));
  expect([...all.keys()]).toEqual(["curlew", "chatgenius", "chatmefy", "dmtolead", "genesy"]);
  expect(all.get("curlew")).toMatchObject({
    events: null,
    signature_headers: ["webhook-signature"],
  });
  expect(all.get("chatmefy")).toMatchObject({
    retry_schedule: [60, 300, 1800],
    timeout_ms: 30_000,
  });
  expect(all.get("chatmefy").signature_headers[0]).toBe("x-chatmefy-signature");
  expect(all.get("chatmefy").events).toContainEqual({ name: "lead.created", type: "lead.created" });
  expect(all.get("dmtolead").verifies).toBe(true);
});

test("a preview is the request that a server would get, without what comes of a secret", async () => {
  const url = "https://scoring.kestrel.example/webhooks";
  const { status, body } = await get(`/chatmefy/preview?type=lead.created&url=${url}`);
  expect(status).toBe(200);
  expect(body.request).toMatchObject({ method: "POST", url });
  expect(body.request.headers).toMatchObject({
    "webhook-attempt": "1",
    "x-chatmefy-signature": "***",
    "webhook-signature": "***",
  });
  expect(JSON.parse(body.request.body)).toMatchObject({ event: "lead.created" });
  expect(body.url).toEqual({ ok: true, detail: null });
});

test("an address that is refused says why, and the request is shown all the same", async () => {
  const { body } = await get("/curlew/preview?url=http://example.com/");
  expect(body.url).toEqual({ ok: false, detail: '"http" is not allowed here.' });
  expect(JSON.parse(body.request.body).type).toBe("endpoint.tested");
});

test("an address that may be reached says what is in the way all the same", async () => {
  const { body } = await get("/curlew/preview?url=https://soon.example/");
  expect(body.url).toEqual({ ok: true, detail: "It has no address now." });
});

test("what no dialect is called, and what it has no event for, is refused", async () => {
  expect((await get("/morse/preview")).status).toBe(404);
  const refused = await get("/chatmefy/preview?type=message.recieved");
  expect(refused).toMatchObject({ status: 422, body: { code: "unknown_event_type" } });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { parseAllowTargets } from "../../src/runtime/network/address-guard.ts";
import { createGuard } from "../../src/runtime/network/guard.ts";
import { createTimerWheel } from "../../src/runtime/timer-wheel.ts";
import { createWebhookClient } from "../../src/runtime/webhooks/webhook-client.ts";
import { createTestApi } from "../support/api/api.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";
import { startReceiver } from "../support/receiver.ts";

const NAMES: Record<string, string[]> = {
  "public.example": ["93.184.215.14"],
  "private.example": ["10.0.0.1"],
};
const guardOf = (allow: string[], resolve = async (host: string) => NAMES[host] ?? []) =>
  createGuard({ allow: parseAllowTargets(allow), resolve });

describe("the URL of an endpoint", () => {
  let api: Awaited<ReturnType<typeof createTestApi>>;
  beforeAll(async () => {
    const guard = guardOf([]);
    api = await createTestApi({ checkUrl: (url) => guard.checkUrl(url) });
  });
  afterAll(() => api.close());

  const REFUSED = [
    ["https://private.example/", "blocked_range", "CURLEW_ALLOW_TARGETS"],
    ["https://0x7f.1/", "blocked_range", "CURLEW_ALLOW_TARGETS"],
    ["https://[::ffff:10.0.0.1]/", "blocked_range", "CURLEW_ALLOW_TARGETS"],
    ["http://public.example/", "https_only", "CURLEW_ALLOW_TARGETS"],
    ["https://169.254.169.254/latest", "metadata", null],
    ["https://user:pass@public.example/", "credentials", null],
    ["http://unknown.example/", "https_only", "CURLEW_ALLOW_TARGETS"],
    ["ftp://public.example/", "invalid_url", null],
  ] as const;

  test.for(REFUSED)(
    "%s is refused when it is created, and the error names rule and setting",
    async ([url, rule, setting]) => {
      const { status, body } = await api.call("POST", "/endpoints", { name: "CRM", url });
      expect(status).toBe(422);
      expect(body).toMatchObject({
        code: "address_refused",
        rule,
        setting,
        errors: [{ pointer: "/url" }],
      });
    },
  );

  test.for(REFUSED)(
    "%s is refused when it is changed to, and nothing changes",
    async ([url, rule]) => {
      const made = await api.call("POST", "/endpoints", {
        name: "CRM",
        url: "https://public.example/",
      });
      expect(made.status).toBe(201);
      const { body } = await api.call("PATCH", `/endpoints/${made.body.id}`, { url });
      expect(body).toMatchObject({ status: 422, code: "address_refused", rule });
      const { body: after } = await api.call("GET", `/endpoints/${made.body.id}`);
      expect(after.url).toBe("https://public.example/");
    },
  );

  test("is taken before its name has an address, with a warning, and so is that of a token", async () => {
    const detail =
      "the host name unknown.example has no address now, and is not reached before it has one";
    const url = "https://unknown.example/";
    const made = await api.call("POST", "/endpoints", { name: "CRM", url });
    expect(made).toMatchObject({
      status: 201,
      body: { url, warnings: [{ pointer: "/url", detail }] },
    });
    const shown = await api.call("GET", `/endpoints/${made.body.id}`);
    expect(shown.body).not.toHaveProperty("warnings");
    const auth = {
      ...{ type: "oauth2", token_url: url, client_id: "curlew", client_secret: "never told" },
    };
    const changed = await api.call("PATCH", `/endpoints/${made.body.id}`, { auth });
    expect(changed).toMatchObject({
      status: 200,
      body: { warnings: [{ pointer: "/auth/token_url", detail }] },
    });
  });
});

describe("a request", () => {
  let town: Town;
  beforeEach(async () => {
    town = await openTown();
  });
  afterEach(() => town.end());

  const clock = systemClock();
  async function deliver(url: string, guard: ReturnType<typeof guardOf>) {
    const wheel = createTimerWheel({ clock });
    wheel.start();
    const client = createWebhookClient({ clock, wheel, guard });
    await town.endpoint({ url, schedule: [60] });
    const engine = await town.engine({ openTarget: (key, o) => client.open(key, o) });
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await client.close();
    wheel.stop();
    return town.rows("select status, error, detail from attempt");
  }

  test("does not leave for a name that has come to mean a private address since", async () => {
    const receiver = await startReceiver();
    const url = receiver.url.replace("127.0.0.1", "rebound.example").replace("http:", "https:");
    const guard = guardOf([], async () => ["93.184.215.14", "127.0.0.1"]);
    expect(await deliver(url, guard)).toEqual([
      {
        status: null,
        error: "blocked_address",
        detail: expect.stringMatching(/127\.0\.0\.0\/8 \(Loopback\).*CURLEW_ALLOW_TARGETS/),
      },
    ]);
    expect(receiver.receipts).toEqual([]);
  });

  test("does not follow a redirect, wherever it leads", async () => {
    const inside = await startReceiver();
    const { createServer } = await import("node:http");
    const outside = createServer((_, response) => {
      response.writeHead(307, { location: inside.url }).end("elsewhere");
    });
    await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
    const address = outside.address();
    const port = typeof address === "object" ? address?.port : 0;
    const attempts = await deliver(`http://127.0.0.1:${port}/`, guardOf(["127.0.0.0/8"]));
    outside.close();
    expect(attempts).toEqual([{ status: 307, error: null, detail: null }]);
    expect(inside.receipts).toEqual([]);
    expect(await town.rows("select state from delivery")).toEqual([{ state: "pending" }]);
  });
});

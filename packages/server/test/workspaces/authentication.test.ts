import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import { createAuthenticator } from "../../src/http/access/authentication.ts";
import { digestOf } from "../../src/http/access/key-text.ts";
import { ADMIN_KEY, createTestApi } from "../support/api/api.ts";
import { recordingLogger } from "../support/api/http.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const whoIs = (key: string) => api.call("GET", "/event-types", undefined, key);
const idOf = async (key: string) => {
  const { body } = await api.call("GET", "/api-keys?limit=100");
  return body.data.find((each: { prefix: string }) => key.startsWith(each.prefix)).id as string;
};

describe("a new key", () => {
  test("is one word with an id, a secret and a checksum", async () => {
    const { body } = await api.call("POST", "/api-keys", { name: "n", scopes: ["*"] });
    expect(body.key).toMatch(/^curlew_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{46}$/);
    expect(body).toMatchObject({ prefix: body.key.slice(0, 24), last4: body.key.slice(-4) });
    const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const check = [...body.key.slice(-6)].reduce((sum, c) => sum * 62 + alphabet.indexOf(c), 0);
    expect(check).toBe(crc32(body.key.slice(0, -6)));
  });

  test("is kept as a digest and shown no second time", async () => {
    const key = await api.newKey({ scopes: ["api_keys:read"] });
    const { rows } = await api.connections.pool.query("select * from api_key");
    const row = rows.find(({ digest }) => digest.equals(hash("sha256", key, "buffer")));
    expect(row).toBeDefined();
    expect(JSON.stringify(rows)).not.toContain(key.slice(25));
    const shown = await api.call("GET", `/api-keys/${await idOf(key)}`);
    expect(JSON.stringify(shown.body)).not.toContain(key.slice(25, -4));
  });

  test("works as a bearer and in x-api-key, and not when the two differ", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    const status = async (headers: Record<string, string>) =>
      (await api.app.request("/v1/event-types", { headers })).status;
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200);
    expect(await status({ authorization: `bearer  ${key}` })).toBe(200);
    expect(await status({ "x-api-key": key })).toBe(200);
    expect(await status({ "x-api-key": key, authorization: `Bearer ${key}` })).toBe(200);
    expect(await status({ "x-api-key": key, authorization: `Bearer ${ADMIN_KEY}` })).toBe(401);
    expect(await status({ authorization: `Basic ${key}` })).toBe(401);
  });

  test("works in x-api-key beside another's Authorization, such as a proxy's password", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    const status = async (authorization: string, apiKey: string) =>
      (
        await api.app.request("/v1/event-types", {
          headers: { authorization, "x-api-key": apiKey },
        })
      ).status;
    expect(await status("Basic dXNlcjpwYXNz", key)).toBe(200);
    expect(await status('Digest username="a"', key)).toBe(200);
    expect(await status("", key)).toBe(200);
    expect(await status("Bearer", key)).toBe(401);
    expect(await status("Bearer two words", key)).toBe(401);
    expect(await status("Basic dXNlcjpwYXNz", "x")).toBe(401);
  });
});

describe("a failed authentication", () => {
  test("costs one look-up and says the same, whatever it failed by", async () => {
    const revoked = await api.newKey({ scopes: ["*"] });
    await api.call("DELETE", `/api-keys/${await idOf(revoked)}`);
    const expires = new Date(api.clock.now() + MINUTE).toISOString();
    const expired = await api.newKey({ scopes: ["*"], expires_at: expires });
    expect((await whoIs(expired)).status).toBe(200);
    const gone = (await api.call("POST", "/accounts", { name: "gone" })).body.id;
    const orphan = await api.newKey({ scopes: ["*"], account_id: gone });
    await api.call("DELETE", `/accounts/${gone}`);
    await api.clock.advance(2 * MINUTE);
    await api.authenticator.close();

    const failures: Record<string, string>[] = [
      {},
      { authorization: "" },
      { authorization: "Bearer" },
      { authorization: "Bearer x" },
      { authorization: `Bearer ${revoked}` },
      { authorization: `Bearer ${expired}` },
      { authorization: `Bearer ${orphan}` },
      { authorization: `Bearer ${revoked.slice(0, -1)}` },
      { authorization: `Bearer ${"x".repeat(4000)}` },
      { "x-api-key": ADMIN_KEY.toUpperCase() },
      { "x-api-key": revoked, authorization: "Basic dXNlcjpwYXNz" },
      { authorization: "Basic dXNlcjpwYXNz" },
      { "x-api-key": "x", authorization: "Bearer" },
      { authorization: `Bearer ${revoked}`, "curlew-workspace": "ws_nobody" },
    ];
    const answers = new Set<string>();
    for (const headers of failures) {
      api.statements.length = 0;
      const answer = await api.app.request("/v1/event-types", {
        headers: { ...headers, "x-request-id": "same" },
      });
      answers.add(`${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`);
      expect(api.statements, JSON.stringify(headers)).toHaveLength(1);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^401 .*"code":"unauthorized"/);
  });
});

describe("a key that was seen before", () => {
  test("costs no look-up", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    await whoIs(key);
    await api.authenticator.close();
    api.statements.length = 0;
    for (let i = 0; i < 10; i++) expect((await whoIs(key)).status).toBe(200);
    expect(api.statements).toEqual([]);
  });

  test("stops at once when it is revoked", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    expect((await whoIs(key)).status).toBe(200);
    expect((await api.call("DELETE", `/api-keys/${await idOf(key)}`)).status).toBe(204);
    expect((await whoIs(key)).status).toBe(401);
  });

  test("stops in another process once that has heard of the change", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    const elsewhere = anotherProcess();
    const authorization = `Bearer ${key}`;
    const credentials = { authorization, apiKey: undefined, workspace: undefined };
    await elsewhere.authenticate(credentials);
    await api.call("DELETE", `/api-keys/${await idOf(key)}`);
    elsewhere.invalidate(api.workspace.id);
    await expect(elsewhere.authenticate(credentials)).rejects.toMatchObject({
      code: "unauthorized",
    });
    await elsewhere.close();
  });

  test("is not remembered from a look-up that began before the change", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    const gate = deferred();
    const read = deferred();
    const elsewhere = anotherProcess(() => {
      read.resolve();
      return gate.promise;
    });
    const credentials = { authorization: undefined, apiKey: key, workspace: undefined };
    const first = elsewhere.authenticate(credentials);
    await read.promise;
    await api.call("DELETE", `/api-keys/${await idOf(key)}`);
    elsewhere.invalidate();
    gate.resolve();
    await first;
    await expect(elsewhere.authenticate(credentials)).rejects.toMatchObject({
      code: "unauthorized",
    });
    await elsewhere.close();
  });

  test("has its use noted at most once a minute", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    const id = await idOf(key);
    const usedAt = async () => {
      await api.authenticator.close();
      return (await api.call("GET", `/api-keys/${id}`)).body.last_used_at;
    };
    expect(await usedAt()).toBeNull();
    await whoIs(key);
    const first = new Date(api.clock.now()).toISOString();
    expect(await usedAt()).toBe(first);
    await api.clock.advance(MINUTE - 1);
    await whoIs(key);
    expect(await usedAt()).toBe(first);
    api.authenticator.invalidate();
    await whoIs(key);
    expect(await usedAt(), "and looked up anew it is still the same minute").toBe(first);
    await api.clock.advance(1);
    await whoIs(key);
    expect(await usedAt()).toBe(new Date(api.clock.now()).toISOString());
  });
});

describe("rotation", () => {
  test("leaves two keys that work until the first has had its overlap", async () => {
    const old = await api.newKey({ scopes: ["events:read"] });
    const id = await idOf(old);
    await whoIs(old);
    const { status, body } = await api.call("POST", `/api-keys/${id}/rotate`);
    expect(status).toBe(201);
    expect(body).toMatchObject({ rotated_from: id, scopes: ["events:read"], expires_at: null });
    expect((await whoIs(old)).status).toBe(200);
    expect((await whoIs(body.key)).status).toBe(200);
    expect((await api.call("POST", `/api-keys/${id}/rotate`)).body.code).toBe("conflict");
    await api.clock.advance(DAY);
    expect((await whoIs(old)).status).toBe(401);
    expect((await whoIs(body.key)).status).toBe(200);
    expect((await api.call("POST", `/api-keys/${id}/rotate`)).body.code).toBe("conflict");
  });

  test("without an overlap ends the first key at once", async () => {
    const old = await api.newKey({ scopes: ["events:read"] });
    await whoIs(old);
    await api.call("POST", `/api-keys/${await idOf(old)}/rotate`, { overlap_s: 0 });
    expect((await whoIs(old)).status).toBe(401);
  });

  test("never lengthens the life of a key", async () => {
    const expires_at = new Date(api.clock.now() + MINUTE).toISOString();
    const old = await api.newKey({ scopes: ["*"], expires_at });
    const id = await idOf(old);
    const { body } = await api.call("POST", `/api-keys/${id}/rotate`);
    expect(body.expires_at).toBe(expires_at);
    expect((await api.call("GET", `/api-keys/${id}`)).body.expires_at).toBe(expires_at);
  });
});

describe("nobody hands on more than they have", () => {
  test("a key cannot make, or rotate into its hands, one with other scopes", async () => {
    const strong = await idOf(await api.newKey({ scopes: ["messages:send"] }));
    const clerk = await api.newKey({ scopes: ["api_keys:write", "api_keys:read"] });
    const make = (scopes: string[]) => api.call("POST", "/api-keys", { name: "n", scopes }, clerk);
    expect((await make(["api_keys:read"])).status).toBe(201);
    expect((await make(["messages:send"])).body.code).toBe("forbidden");
    expect((await make(["*"])).body.code).toBe("forbidden");
    const rotated = await api.call("POST", `/api-keys/${strong}/rotate`, undefined, clerk);
    expect(rotated.body.code).toBe("forbidden");
  });

  test("a confined key makes keys of its own account alone, and sees no others", async () => {
    const mine = (await api.call("POST", "/accounts", { name: "mine" })).body.id;
    const other = (await api.call("POST", "/accounts", { name: "other" })).body.id;
    const stranger = await idOf(await api.newKey({ scopes: ["*"], account_id: other }));
    const confined = await api.newKey({ scopes: ["*"], account_id: mine });
    const made = await api.call("POST", "/api-keys", { name: "n", scopes: ["*"] }, confined);
    expect(made.body.account_id).toBe(mine);
    const beyond = { name: "n", scopes: ["*"], account_id: other };
    expect((await api.call("POST", "/api-keys", beyond, confined)).body).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/account_id" }],
    });
    const seen = await api.call("GET", "/api-keys?limit=100", undefined, confined);
    expect(new Set(seen.body.data.map((each: { account_id: string }) => each.account_id))).toEqual(
      new Set([mine]),
    );
    for (const [method, path] of [
      ["GET", `/api-keys/${stranger}`],
      ["DELETE", `/api-keys/${stranger}`],
      ["POST", `/api-keys/${stranger}/rotate`],
    ] as const) {
      expect((await api.call(method, path, undefined, confined)).body.code).toBe("not_found");
    }
  });

  test.each([
    [{ scopes: [] }, "/scopes"],
    [{ scopes: ["everything"] }, "/scopes/0"],
    [{ scopes: ["*"], expires_at: "2020-01-01T00:00:00Z" }, "/expires_at"],
    [{ scopes: ["*"], expires_at: "tomorrow" }, "/expires_at"],
  ])("%j is refused", async (body, pointer) => {
    const answer = await api.call("POST", "/api-keys", { name: "n", ...body });
    expect(answer.body).toMatchObject({ code: "invalid_request", errors: [{ pointer }] });
  });
});

describe("Curlew-Workspace", () => {
  const inWorkspace = (workspace: string, key?: string) =>
    api.call("GET", "/settings", undefined, key, { "curlew-workspace": workspace });

  test("takes the admin key to another workspace", async () => {
    const { body } = await api.call("POST", "/workspaces", { name: "Other" });
    await api.call("PATCH", "/settings", { ai_enabled: false }, ADMIN_KEY, {
      "curlew-workspace": body.id,
    });
    expect((await inWorkspace(body.id)).body.ai_enabled).toBe(false);
    expect((await inWorkspace(api.workspaceId)).body.ai_enabled).toBe(true);
    expect((await inWorkspace("ws_01h455vb4pex5vsknk084sn02q")).body.code).toBe("not_found");
    expect((await inWorkspace("elsewhere")).body.code).toBe("not_found");
  });

  test("lets an ordinary key name its own workspace alone", async () => {
    const { body } = await api.call("POST", "/workspaces", { name: "Other" });
    const key = await api.newKey({ scopes: ["*"] });
    expect((await inWorkspace(api.workspaceId, key)).status).toBe(200);
    const refused = await inWorkspace(body.id, key);
    const nowhere = await inWorkspace("ws_01h455vb4pex5vsknk084sn02q", key);
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toBe(nowhere.body.detail);
  });

  test("does not let an ordinary key see workspaces", async () => {
    const key = await api.newKey({ scopes: ["*"] });
    expect((await api.call("GET", "/workspaces", undefined, key)).status).toBe(403);
    const own = `/workspaces/${api.workspaceId}`;
    expect((await api.call("PATCH", own, { name: "x" }, key)).status).toBe(403);
    expect((await api.call("GET", own)).body).toMatchObject({
      is_default: true,
      plan: "unlimited",
    });
  });
});

function anotherProcess(afterReading: () => Promise<void> = async () => {}) {
  const db: Queryable = api.connections.pool;
  return createAuthenticator({
    db: {
      query: async (config, values) => {
        const answer = await db.query<never>(config, values);
        await afterReading();
        return answer;
      },
    },
    clock: api.clock,
    logger: recordingLogger(),
    adminDigest: digestOf(ADMIN_KEY),
    defaultWorkspaceId: api.workspace.id,
  });
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

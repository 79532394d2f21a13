import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import { authPlace, headersPlace } from "../../src/storage/endpoints/endpoints.ts";
import { createTestApi } from "../support/api/api.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

const pem = (name: string) =>
  readFileSync(new URL(`../../src/runtime/fixtures/${name}`, import.meta.url), "utf8");
const certificate = { certificate: pem("client-cert.pem"), private_key: pem("client-key.pem") };

describe("what an endpoint is told of headers and authentication", () => {
  let api: Awaited<ReturnType<typeof createTestApi>>;
  beforeAll(async () => {
    api = await createTestApi({
      checkUrl: async (url) =>
        url.startsWith("https://")
          ? { ok: true }
          : { ok: false, rule: "https_only", detail: "only https://, or CURLEW_ALLOW_TARGETS" },
    });
  });
  afterAll(() => api.close());

  const post = (more: object) =>
    api.call("POST", "/endpoints", { name: "CRM", url: "https://example.com/hooks", ...more });
  const row = async (id: string) =>
    (await api.connections.pool.query("select * from endpoint where id = $1", [parseId("ep", id)]))
      .rows[0];

  test.for([
    [
      { type: "basic", username: "curlew", password: "canary" },
      { type: "basic", username: "curlew" },
    ],
    [{ type: "bearer", token: "canary" }, { type: "bearer" }],
    [
      {
        ...{ type: "oauth2", token_url: "https://id.example/token", client_id: "c" },
        ...{ client_secret: "canary", scope: "a b" },
      },
      {
        ...{ type: "oauth2", token_url: "https://id.example/token", client_id: "c" },
        ...{ scope: "a b", client_auth: "basic" },
      },
    ],
    [
      { type: "client_certificate", client_certificate: certificate },
      {
        type: "client_certificate",
        client_certificate: {
          subject: "CN=curlew client",
          fingerprint_sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
          expires_at: expect.stringMatching(/Z$/),
        },
      },
    ],
    [
      { type: "bearer", token: "canary", client_certificate: certificate },
      {
        type: "bearer",
        client_certificate: expect.objectContaining({ subject: "CN=curlew client" }),
      },
    ],
  ] as const)("is sealed, and what is no secret is shown: %j", async ([auth, shown]) => {
    const { status, body } = await post({ auth });
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body).toMatchObject({ has_auth: true, auth: shown });
    const stored = await row(body.id);
    for (const text of [JSON.stringify(body), JSON.stringify(stored)]) {
      expect(text).not.toContain("canary");
      expect(text).not.toContain("PRIVATE KEY");
    }
    expect(JSON.parse(api.vault.open(stored.auth, authPlace(stored.id)))).toMatchObject(auth);
    const gone = await api.call("PATCH", `/endpoints/${body.id}`, { auth: null });
    expect(gone.body).toMatchObject({ has_auth: false, auth: null });
  });

  test.for([
    [{ type: "digest" }, "/auth/type"],
    [{ type: "bearer" }, "/auth/token"],
    [{ type: "bearer", token: "two words" }, "/auth/token"],
    [{ type: "basic", username: "a:b", password: "x" }, "/auth/username"],
    [{ type: "basic", username: "a", password: "x", token: "y" }, "/auth/token"],
    [
      { type: "oauth2", token_url: "http://id.example", client_id: "c", client_secret: "s" },
      "/auth/token_url",
    ],
    [
      {
        type: "client_certificate",
        client_certificate: { ...certificate, certificate: "no certificate" },
      },
      "/auth/client_certificate/certificate",
    ],
    [
      {
        type: "client_certificate",
        client_certificate: { ...certificate, private_key: pem("localhost-key.pem") },
      },
      "/auth/client_certificate/private_key",
    ],
    [
      {
        type: "client_certificate",
        client_certificate: { certificate: pem("weak-cert.pem"), private_key: pem("weak-key.pem") },
      },
      "/auth/client_certificate/certificate",
    ],
  ] as const)("is refused where it cannot work: %j", async ([auth, pointer]) => {
    const { status, body } = await post({ auth });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer }]);
    expect(JSON.stringify(body)).not.toContain("PRIVATE KEY");
  });

  test("is told why its certificate cannot be used for TLS", async () => {
    const { body } = await post({
      auth: {
        type: "client_certificate",
        client_certificate: { certificate: pem("weak-cert.pem"), private_key: pem("weak-key.pem") },
      },
    });
    expect(body.errors).toEqual([
      expect.objectContaining({ detail: "cannot be used for TLS: ee key too small" }),
    ]);
  });

  test("keeps a header's value when it is given back hidden, and seals it", async () => {
    const { body } = await post({ headers: { "X-Key": "canary-1", "x-team": "blue" } });
    expect(body.headers).toEqual({ "x-key": "***", "x-team": "***" });
    const patched = await api.call("PATCH", `/endpoints/${body.id}`, {
      headers: { "x-key": "***", "x-new": "2" },
    });
    expect(patched.body.headers).toEqual({ "x-key": "***", "x-new": "***" });
    const stored = await row(body.id);
    expect(stored.headers).not.toContain("canary");
    expect(JSON.parse(api.vault.open(stored.headers, headersPlace(stored.id)))).toEqual({
      "x-key": "canary-1",
      "x-new": "2",
    });
    const refused = await api.call("PATCH", `/endpoints/${body.id}`, { headers: { "x-o": "***" } });
    expect(refused.body).toMatchObject({ status: 422, errors: [{ pointer: "/headers/x-o" }] });
    const none = await api.call("PATCH", `/endpoints/${body.id}`, { headers: {} });
    expect(none.body.headers).toEqual({});
  });
});

describe("a request", () => {
  let town: Town;
  beforeEach(async () => {
    town = await openTown();
  });
  afterEach(() => town.end());

  const keep = (id: string, auth: object, headers: object | null = null) =>
    town.change("update endpoint set auth = $2, headers = $3 where id = $1", [
      id,
      JSON.stringify(auth),
      headers && JSON.stringify(headers),
    ]);

  test("authenticates as its endpoint asks, over a header of the same name", async () => {
    const { id } = await town.endpoint();
    await keep(
      id,
      { type: "basic", username: "jürgen", password: "a:b" },
      { authorization: "mine", "x-team": "blue" },
    );
    const engine = await town.engine();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    expect(town.posts[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("jürgen:a:b").toString("base64")}`,
      "x-team": "blue",
      "webhook-attempt": "1",
    });
  });

  test("goes out on connections of its certificate and token, and on others once these change", async () => {
    const { id, url } = await town.endpoint();
    const opened: { key: string; options: object }[] = [];
    const closed: string[] = [];
    const auth = (secret: string) => ({
      ...{ type: "oauth2", token_url: "https://id.example/", client_id: "c" },
      ...{ client_secret: secret, client_auth: "basic", client_certificate: certificate },
    });
    await keep(id, auth("the first one, which is long enough"));
    const engine = await town.engine({
      openTarget: (key, options) => {
        opened.push({ key, options });
        return {
          post: async () => ({
            ...{ kind: "response", status: 200, headers: {}, body: "", ms: 1, firstByteMs: 1 },
          }),
          close: async () => void closed.push(key),
        };
      },
    });
    const accept = recorder(engine);
    for (let n = 0; n < 2; n++) {
      await accept.accept(town.draft());
      await engine.quiet();
    }
    expect(opened).toMatchObject([
      {
        options: {
          url,
          clientCertificate: certificate,
          oauth2: { client_secret: "the first one, which is long enough" },
        },
      },
    ]);
    await keep(id, { ...auth("another secret"), scope: "hooks" });
    await engine.directory.load(town.workspaceId);
    await accept.accept(town.draft());
    await engine.quiet();
    expect(opened).toHaveLength(2);
    expect(opened[1]?.key).not.toBe(opened[0]?.key);
    expect(closed).toEqual([opened[0]?.key]);
  });

  test("does not leave without what it needs: an endpoint whose secrets cannot be opened stands still", async () => {
    const { id } = await town.endpoint();
    await keep(id, { type: "bearer", token: "t" });
    await town.change("update endpoint set auth = 'v1.sealed' where id = $1", [id]);
    const engine = await town.engine({
      openColumn() {
        throw new Error("sealed with another key");
      },
    });
    await recorder(engine).accept(town.draft());
    await engine.overflowed();
    expect(town.posts).toEqual([]);
    expect(await town.rows("select 1 from retry")).toHaveLength(1);
  });
});

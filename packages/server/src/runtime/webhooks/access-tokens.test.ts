import { describe, expect, test } from "vitest";
import { httpServer, type Release } from "../fixtures/local-server.ts";
import { bench, request } from "../fixtures/webhook-bench.ts";

interface Asked {
  authorization: string | undefined;
  form: Record<string, string>;
}

/** An authorization server that hands out tokens in turn. */
async function tokenServer(release: Release, answers: { status?: number; body: unknown }[]) {
  const asked: Asked[] = [];
  const server = await httpServer(release, (incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    incoming.on("end", () => {
      const form = Object.fromEntries(new URLSearchParams(text));
      asked.push({ authorization: incoming.headers.authorization, form });
      const { status = 200, body } = answers[Math.min(asked.length, answers.length) - 1] ?? {
        body: {},
      };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  return { url: `${server.http}/token`, asked };
}

/** An endpoint that takes these tokens and answers 401 to any other. */
async function endpoint(release: Release, takes: (authorization: string) => boolean) {
  const seen: string[] = [];
  const server = await httpServer(release, (incoming, response) => {
    const authorization = String(incoming.headers.authorization);
    seen.push(authorization);
    response.writeHead(takes(authorization) ? 200 : 401).end();
  });
  return { url: `${server.http}/hook`, seen };
}

const token = (access_token: string, expires_in = 3_600) => ({
  body: { access_token, token_type: "Bearer", expires_in },
});

async function setUp(
  release: Release,
  o: {
    answers: { status?: number; body: unknown }[];
    takes?: (authorization: string) => boolean;
    over?: object;
  },
) {
  const { client, time } = bench(release);
  const tokens = await tokenServer(release, o.answers);
  const receiver = await endpoint(release, o.takes ?? (() => true));
  const target = client.open("7", {
    url: receiver.url,
    maxConnections: 4,
    oauth2: {
      token_url: tokens.url,
      client_id: "curlew id",
      client_secret: "s3cret:+",
      client_auth: "basic",
      ...o.over,
    },
  });
  return { target, time, tokens, receiver };
}

describe("an endpoint that wants OAuth 2.0 client credentials", () => {
  test("gets a token that is fetched once and shared", async ({ onTestFinished }) => {
    const { target, tokens, receiver } = await setUp(onTestFinished, { answers: [token("one")] });
    const posts = Array.from({ length: 4 }, () => target.post(request()));
    for (const result of await Promise.all(posts)) expect(result).toMatchObject({ status: 200 });
    expect(receiver.seen).toEqual(Array.from({ length: 4 }, () => "Bearer one"));
    expect(tokens.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from("curlew+id:s3cret%3A%2B").toString("base64")}`,
        form: { grant_type: "client_credentials" },
      },
    ]);
  });

  test("may have id and secret asked for in the form, with scope and audience", async ({
    onTestFinished,
  }) => {
    const over = { client_auth: "body", scope: "hooks:write", audience: "https://api.example" };
    const { target, tokens } = await setUp(onTestFinished, { answers: [token("one")], over });
    await target.post(request());
    expect(tokens.asked[0]).toEqual({
      authorization: undefined,
      form: {
        grant_type: "client_credentials",
        scope: "hooks:write",
        audience: "https://api.example",
        client_id: "curlew id",
        client_secret: "s3cret:+",
      },
    });
  });

  test("gets another token before the first one ends", async ({ onTestFinished }) => {
    const { target, time, receiver } = await setUp(onTestFinished, {
      answers: [token("one", 600), token("two", 600)],
    });
    await target.post(request());
    time.advance(539_000);
    await target.post(request());
    time.advance(2_000);
    await target.post(request());
    expect(receiver.seen).toEqual(["Bearer one", "Bearer one", "Bearer two"]);
  });

  test("gets another one at once when it answers 401, and the request once more", async ({
    onTestFinished,
  }) => {
    const { target, receiver } = await setUp(onTestFinished, {
      answers: [token("revoked"), token("good")],
      takes: (authorization) => authorization === "Bearer good",
    });
    expect(await target.post(request())).toMatchObject({ status: 200 });
    expect(await target.post(request())).toMatchObject({ status: 200 });
    expect(receiver.seen).toEqual(["Bearer revoked", "Bearer good", "Bearer good"]);
  });

  test("that refuses every token is asked twice, and its answer stands", async ({
    onTestFinished,
  }) => {
    const { target, receiver } = await setUp(onTestFinished, {
      answers: [token("one"), token("two")],
      takes: () => false,
    });
    expect(await target.post(request())).toMatchObject({ kind: "response", status: 401 });
    expect(receiver.seen).toEqual(["Bearer one", "Bearer two"]);
  });

  test.for([
    [
      { status: 401, body: { error: "invalid_client", hint: "s3cret" } },
      "answered 401 (invalid_client)",
    ],
    [{ status: 500, body: "s3cret" }, "answered 500"],
    [{ body: { token_type: "Bearer" } }, "holds none"],
    [{ body: { access_token: "x", token_type: "mac" } }, "holds none"],
    [{ body: { access_token: "two words" } }, "holds none"],
    [{ body: ["access_token"] }, "holds none"],
  ] as const)("is not asked without one: %j", async ([answer, detail], { onTestFinished }) => {
    const { target, tokens, receiver, time } = await setUp(onTestFinished, { answers: [answer] });
    const result = await target.post(request());
    expect(result).toMatchObject({
      kind: "failed",
      error: "auth",
      detail: expect.stringContaining(detail),
      written: false,
    });
    expect(JSON.stringify(result)).not.toContain("s3cret");
    await target.post(request());
    expect(tokens.asked, "a refusal stands for some seconds").toHaveLength(1);
    time.advance(5_000);
    await target.post(request());
    expect(tokens.asked).toHaveLength(2);
    expect(receiver.seen).toEqual([]);
  });

  test("has its token fetched behind the guard", async ({ onTestFinished }) => {
    const { target, receiver } = await setUp(onTestFinished, {
      answers: [],
      over: { token_url: "https://169.254.169.254/token" },
    });
    expect(await target.post(request())).toMatchObject({
      error: "auth",
      detail: expect.stringContaining("metadata"),
    });
    expect(receiver.seen).toEqual([]);
  });
});

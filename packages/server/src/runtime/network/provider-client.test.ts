import { describe, expect, test } from "vitest";
import {
  answer,
  closedPort,
  httpServer,
  localhostCert,
  type Release,
  tcpServer,
  tlsServer,
} from "../fixtures/local-server.ts";
import { type ManualTime, manualTime } from "../fixtures/manual-time.ts";
import { signal, socketsRead } from "../fixtures/signal.ts";
import {
  createProviderClient,
  type ProviderClient,
  type ProviderRequest,
} from "./provider-client.ts";

function bench(
  release: Release,
  options: { maxConnections?: number; ca?: string } = {},
): { client: ProviderClient; time: ManualTime } {
  const time = manualTime();
  const client = createProviderClient({ ...time, ...options });
  release(() => void client.close());
  return { client, time };
}

function send(url: string, over: Partial<ProviderRequest> = {}): ProviderRequest {
  return { method: "POST", url, headers: {}, body: "{}", deadlineMs: 15_000, ...over };
}

const HALF = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";

describe("a provider's answer", () => {
  test("is returned whole, with its headers", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (incoming, response) => {
      const { method, url, headers } = incoming;
      response.writeHead(400, { "Content-Type": "application/json", "X-Usage": ["1", "2"] });
      response.end(JSON.stringify({ method, url, token: headers.authorization, emoji: "🐦" }));
    });
    const result = await client.request(
      send(`${server.http}/v26.0/messages?a=b#c`, { headers: { authorization: "Bearer t" } }),
    );
    expect(result).toMatchObject({
      kind: "response",
      status: 400,
      headers: { "content-type": "application/json", "x-usage": "1, 2" },
      body: '{"method":"POST","url":"/v26.0/messages?a=b","token":"Bearer t","emoji":"🐦"}',
    });
  });

  test("ends where it says, whatever comes after it", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", () => socket.write(`${answer("whole")}HTTP/1.1 500 Unasked\r\n\r\n`));
    });
    for (let i = 0; i < 2; i++) {
      expect(await client.request(send(server.http))).toMatchObject({ status: 200, body: "whole" });
    }
    expect(server.connections, "what spoke unasked is not used again").toBe(2);
  });

  test("of a redirect is not followed", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => {
      response.writeHead(302, { location: "/other" }).end();
    });
    const result = await client.request(send(server.http, { method: "GET" }));
    expect(result).toMatchObject({ status: 302, headers: { location: "/other" } });
    expect(server.connections).toBe(1);
  });

  test("over TLS is taken from whom the certificate names", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished, { ca: localhostCert });
    const server = await tlsServer(onTestFinished);
    const result = await client.request(send(`https://localhost:${server.port}/`));
    expect(result).toMatchObject({ status: 200, body: "secure" });
  });

  test("that is too long is a failure that leaves the send in doubt", async ({
    onTestFinished,
  }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => {
      response.end("x".repeat(2_000));
    });
    expect(await client.request(send(server.http, { maxResponseBytes: 2_000 }))).toMatchObject({
      status: 200,
    });
    expect(await client.request(send(server.http, { maxResponseBytes: 1_999 }))).toMatchObject({
      kind: "failed",
      error: "protocol",
      detail: "the answer is longer than 1999 bytes",
      written: true,
    });
  });
});

describe("not a byte of the request was written when", () => {
  test("nobody listens", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const result = await client.request(send(`http://127.0.0.1:${await closedPort()}`));
    expect(result).toMatchObject({ kind: "failed", error: "connect", written: false });
  });

  test("the host name has no address", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    // Longer than a label may be: no name server needs to be asked.
    const result = await client.request(send(`http://${"a".repeat(64)}.test`));
    expect(result).toMatchObject({ kind: "failed", error: "dns", written: false });
  });

  test("the certificate is not to be trusted", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await tlsServer(onTestFinished);
    const result = await client.request(send(server.https));
    expect(result).toMatchObject({ kind: "failed", error: "tls", written: false });
  });

  test("the connection does not come about in time", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const sending = client.request(send(server.https));
    await seen;
    time.advance(10_000);
    expect(await sending).toMatchObject({ kind: "failed", error: "tls", written: false });
  });

  test("the deadline passes before there is a connection", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const sending = client.request(send(server.https, { deadlineMs: 5_000 }));
    await seen;
    time.advance(5_000);
    expect(await sending).toMatchObject({ kind: "failed", error: "timeout", written: false });
  });

  test("it waited behind another until its deadline", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished, { maxConnections: 1 });
    const { seen, give } = signal();
    const bodies: string[] = [];
    const finish: (() => void)[] = [];
    const server = await httpServer(onTestFinished, (incoming, response) => {
      incoming.setEncoding("utf8").on("data", (body) => bodies.push(body));
      finish.push(() => response.end());
      incoming.on("end", give);
    });
    const first = client.request(send(server.http, { body: "first", deadlineMs: 60_000 }));
    const second = client.request(send(server.http, { body: "second", deadlineMs: 1_000 }));
    await seen;
    time.advance(1_000);
    expect(await second).toMatchObject({ kind: "failed", error: "timeout", written: false });
    for (const each of finish) each();
    expect(await first).toMatchObject({ status: 200 });
    await client.close();
    expect(bodies).toEqual(["first"]);
  });

  test.for([
    ["a header cannot be sent", { headers: { "x-bad": "a\nb" } }],
    ["the URL is none", { url: "graph.facebook.com/v26.0" }],
    ["the URL is not of the web", { url: "file:///etc/passwd" }],
  ] as const)("%s", async ([, wrong], { onTestFinished }) => {
    const { client } = bench(onTestFinished, { maxConnections: 1 });
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    expect(await client.request({ ...send(server.http), ...wrong })).toMatchObject({
      kind: "failed",
      error: "other",
      written: false,
    });
    const next = await client.request(send(server.http));
    expect(next, "the next one goes through").toMatchObject({ status: 200 });
  });

  test("the client has been closed", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    await client.request(send(server.http));
    await client.close();
    for (const url of [server.http, "http://localhost:9"]) {
      const result = await client.request(send(url));
      expect(result).toMatchObject({ error: "closed", written: false });
    }
  });
});

describe("it is in doubt whether the request arrived when", () => {
  test.for([
    ["the connection is reset before an answer", "reset", "", "reset"],
    ["the connection is closed before an answer", "reset", "", "end"],
    ["the connection is reset in the middle of the answer", "reset", HALF, "reset"],
    ["the connection is closed in the middle of the answer", "reset", HALF, "end"],
    ["the answer is not HTTP", "protocol", "220 mail.example.com ESMTP\r\n", "keep"],
  ] as const)("%s", async ([, error, text, then], { onTestFinished }) => {
    for (const method of ["POST", "GET"] as const) {
      const { client } = bench(onTestFinished);
      const server = await tcpServer(onTestFinished, (socket) => {
        socket.once("data", () => {
          socket.write(text, () => {
            if (then === "reset") socket.resetAndDestroy();
            if (then === "end") socket.end();
          });
        });
      });
      const result = await client.request({ ...send(server.http), method });
      expect(result).toMatchObject({ kind: "failed", error, written: true });
      expect(server.connections, `a ${method} is not repeated`).toBe(1);
    }
  });

  test("nothing comes back until the deadline", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const gone = signal();
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", give).on("close", gone.give);
    });
    const sending = client.request(send(server.http));
    await seen;
    time.advance(14_900);
    expect(time.wheel.size, "not before its time").toBe(1);
    time.advance(100);
    expect(await sending).toMatchObject({ kind: "failed", error: "timeout", written: true });
    await gone.seen;
  });

  test("the sender gives up on the way", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const stop = new AbortController();
    const sending = client.request(send(server.http, { signal: stop.signal }));
    await seen;
    stop.abort();
    expect(await sending).toMatchObject({ kind: "failed", error: "closed", written: true });
  });

  test("a kept connection breaks under the next request", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    let requests = 0;
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", () => {
        requests++;
        if (requests === 1) socket.write(answer("first"));
        else socket.resetAndDestroy();
      });
    });
    expect(await client.request(send(server.http))).toMatchObject({ body: "first" });
    expect(await client.request(send(server.http))).toMatchObject({
      error: "reset",
      written: true,
    });
    expect(requests).toBe(2);
  });
});

test("a request is not written while an answer is still coming on its connection", async ({
  onTestFinished,
}) => {
  const { client, time } = bench(onTestFinished, { maxConnections: 1 });
  const { seen, give } = signal();
  let requests = 0;
  const server = await tcpServer(onTestFinished, (socket) => {
    socket.on("data", () => {
      requests++;
      socket.write(HALF, give);
    });
  });
  const both = ["/a", "/b"].map((path) =>
    client.request({ method: "GET", url: server.http + path, headers: {}, deadlineMs: 15_000 }),
  );
  await seen;
  await socketsRead();
  expect(requests, "undici may repeat what it has pipelined").toBe(1);
  time.advance(15_000);
  expect(await Promise.all(both)).toMatchObject([{ written: true }, { written: false }]);
});

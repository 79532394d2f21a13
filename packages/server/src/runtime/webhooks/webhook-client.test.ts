import { describe, expect, test } from "vitest";
import {
  answer,
  closedPort,
  httpServer,
  type LocalServer,
  type Release,
  tcpServer,
} from "../fixtures/local-server.ts";
import { signal, socketsRead } from "../fixtures/signal.ts";
import { bench, open, request } from "../fixtures/webhook-bench.ts";

/** Answers each connection's first bytes with what is given, whatever they say. */
function says(release: Release, ...parts: string[]): Promise<LocalServer> {
  return tcpServer(release, (socket) => {
    socket.on("data", () => {
      for (const part of parts) socket.write(part, "latin1");
    });
  });
}

const resets = (release: Release) =>
  tcpServer(release, (socket) => socket.once("data", () => socket.resetAndDestroy()));
const ends = (release: Release) =>
  tcpServer(release, (socket) => socket.once("data", () => socket.end()));
const endsEarly = (release: Release) =>
  tcpServer(release, (socket) => socket.once("data", () => socket.end(HALF)));
const HALF = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
const ENDLESS = `HTTP/1.1 200 OK\r\n${"x-more: and more\r\n".repeat(10_000)}`;

describe("a post that is answered", () => {
  test("brings status, the headers that matter and the body", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const bodies: string[] = [];
    const server = await httpServer(onTestFinished, (incoming, response) => {
      incoming.setEncoding("utf8").on("data", (text) => bodies.push(text));
      incoming.on("end", () => {
        bodies.push(`${incoming.method} ${incoming.url} ${incoming.headers["webhook-id"]}`);
        response.writeHead(429, {
          "Retry-After": "120",
          "Content-Type": "text/plain",
          "Webhook-Delivery": "pause",
          "Set-Cookie": "a=b",
        });
        response.end("slow down");
      });
    });
    const result = await open(client, `${server.http}/hook?a=1`).post(
      request({ body: '{"text":"grüße"}' }),
    );
    expect(bodies).toEqual(['{"text":"grüße"}', "POST /hook?a=1 msg_1"]);
    expect(result).toEqual({
      kind: "response",
      status: 429,
      headers: { retryAfter: "120", contentType: "text/plain", deliveryControl: "pause" },
      body: "slow down",
      ms: 0,
      firstByteMs: 0,
      connection: { dnsMs: null, connectMs: 0, tlsMs: null },
    });
  });

  test("uses the connection of the one before", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    const target = open(client, server.http, 1);
    for (let i = 0; i < 5; i++) expect(await target.post(request())).toMatchObject({ status: 200 });
    expect(server.connections).toBe(1);
  });

  test("survives a receiver that closes each connection", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => {
      response.setHeader("connection", "close").end("bye");
    });
    const target = open(client, server.http);
    for (let i = 0; i < 3; i++) expect(await target.post(request())).toMatchObject({ body: "bye" });
    expect(server.connections).toBe(3);
  });

  test("takes a redirect for what it is", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const paths: (string | undefined)[] = [];
    const server = await httpServer(onTestFinished, (incoming, response) => {
      paths.push(incoming.url);
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect(await open(client, `${server.http}/a`).post(request())).toMatchObject({
      status: 307,
      headers: { location: "/elsewhere" },
    });
    expect(paths).toEqual(["/a"]);
  });

  test("waits for the real answer after an early hint", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await says(
      onTestFinished,
      "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
      answer("real", "201 Created"),
    );
    const result = await open(client, server.http).post(request());
    expect(result).toMatchObject({ status: 201, body: "real" });
  });
});

describe("a long answer", () => {
  const length = (bytes: number) => `content-length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`;
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;

  test("of 16 KB is read to its end and the connection kept", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await says(onTestFinished, `HTTP/1.1 200 OK\r\n${length(16 * 1024)}`);
    const target = open(client, server.http, 1);
    for (let i = 0; i < 2; i++) {
      const result = await target.post(request());
      expect(result).toMatchObject({ status: 200, body: "x".repeat(4096) });
    }
    expect(server.connections).toBe(1);
  });

  test.for([
    ["with a length", `HTTP/1.1 202 Accepted\r\n${length(16 * 1024 + 1)}`],
    ["that closes at its end", `HTTP/1.1 202 A\r\nconnection: close\r\n${length(100_000)}`],
    [
      "in chunks without end",
      `HTTP/1.1 202 A\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
    ],
    ["of unknown length", `HTTP/1.1 202 A\r\n\r\n${"x".repeat(20_000)}`],
  ] as const)(
    "%s is cut off: its status stands, its connection goes",
    async ([, text], { onTestFinished }) => {
      const { client } = bench(onTestFinished);
      const gone = signal();
      const server = await tcpServer(onTestFinished, (socket) => {
        socket.once("data", () => socket.write(text)).on("close", gone.give);
      });
      const target = open(client, server.http);
      expect(await target.post(request())).toMatchObject({
        kind: "response",
        status: 202,
        body: expect.stringMatching(/^x{4096}$/),
      });
      await gone.seen;
      expect(await target.post(request())).toMatchObject({ status: 202 });
      expect(server.connections).toBe(2);
    },
  );

  test("is kept as text that PostgreSQL takes", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => {
      response.end(
        Buffer.concat([Buffer.from("a\0b\xff", "latin1"), Buffer.from("€".repeat(2000))]),
      );
    });
    const result = await open(client, server.http).post(request());
    expect(result).toMatchObject({ body: expect.stringMatching(/^ab\ufffd€+$/) });
  });
});

describe("a deadline", () => {
  test("ends a post that nobody answers", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const gone = signal();
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", give).on("close", gone.give);
    });
    const posting = open(client, server.http).post(request());
    await seen;
    time.advance(15_000);
    expect(await posting).toEqual({
      kind: "failed",
      error: "timeout",
      detail: "no answer within 15000 ms",
      ms: 15_000,
      written: true,
      connection: { dnsMs: null, connectMs: 0, tlsMs: null },
    });
    await gone.seen;
  });

  test("includes the body of the answer", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await httpServer(onTestFinished, (_, response) => {
      response.writeHead(200).write("drip", give);
    });
    const posting = open(client, server.http).post(request());
    await seen;
    await socketsRead();
    time.advance(15_000);
    expect(await posting).toMatchObject({
      error: "timeout",
      detail: "an answer of 200 without an end within 15000 ms",
      written: true,
    });
  });

  test("is not met by an early hint", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", () => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n", give));
    });
    const posting = open(client, server.http).post(request());
    await seen;
    await socketsRead();
    time.advance(15_000);
    expect(await posting).toMatchObject({ detail: "no answer within 15000 ms", written: true });
  });

  test("ends the wait for a connection, and what waited is never sent", async ({
    onTestFinished,
  }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const bodies: string[] = [];
    const finish: (() => void)[] = [];
    const server = await httpServer(onTestFinished, (incoming, response) => {
      incoming.setEncoding("utf8").on("data", (body) => bodies.push(body));
      incoming.on("end", give);
      if (bodies.length === 0) finish.push(() => response.end());
      else response.end();
    });
    const target = open(client, server.http, 1);
    const first = target.post(request({ body: "first", deadlineMs: 30_000 }));
    const second = target.post(request({ body: "second", deadlineMs: 1_000 }));
    await seen;
    time.advance(1_000);
    expect(await second).toMatchObject({
      error: "timeout",
      detail: "no connection within 1000 ms",
      written: false,
    });
    for (const each of finish) each();
    expect(await first).toMatchObject({ status: 200 });
    expect(await target.post(request({ body: "third" }))).toMatchObject({ status: 200 });
    expect(bodies).toEqual(["first", "third"]);
    expect(server.connections, "the good connection is kept").toBe(1);
  });

  test("costs nothing once the answer is there", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    await open(client, server.http).post(request());
    expect(time.wheel.size).toBe(0);
  });
});

describe("a post that fails", () => {
  test("because nobody listens was not written", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const url = `http://127.0.0.1:${await closedPort()}`;
    expect(await open(client, url).post(request())).toMatchObject({
      error: "connect",
      detail: "the connection was refused (ECONNREFUSED)",
      written: false,
    });
  });

  test.for([
    ["resets", "reset", resets],
    ["closes", "reset", ends],
    ["closes in the middle of its answer", "reset", endsEarly],
    ["speaks no HTTP", "protocol", (release: Release) => says(release, "SSH-2.0-OpenSSH\r\n")],
    ["switches protocols", "protocol", (release: Release) => says(release, SWITCH)],
    ["sends endless headers", "protocol", (release: Release) => says(release, ENDLESS)],
  ] as const)(
    "because the receiver %s is a failure of kind %s",
    async ([, error, serve], { onTestFinished }) => {
      const { client } = bench(onTestFinished);
      const server = await serve(onTestFinished);
      expect(await open(client, server.http).post(request())).toMatchObject({
        kind: "failed",
        error,
        written: true,
      });
      expect(server.connections, "it is not repeated").toBe(1);
    },
  );

  test("because of a header that cannot be sent does not block the next one", async ({
    onTestFinished,
  }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => response.end("ok"));
    const target = open(client, server.http, 1);
    await target.post(request());
    for (let i = 0; i < 3; i++) {
      expect(await target.post(request({ headers: { "x-bad": "a\nb" } }))).toMatchObject({
        error: "other",
        detail: "the request cannot be sent: invalid x-bad header",
        written: false,
      });
      expect(await target.post(request())).toMatchObject({ status: 200 });
    }
  });

  test("because the sender gives up is closed", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const stop = new AbortController();
    const posting = open(client, server.http).post(request({ signal: stop.signal }));
    await seen;
    stop.abort();
    expect(await posting).toMatchObject({ error: "closed", written: true });
    const late = await open(client, server.http).post(request({ signal: stop.signal }));
    expect(late).toMatchObject({ error: "closed", written: false });
    expect(server.connections).toBe(1);
  });
});

describe("a target", () => {
  test("belongs to its key and URL and shares no connection with another", async ({
    onTestFinished,
  }) => {
    const { client } = bench(onTestFinished);
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    const options = { url: server.http, maxConnections: 1 };
    expect(client.open("a", options)).toBe(client.open("a", options));
    const moved = client.open("a", { ...options, url: `${server.http}/moved` });
    expect(moved).not.toBe(client.open("a", options));
    await client.open("a", options).post(request());
    await client.open("b", options).post(request());
    expect(server.connections).toBe(2);
  });

  test("that is closed finishes what is under way and takes nothing more", async ({
    onTestFinished,
  }) => {
    const { client } = bench(onTestFinished);
    const { seen, give } = signal();
    const finish: (() => void)[] = [];
    const server = await httpServer(onTestFinished, (_, response) => {
      finish.push(() => response.end("done"));
      give();
    });
    const target = open(client, server.http);
    const posting = target.post(request());
    await seen;
    const closing = target.close();
    expect(await target.post(request())).toMatchObject({ error: "closed", written: false });
    for (const each of finish) each();
    expect(await posting).toMatchObject({ status: 200, body: "done" });
    await closing;
    expect(open(client, server.http), "its key is free again").not.toBe(target);
  });
});

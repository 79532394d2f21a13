import { describe, expect, test } from "vitest";
import {
  answer,
  closedPort,
  httpServer,
  localhostCert,
  tcpServer,
  tlsServer,
} from "../fixtures/local-server.ts";
import { signal } from "../fixtures/signal.ts";
import { bench, open, request } from "../fixtures/webhook-bench.ts";

describe("TLS", () => {
  test("is verified, and an authority of the operator's own may vouch", async ({
    onTestFinished,
  }) => {
    const server = await tlsServer(onTestFinished);
    const strict = bench(onTestFinished).client;
    expect(await open(strict, server.https).post(request())).toMatchObject({
      error: "tls",
      detail: "the certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)",
      written: false,
    });
    const trusting = bench(onTestFinished, { ca: localhostCert }).client;
    const target = open(trusting, `https://receiver.test:${server.port}`);
    expect(await target.post(request())).toMatchObject({ status: 200, body: "secure" });
    expect(await open(trusting, server.https).post(request())).toMatchObject({ status: 200 });
  });

  test("with another host's certificate is refused", async ({ onTestFinished }) => {
    const server = await tlsServer(onTestFinished);
    const { client } = bench(onTestFinished, { ca: localhostCert });
    expect(await open(client, `https://other.test:${server.port}`).post(request())).toMatchObject({
      error: "tls",
      detail: expect.stringContaining("another host name"),
      written: false,
    });
  });

  test("with somebody who does not speak it fails", async ({ onTestFinished }) => {
    const { client } = bench(onTestFinished);
    const server = await tcpServer(onTestFinished, (socket) => {
      socket.on("data", () => socket.write(answer("plain")));
    });
    expect(await open(client, server.https).post(request())).toMatchObject({
      error: "tls",
      written: false,
    });
  });

  test("that does not come about is given up after the connect timeout", async ({
    onTestFinished,
  }) => {
    const { client, time } = bench(onTestFinished);
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const posting = open(client, server.https).post(request());
    await seen;
    time.advance(10_000);
    expect(await posting).toMatchObject({
      error: "tls",
      detail: "the TLS handshake took over 10000 ms",
      written: false,
    });
  });
});

describe("the guard", () => {
  test("keeps an address in the URL from being connected to", async ({ onTestFinished }) => {
    const server = await tlsServer(onTestFinished);
    const { client } = bench(onTestFinished, { allow: [], ca: localhostCert });
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]) {
      const target = open(client, `https://${host}:${server.port}`);
      expect(await target.post(request())).toMatchObject({
        error: "blocked_address",
        detail: expect.stringContaining("CURLEW_ALLOW_TARGETS"),
        written: false,
      });
    }
    expect(server.connections).toBe(0);
  });

  test.for([
    ["a private address", ["127.0.0.1"]],
    ["a private address among public ones", ["93.184.215.14", "127.0.0.1"]],
  ] as [string, string[]][])(
    "keeps a name with %s from being connected to",
    async ([, addresses], { onTestFinished }) => {
      const server = await tlsServer(onTestFinished);
      const resolve = () => Promise.resolve(addresses);
      const { client } = bench(onTestFinished, { allow: [], resolve, ca: localhostCert });
      const target = open(client, `https://receiver.test:${server.port}`);
      expect(await target.post(request())).toMatchObject({
        error: "blocked_address",
        written: false,
      });
      expect(server.connections).toBe(0);
    },
  );

  test("judges anew for each connection, so that a name cannot be rebound", async ({
    onTestFinished,
  }) => {
    const server = await httpServer(onTestFinished, (_, response) => {
      response.setHeader("connection", "close").end();
    });
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const resolve = () => Promise.resolve(answers.shift() ?? []);
    const { client } = bench(onTestFinished, { resolve });
    const target = open(client, `http://receiver.test:${server.port}`);
    expect(await target.post(request())).toMatchObject({ status: 200 });
    expect(await target.post(request())).toMatchObject({ error: "blocked_address" });
    expect(await target.post(request())).toMatchObject({ error: "dns", written: false });
  });

  test("is done with a name once it is resolved: what fails then is the connection", async ({
    onTestFinished,
  }) => {
    const { client } = bench(onTestFinished);
    const target = open(client, `http://receiver.test:${await closedPort()}`);
    expect(await target.post(request())).toMatchObject({ error: "connect", written: false });
  });

  test("does not let a name server that hangs hold a post for longer than a connection may take", async ({
    onTestFinished,
  }) => {
    const asked = signal();
    const resolve = () => {
      asked.give();
      return new Promise<string[]>(() => {});
    };
    const { client, time } = bench(onTestFinished, { resolve });
    const posting = open(client, "https://receiver.test").post(request());
    await asked.seen;
    time.advance(10_000);
    expect(await posting).toMatchObject({
      error: "dns",
      detail: "resolving the host name took over 10000 ms",
      written: false,
    });
  });
});

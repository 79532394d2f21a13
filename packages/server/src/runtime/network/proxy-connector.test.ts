import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import {
  closedPort,
  httpServer,
  localhostCert,
  type Release,
  tcpServer,
  tlsServer,
} from "../fixtures/local-server.ts";
import { signal } from "../fixtures/signal.ts";
import { bench, open, request } from "../fixtures/webhook-bench.ts";
import { readProxy } from "./proxy-connector.ts";

/** A proxy that makes tunnels, wherever to, and what it was asked. */
async function proxyServer(release: Release, refuse: string | null = null) {
  const asked: string[] = [];
  const server = await tcpServer(release, (client: Socket) => {
    let head = "";
    const read = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      client.off("data", read);
      asked.push(head);
      if (refuse !== null) {
        client.end(refuse);
        return;
      }
      const port = Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1]);
      const onward = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(onward).pipe(client);
      });
      onward.on("error", () => client.destroy());
      client.on("close", () => onward.destroy());
    };
    client.on("data", read);
  });
  return { proxy: readProxy(`http://user:p%40ss@127.0.0.1:${server.port}`), asked, server };
}

describe("with an egress proxy", () => {
  test("every connection is a tunnel to the address that was judged, and TLS goes through it", async ({
    onTestFinished,
  }) => {
    const { proxy, asked } = await proxyServer(onTestFinished);
    const server = await tlsServer(onTestFinished);
    const { client } = bench(onTestFinished, { proxy, ca: localhostCert });
    const target = open(client, `https://receiver.test:${server.port}`, 1);
    expect(await target.post(request())).toMatchObject({
      status: 200,
      body: "secure",
      connection: { dnsMs: 0, connectMs: 0, tlsMs: 0 },
    });
    expect(await target.post(request())).toMatchObject({ status: 200, connection: null });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBe(
      `CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n` +
        `proxy-authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}\r\n\r\n`,
    );
  });

  test("plain HTTP to an allowed target goes through it too", async ({ onTestFinished }) => {
    const { proxy, asked } = await proxyServer(onTestFinished);
    const server = await httpServer(onTestFinished, (incoming, response) => {
      response.end(`${incoming.url} ${incoming.headers["proxy-authorization"]}`);
    });
    const { client } = bench(onTestFinished, { proxy });
    expect(await open(client, `${server.http}/hook`).post(request())).toMatchObject({
      body: "/hook undefined",
    });
    expect(asked).toHaveLength(1);
  });

  test("the guard judges first: the proxy hears of no address that may not be reached", async ({
    onTestFinished,
  }) => {
    const { proxy, asked, server } = await proxyServer(onTestFinished);
    const resolve = () => Promise.resolve(["93.184.215.14", "10.0.0.1"]);
    const { client } = bench(onTestFinished, { proxy, allow: [], resolve });
    for (const url of ["https://receiver.test", "https://10.0.0.1", "https://[::1]"]) {
      expect(await open(client, url).post(request())).toMatchObject({
        error: "blocked_address",
        written: false,
      });
    }
    expect(asked).toEqual([]);
    expect(server.connections).toBe(0);
  });

  test.for([
    ["HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy refused the connection (403)"],
    ["SSH-2.0-OpenSSH\r\n\r\n", "the proxy does not speak HTTP"],
    ["HTTP/1.1 200 OK\r\n\r\nhello", "the proxy spoke before its turn"],
    ["", "the proxy closed the connection"],
  ] as const)("a proxy that answers %j is a failed connection", async ([says, detail], ctx) => {
    const { proxy } = await proxyServer(ctx.onTestFinished, says);
    const { client } = bench(ctx.onTestFinished, { proxy });
    expect(await open(client, "https://receiver.test").post(request())).toMatchObject({
      error: "connect",
      detail,
      written: false,
    });
  });

  test("nothing goes straight when the proxy is away", async ({ onTestFinished }) => {
    const server = await tlsServer(onTestFinished);
    const proxy = readProxy(`http://127.0.0.1:${await closedPort()}`);
    const { client } = bench(onTestFinished, { proxy, ca: localhostCert });
    const target = open(client, `https://receiver.test:${server.port}`);
    expect(await target.post(request())).toMatchObject({ error: "connect", written: false });
    expect(server.connections).toBe(0);
  });

  test("a proxy that says nothing is given up after the connect timeout", async ({
    onTestFinished,
  }) => {
    const { seen, give } = signal();
    const server = await tcpServer(onTestFinished, (socket) => void socket.on("data", give));
    const proxy = readProxy(server.http);
    const { client, time } = bench(onTestFinished, { proxy });
    const posting = open(client, "https://receiver.test").post(request());
    await seen;
    time.advance(10_000);
    expect(await posting).toMatchObject({ error: "connect", written: false });
  });
});

import { describe, expect, test } from "vitest";
import { closedPort, httpServer, localhostCert, tlsServer } from "../fixtures/local-server.ts";
import { bench, open, request } from "../fixtures/webhook-bench.ts";

describe("what making a connection took", () => {
  test("is told by the request that waited for it, part by part, and by no later one", async ({
    onTestFinished,
  }) => {
    const server = await tlsServer(onTestFinished);
    const { client, time } = bench(onTestFinished, {
      ca: localhostCert,
      async resolve() {
        time.advance(7);
        return ["127.0.0.1"];
      },
    });
    const target = open(client, `https://receiver.test:${server.port}`, 1);
    expect(await target.post(request())).toMatchObject({
      status: 200,
      connection: { dnsMs: 7, connectMs: 0, tlsMs: 0 },
    });
    expect(await target.post(request())).toMatchObject({ status: 200, connection: null });
  });

  test("is told as far as it came where it failed", async ({ onTestFinished }) => {
    const { client, time } = bench(onTestFinished, {
      async resolve() {
        time.advance(3);
        return ["127.0.0.1"];
      },
    });
    const target = open(client, `http://receiver.test:${await closedPort()}`);
    expect(await target.post(request())).toMatchObject({
      error: "connect",
      connection: { dnsMs: 3, connectMs: null, tlsMs: null },
    });
  });

  test("knows of no name where the URL holds an address", async ({ onTestFinished }) => {
    const server = await httpServer(onTestFinished, (_, response) => response.end());
    const { client } = bench(onTestFinished);
    expect(await open(client, server.http).post(request())).toMatchObject({
      connection: { dnsMs: null, connectMs: 0, tlsMs: null },
    });
  });
});

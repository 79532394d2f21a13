import { lookup } from "node:dns";
import { expect, test } from "vitest";
import { httpServer } from "../fixtures/local-server.ts";
import { manualTime } from "../fixtures/manual-time.ts";
import { exchange } from "./exchange.ts";
import { OutboundPool } from "./outbound-pool.ts";

test("a mistake in reading an answer costs that answer and not the connection", async ({
  onTestFinished,
}) => {
  const time = manualTime();
  const server = await httpServer(onTestFinished, (_, response) => response.end("ok"));
  const pool = new OutboundPool({
    ...time,
    origin: server.http,
    lookup,
    maxConnections: 1,
    connectTimeoutMs: 10_000,
    keepAliveMs: 4_000,
    ca: undefined,
  });
  onTestFinished(() => pool.close());
  const request = {
    method: "POST",
    path: "/",
    headers: {},
    body: "{}",
    deadlineMs: 1_000,
  } as const;
  const limits = { keepBytes: 10, readBytes: 10, cutStands: true };

  const mistaken = await exchange(time, pool, request, {
    ...limits,
    read() {
      throw new Error("our own mistake");
    },
  });
  expect(mistaken).toEqual({
    kind: "failed",
    error: "other",
    detail: "the answer of 200 could not be read",
    ms: 0,
    written: true,
    connection: { dnsMs: null, connectMs: 0, tlsMs: null },
  });
  const good = await exchange(time, pool, request, {
    ...limits,
    read: ({ body }) => ({ text: body.toString() }),
  });
  expect(good).toEqual({ text: "ok" });
  const short = await exchange(time, pool, request, {
    ...limits,
    keepBytes: 1,
    read: ({ body }) => ({ text: body.toString() }),
  });
  expect(short, "no more than is to be kept").toEqual({ text: "o" });
  expect(server.connections).toBe(1);
});

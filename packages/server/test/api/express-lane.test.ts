import { createHmac } from "node:crypto";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CurlewError } from "../../src/core/errors.ts";
import type { InboundRequest } from "../../src/core/messages/inbound.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import type {
  PublishAnswer,
  PublishRequest,
} from "../../src/delivery/publishing/publish-request.ts";
import type { Credentials } from "../../src/http/access/authentication.ts";
import { eventRoutes } from "../../src/http/events/events.ts";
import { createPublishing } from "../../src/http/events/publishing.ts";
import { createExpressLane, type ExpressLane } from "../../src/http/express-lane.ts";
import { metaExpress, publishExpress } from "../../src/http/express-routes.ts";
import { ingressRoutes } from "../../src/http/ingress/ingress.ts";
import { answerBy, type Listening, openDoor } from "../../src/http/listen.ts";
import {
  httpApp,
  type LogLine,
  noTurnstile,
  principalWith,
  recordingLogger,
} from "../support/api/http.ts";
import { ManualClock } from "../support/manual-clock.ts";

const EVENT = "01890a5d-ac96-774b-bcce-b302099a8057";
const APP_SECRET = "meta's secret";
const KEYS: Record<string, Principal> = {
  "Bearer good": principalWith("events:write"),
  "Bearer confined": { ...principalWith("events:write"), accountId: EVENT },
  "Bearer reader": principalWith("events:read"),
};

/** What the product was asked to do, whichever way the request took. */
let done: (PublishRequest | InboundRequest)[] = [];
let spent = 0;
let hasRoom = true;
let publishes: (asked: PublishRequest) => Promise<PublishAnswer>;
let lines: LogLine[] = [];
let observed: unknown[] = [];
let server: Listening;
/** Requests that the lane took. */
let taken = 0;

beforeEach(() => {
  [done, lines, observed] = [[], [], []];
  [spent, taken, hasRoom] = [0, 0, true];
  publishes = async ({ items }) => ({
    kind: "published",
    events: items.map(({ key }) => ({ id: EVENT, duplicate: key?.name === "seen" })),
  });
});

beforeAll(async () => {
  const child = () => logger;
  const at = (level: LogLine["level"]) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const logger = { ...recordingLogger(), child };
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level] = at(level);
  const publishing = {
    publish: (asked: PublishRequest) => {
      done.push(asked);
      return publishes(asked);
    },
    requireSchemas: async () => [],
    spend(_: string, events: number) {
      spent += events;
    },
  };
  const room = {
    rates: {
      requireRoom() {
        if (!hasRoom) throw new CurlewError("too_many_requests", "Slowly.", { retryAfterS: 3 });
      },
      spend: () => void spent++,
    },
    disk: { requireRoom() {} },
    ...{ turnstile: noTurnstile, longWork: noTurnstile },
    onRefused() {},
  };
  const authenticate = async ({ authorization, apiKey }: Credentials) => {
    const principal = KEYS[authorization ?? `Bearer ${apiKey}`];
    if (!principal) throw new CurlewError("unauthorized", "Send a valid key.");
    return principal;
  };
  const metrics = {
    http: (...all: unknown[]) => void observed.push(all.slice(0, 3)),
    inbound() {},
    unroutable() {},
  };
  const meta = { appSecrets: [new Secret(APP_SECRET)], verifyToken: null };
  const inbox = {
    async accept(asked: InboundRequest) {
      done.push(asked);
      const none = { messages: 0, unsupported: 0, duplicates: 0, statuses: 0, facts: 0 };
      return { ...none, waiting: 0, unroutable: 0 };
    },
  };
  const requests = { logger, clock: { monotonic: () => 0 }, newId: () => EVENT, metrics };
  const app = httpApp({
    ...requests,
    metrics: { ...metrics, contentType: "", text: async () => "" },
    authenticate,
    room,
    routes: [
      eventRoutes({
        ...publishing,
        db: { query: () => Promise.reject(new Error("nothing is read here")) },
        clock: { now: () => 0 },
        retentionMs: 1,
        onFollowed() {},
      }),
    ],
    open: [
      ingressRoutes({
        ...{ meta, inbox, metrics, logger },
        channelSecrets: async () => null,
        twilioChannels: { byNumber: async () => null, byId: async () => null } as never,
        publicUrl: null,
      }),
    ],
  });
  const lane = createExpressLane(requests, [
    publishExpress({ authenticate, room, answerPublish: createPublishing(publishing) }),
    metaExpress({ meta, inbox, metrics, logger }),
  ]);
  const counting: ExpressLane = (incoming, outgoing) => {
    const took = lane(incoming, outgoing);
    if (took) taken++;
    return took;
  };
  server = await openDoor(
    { host: "127.0.0.1", port: 0 },
    { clock: new ManualClock(), newId: () => EVENT },
    answerBy(app.fetch, "127.0.0.1", counting),
  );
});
afterAll(() => server.close());

interface Asked {
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface Heard {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

const ONE = JSON.stringify({ type: "order.shipped", data: { order: "A-1" } });
const JSON_TYPE = { "content-type": "application/json" };

function ask({ path = "/v1/events", headers = {}, body = ONE }: Asked): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const isChunked = headers["transfer-encoding"] !== undefined;
    const length = isChunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = { method: "POST", headers: { ...length, "x-request-id": "r-1", ...headers } };
    const asking = request(`${server.url}${path}`, options, (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const { date: _, ...others } = answer.headers;
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode, headers: others, body: text });
      });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

const good = { ...JSON_TYPE, authorization: "Bearer good" };
const signed = (body: string | Buffer) => ({
  "x-hub-signature-256": `sha256=${createHmac("sha256", APP_SECRET).update(body).digest("hex")}`,
});
const callback = JSON.stringify({ object: "whatsapp_business_account", entry: [] });
const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;

const CASES: readonly (readonly [string, Asked, number])[] = [
  ["an event", { headers: good }, 202],
  ["a list of events", { headers: good, body: `[${ONE},${ONE}]` }, 202],
  ["a key in X-Api-Key", { headers: { ...JSON_TYPE, "x-api-key": "good" } }, 202],
  ["a charset", { headers: { ...good, "content-type": "application/json; charset=utf-8" } }, 202],
  ["a byte order mark", { headers: good, body: `\u{feff}${ONE}` }, 202],
  ["a confined key", { headers: { ...good, authorization: "Bearer confined" } }, 202],
  ["an idempotency key", { headers: { ...good, "idempotency-key": "mine" } }, 202],
  ["an idempotency key that was used", { headers: { ...good, "idempotency-key": "seen" } }, 202],
  [
    "an idempotency key that is too long",
    { headers: { ...good, "idempotency-key": "x".repeat(300) } },
    422,
  ],
  ["an empty idempotency key", { headers: { ...good, "idempotency-key": "" } }, 422],
  [
    "an idempotency key for many",
    { headers: { ...good, "idempotency-key": "k" }, body: `[${ONE}]` },
    422,
  ],
  ["a wrong key", { headers: { ...JSON_TYPE, authorization: "Bearer no" } }, 401],
  ["a key without the scope", { headers: { ...JSON_TYPE, authorization: "Bearer reader" } }, 403],
  ["no JSON at all", { headers: good, body: "{" }, 400],
  ["a list that ends with a comma", { headers: good, body: `[\n${ONE},\n]` }, 400],
  ["an empty body", { headers: good, body: "" }, 400],
  ["bytes that are no UTF-8", { headers: good, body: Buffer.from([0x22, 0xff, 0x22]) }, 400],
  ["a NUL", { headers: good, body: '{"type":"a.b","data":{"x":"\\u0000"}}' }, 422],
  ["a body nested without end", { headers: good, body: deep }, 422],
  ["a field that is not known", { headers: good, body: '{"type":"a.b","data":{},"x":1}' }, 422],
  ["a type that is none", { headers: good, body: '{"type":"No Type","data":{}}' }, 422],
  ["an empty list", { headers: good, body: "[]" }, 422],
  [
    "an event that is too large",
    { headers: good, body: JSON.stringify({ type: "a.b", data: { x: "y".repeat(300_000) } }) },
    422,
  ],
  ["a callback of Meta's", { path: "/in/meta", headers: signed(callback), body: callback }, 200],
  ["a callback with no content type", { path: "/in/meta", headers: signed("x"), body: "x" }, 200],
  [
    "a callback with a wrong signature",
    { path: "/in/meta", headers: signed("other"), body: callback },
    401,
  ],
  ["a callback without a signature", { path: "/in/meta", body: callback }, 401],
];

/** The same request by a way that only Hono knows: its address has a query, if an empty one. */
async function bothWays(asked: Asked) {
  const path = asked.path ?? "/v1/events";
  const express = { heard: await ask(asked), ...told() };
  expect(taken).toBe(1);
  const hono = { heard: await ask({ ...asked, path: `${path}?&` }), ...told() };
  expect(taken).toBe(1);
  return { express, hono };
}

function told() {
  const kept = { done, spent, lines, observed };
  [done, lines, observed, spent] = [[], [], [], 0];
  return kept;
}

describe("the express lane", () => {
  test.each(CASES)("answers %s as the framework does", async (_, asked, status) => {
    const { express, hono } = await bothWays(asked);
    expect(express.heard.status).toBe(status);
    expect(express).toEqual(hono);
  });

  test("tells who has no room when to come again", async () => {
    hasRoom = false;
    const { express, hono } = await bothWays({ headers: good });
    expect(express).toEqual(hono);
    expect(express.heard).toMatchObject({ status: 429, headers: { "retry-after": "3" } });
    expect(express.done).toEqual([]);
  });

  test("tells a fault of ours to the log, and nothing of it to the caller", async () => {
    publishes = () => Promise.reject(new Error("the password is hunter2"));
    const { express, hono } = await bothWays({ headers: good });
    expect(express).toEqual(hono);
    expect(express.heard).toMatchObject({ status: 500 });
    expect(express.heard.body).not.toContain("hunter2");
    expect(JSON.stringify(express.lines.map(({ level }) => level))).toBe('["error","error"]');
  });

  test.each([
    ["a body without a length", { headers: { ...good, "transfer-encoding": "chunked" } }, 202],
    ["a body that is too long", { headers: good, body: " ".repeat(4_194_305) }, 413],
    [
      "something that is not called JSON",
      { headers: { ...good, "content-type": "text/plain" } },
      415,
    ],
    ["nobody's request", { headers: JSON_TYPE }, 401],
    [
      "one that brings a proxy's password and no key",
      { headers: { ...JSON_TYPE, authorization: "Basic dXNlcjpwYXNz" } },
      401,
    ],
    [
      "another method",
      { headers: { ...good, "x-http-method-override": "GET" }, path: "/v1/event" },
      404,
    ],
  ])("leaves %s to the framework", async (_, asked: Asked, status) => {
    expect(await ask(asked)).toMatchObject({ status });
    expect(taken).toBe(0);
  });

  test("publishes nothing of a request that is cut off, and serves the next one", async () => {
    const { port, hostname } = new URL(server.url);
    await new Promise<void>((closed) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n${ONE}`,
          () => socket.destroy(),
        );
      });
      socket.on("close", () => closed());
    });
    expect(await ask({ headers: good })).toMatchObject({ status: 202 });
    expect(done).toHaveLength(1);
  });

  test("answers requests of one connection in their order, however long each takes", async () => {
    const { port, hostname } = new URL(server.url);
    const waiting: (() => void)[] = [];
    publishes = () =>
      new Promise((resolve) => {
        const at = waiting.length;
        waiting.push(() =>
          resolve({ kind: "published", events: [{ id: EVENT, duplicate: at > 0 }] }),
        );
        // The second is done first.
        if (waiting.length === 2) for (const each of waiting.toReversed()) each();
      });
    const head = `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: ${ONE.length}\r\n\r\n`;
    const text = await new Promise<string>((resolve) => {
      let heard = "";
      const socket = connect(Number(port), hostname, () => {
        socket.write(`${head}${ONE}${head}${ONE}`);
      });
      socket.on("data", (data) => {
        heard += data.toString();
        if ((heard.match(/"duplicate"/g) ?? []).length === 2) socket.destroy();
      });
      socket.on("close", () => resolve(heard));
    });
    expect(text.match(/"duplicate":(true|false)/g)).toEqual([
      '"duplicate":false',
      '"duplicate":true',
    ]);
  });
});

test("a connection is kept for longer than the minute that proxies keep theirs", async () => {
  const heard = await ask({ headers: good });
  expect(heard.headers["keep-alive"]).toBe("timeout=75");
});

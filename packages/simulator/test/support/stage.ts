import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/index.ts";
import { isObject, type JsonObject } from "../../src/json.ts";

export const APP_SECRET = "test_app_secret_0123456789abcdef";
export const VERIFY_TOKEN = "meatyhamhock";
export const TOKEN = "EAAtest";
export const NUMBER = "106540352242922";
export const WABA = "102290129340398";
export const USER = "16505551234";
/** 2026-03-02 09:00 UTC. */
export const START = Date.UTC(2026, 2, 2, 9);

/** A clock that stands still until it is moved. */
export function stoppedClock(start = START) {
  let now = start;
  return {
    now: () => now,
    move(ms: number): void {
      now += ms;
    },
  };
}

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  raw: string;
  body: JsonObject;
  /** Resolves when the exchange is over, answered or not. */
  over: Promise<unknown>;
}

/** A webhook receiver that keeps what it gets and answers as it is told. */
export async function startReceiver(answer: (received: Received) => number | null = () => 200) {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const over = new Promise((resolve) => response.once("close", resolve));
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString("utf8");
      const { method = "", url = "", headers } = request;
      const query = new URL(url, "http://receiver").searchParams;
      if (method === "GET") {
        const isRight = query.get("hub.verify_token") === VERIFY_TOKEN;
        response.writeHead(isRight ? 200 : 403, { "content-type": "text/plain" });
        response.end(isRight ? query.get("hub.challenge") : "no");
        return;
      }
      const body: unknown = raw.startsWith("{") ? JSON.parse(raw) : {};
      const each = { method, url, headers, raw, body: isObject(body) ? body : {}, over };
      received.push(each);
      const status = answer(each);
      if (status !== null) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/in/meta`, received };
}

/** A simulator that ends with the test. */
export async function play(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({
    appSecret: APP_SECRET,
    verifyToken: VERIFY_TOKEN,
    ...options,
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

export interface GraphAnswer {
  status: number;
  body: JsonObject;
  code: number | undefined;
  raw: string;
}

/** One request to the Graph API, as a client of Meta makes it. */
export async function graph(
  simulator: Simulator,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = TOKEN,
): Promise<GraphAnswer> {
  const response = await fetch(`${simulator.url}/${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const raw = await response.text();
  const parsed: unknown = JSON.parse(raw);
  const json = isObject(parsed) ? parsed : {};
  const error = json["error"];
  const code = isObject(error) ? Number(error["code"]) : undefined;
  return { status: response.status, body: json, code, raw };
}

export function textTo(to: string, body = "hello"): JsonObject {
  return { messaging_product: "whatsapp", to, type: "text", text: { body } };
}

/** Sends a message and answers what the Graph API said. */
export function send(simulator: Simulator, body: unknown, number = NUMBER): Promise<GraphAnswer> {
  return graph(simulator, "POST", `v26.0/${number}/messages`, body);
}

/** The items of this list in every webhook that came, in their order. */
export function itemsOf(received: readonly Received[], list: string): JsonObject[] {
  return received.flatMap(({ body }) =>
    listOf(body["entry"])
      .flatMap((entry) => listOf(entry["changes"]))
      .flatMap((change) => {
        const value = change["value"];
        return isObject(value) ? listOf(value[list]) : [];
      }),
  );
}

export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

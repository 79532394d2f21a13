import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

/** One request that came in and was verified. */
export interface Receipt {
  /** The `webhook-id`. */
  id: string;
  /** When it had been read: ms since the epoch. */
  at: number;
  /** The `webhook-attempt`. */
  attempt: number;
  headers: IncomingHttpHeaders;
  /** What was signed, as it came. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
  /** What it was answered, or why it was not. */
  answered: Behaviour;
}

/** A status; `hang` answers never, `drop` closes the connection, `afterMs` takes its time. */
export type Behaviour = number | "hang" | "drop" | { status: number; afterMs: number };

export interface Receiver {
  readonly url: string;
  /** The endpoint's signing secret. */
  readonly secret: string;
  /** Every verified request, in the order of arrival. */
  readonly receipts: readonly Receipt[];
  /** Requests that `standardwebhooks` did not accept; answered 401. */
  readonly unverified: readonly string[];
  /** How requests are answered from now on; `seen` counts those of this id before. */
  behave(behaviour: Behaviour | ((request: { id: string; seen: number }) => Behaviour)): void;
  /** How often an id was answered 2xx. */
  successes(id: string): number;
  /** Waits until a request has come that fits, and gives the first such. */
  next(what: string, fits: (receipt: Receipt) => boolean, limitMs?: number): Promise<Receipt>;
  /** From now on connections are refused, until `listen`. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
}

/** A customer's endpoint in this process, which verifies whatever comes; it ends with the test. */
export async function startReceiver(): Promise<Receiver> {
  const secret = `whsec_${randomBytes(24).toString("base64")}`;
  const webhook = new Webhook(secret);
  const receipts: Receipt[] = [];
  const unverified: string[] = [];
  const seen = new Map<string, number>();
  const successes = new Map<string, number>();
  let behaviour: (request: { id: string; seen: number }) => Behaviour = () => 200;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const { headers } = request;
      const reason = reasonToRefuse(webhook, text, headers);
      if (reason !== null) {
        unverified.push(`${reason}: ${text}`);
        response.writeHead(401).end();
        return;
      }
      const id = String(headers["webhook-id"]);
      const before = seen.get(id) ?? 0;
      seen.set(id, before + 1);
      const answered = behaviour({ id, seen: before });
      const attempt = Number(headers["webhook-attempt"]);
      const body: unknown = JSON.parse(text);
      receipts.push({ id, at: Date.now(), attempt, headers, text, body, answered });
      if (isSuccess(answered)) successes.set(id, (successes.get(id) ?? 0) + 1);
      answer(response, answered);
    });
  });
  server.keepAliveTimeout = 60_000;

  let port = 0;
  async function listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    // A server that listens on TCP has such an address.
    port = (server.address() as AddressInfo).port;
  }
  async function refuse(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
  await listen();
  onTestFinished(refuse);

  return {
    url: `http://127.0.0.1:${port}/`,
    ...{ secret, receipts, unverified, listen, refuse },
    behave(next) {
      behaviour = typeof next === "function" ? next : () => next;
    },
    successes: (id) => successes.get(id) ?? 0,
    async next(what, fits, limitMs) {
      await until(`the receiver gets ${what}`, () => receipts.some(fits), limitMs);
      const [first] = receipts.filter(fits);
      if (!first) throw new Error(`${what} has gone`);
      return first;
    },
  };
}

export function isSuccess(behaviour: Behaviour): boolean {
  const status = typeof behaviour === "object" ? behaviour.status : behaviour;
  return typeof status === "number" && status >= 200 && status < 300;
}

function reasonToRefuse(
  webhook: Webhook,
  text: string,
  headers: IncomingHttpHeaders,
): string | null {
  const own = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
    (name) => [name, String(headers[name])] as const,
  );
  try {
    webhook.verify(text, Object.fromEntries(own));
    return null;
  } catch (error) {
    return String(error);
  }
}

function answer(response: ServerResponse, behaviour: Behaviour): void {
  if (behaviour === "hang") return;
  if (behaviour === "drop") {
    response.destroy();
    return;
  }
  if (typeof behaviour === "number") {
    response.writeHead(behaviour).end();
    return;
  }
  const { status, afterMs } = behaviour;
  setTimeout(() => response.writeHead(status).end(), afterMs).unref();
}

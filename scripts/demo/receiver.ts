import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import {
  type VerifiedWebhook,
  verifyWebhook,
  WebhookVerificationError,
} from "../../packages/sdk/src/webhooks/webhook.ts";

/** One webhook request as it came, and what it was answered. */
export interface Arrival {
  id: string;
  type: string;
  /** 1 for the first request. */
  attempt: number;
  /** The headers that make it a webhook, in the order in which they came. */
  headers: readonly (readonly [name: string, value: string])[];
  text: string;
  /** Null when it was not verified. */
  event: VerifiedWebhook<EventBody>["payload"] | null;
  /** Why it was not verified, or null. */
  problem: string | null;
  answered: number;
}

/** As much of a native webhook's body as the demo speaks of. */
export interface EventBody {
  type: string;
  conversation: { id: string; seq: number | null } | null;
  data: Readonly<Record<string, unknown>>;
}

export interface Receiver {
  /** Where webhooks are taken. */
  readonly webhookUrl: string;
  /** `POST` here and the next webhook is answered 503. */
  readonly refuseUrl: string;
  /** The endpoint's secret: from now on signatures are verified with it. */
  trust(secret: string): void;
  /** The first webhook that fits, be it there already or still to come. */
  first(fits: (arrival: Arrival) => boolean): Promise<Arrival>;
  /** Called with each webhook from now on. */
  watch(onArrival: (arrival: Arrival) => void): void;
  close(): Promise<void>;
}

const REFUSED = 503;

/** Somebody's backend: it verifies what comes with the SDK, as the documentation says. */
export async function startReceiver(): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const watchers = new Set<(arrival: Arrival) => void>();
  let secret = "";
  let refusals = 0;

  async function take(request: IncomingMessage): Promise<Arrival> {
    const text = await textOf(request);
    const { event, problem } = await verify(request, text, secret);
    const refuses = problem === null && refusals > 0;
    if (refuses) refusals -= 1;
    return {
      id: String(request.headers["webhook-id"]),
      type: String(request.headers["webhook-event"]),
      attempt: Number(request.headers["webhook-attempt"]),
      headers: Object.entries(request.headers).flatMap(([name, value]) =>
        name.startsWith("webhook-") ? [[name, String(value)] as const] : [],
      ),
      ...{ text, event, problem },
      answered: problem !== null ? 401 : refuses ? REFUSED : 200,
    };
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; words: string }> {
    const route = `${request.method} ${request.url}`;
    if (route === "POST /refuse") {
      refusals += 1;
      const words = refusals === 1 ? "The next webhook is" : `The next ${refusals} webhooks are`;
      return { status: 200, words: `${words} answered ${REFUSED}.\n` };
    }
    if (route !== "POST /webhooks") {
      return { status: 404, words: "There are POST /webhooks and POST /refuse.\n" };
    }
    const arrival = await take(request);
    arrivals.push(arrival);
    // After the answer is on its way: whoever waits may ask Curlew what came of it.
    setImmediate(() => {
      for (const each of [...watchers]) each(arrival);
    });
    return { status: arrival.answered, words: "" };
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, words }) => response.writeHead(status).end(words),
      () => response.destroy(),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const url = `http://127.0.0.1:${address.port}`;

  return {
    webhookUrl: `${url}/webhooks`,
    refuseUrl: `${url}/refuse`,
    trust(given) {
      secret = given;
    },
    first: (fits) =>
      new Promise((resolve) => {
        const found = arrivals.find(fits);
        if (found) return resolve(found);
        const look = (arrival: Arrival): void => {
          if (!fits(arrival)) return;
          watchers.delete(look);
          resolve(arrival);
        };
        watchers.add(look);
      }),
    watch: (onArrival) => void watchers.add(onArrival),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function verify(
  { headers }: IncomingMessage,
  text: string,
  secret: string,
): Promise<Pick<Arrival, "event" | "problem">> {
  try {
    const { payload } = await verifyWebhook<EventBody>({ payload: text, headers, secret });
    return { event: payload, problem: null };
  } catch (error) {
    return { event: null, problem: problemOf(error) };
  }
}

/** Whoever makes a second endpoint at this receiver is told why it refuses that one's webhooks. */
function problemOf(error: unknown): string {
  if (error instanceof WebhookVerificationError && error.code === "signature_mismatch") {
    return "not signed with the secret of step 2";
  }
  return error instanceof Error ? error.message : String(error);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks).toString("utf8");
}

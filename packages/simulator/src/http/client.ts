import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../clock.ts";

const KEPT_ANSWER_BYTES = 4_096;

/** What came back: an answer, or the reason why there was none. */
export type Exchange =
  | { status: number; text: string; contentType: string | null; error: null }
  | { status: null; text: null; contentType: null; error: string };

export interface ClientRequest {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body: Buffer | null;
}

export type HttpClient = ReturnType<typeof createHttpClient>;

/** Calls webhook receivers. Never throws and never follows a redirect; all has to be done in `timeoutMs`. */
export function createHttpClient({ clock, timeoutMs }: { clock: Clock; timeoutMs: number }) {
  const limits = { keepAlive: true, maxSockets: 64 };
  const agents = { http: new HttpAgent(limits), https: new HttpsAgent(limits) };

  async function once(request: ClientRequest): Promise<Exchange & { stale: boolean }> {
    const finished = new AbortController();
    const timeout = clock.sleep(timeoutMs, finished.signal).then(() => "timeout" as const);
    const call = open(request, agents);
    const outcome = await Promise.race([call.answer, timeout]);
    finished.abort();
    if (outcome !== "timeout") return outcome;
    call.abandon();
    const error = `no answer within ${timeoutMs} ms`;
    return { status: null, text: null, contentType: null, error, stale: false };
  }

  return {
    async send(request: ClientRequest): Promise<Exchange> {
      if (!/^https?:\/\//i.test(request.url) || !URL.canParse(request.url)) {
        const error = `not an http(s) URL: ${request.url}`;
        return { status: null, text: null, contentType: null, error };
      }
      let { stale, ...exchange } = await once(request);
      // The receiver closed an idle connection just as it was used again: nothing was delivered.
      if (stale) ({ stale, ...exchange } = await once(request));
      return exchange;
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function open(given: ClientRequest, agents: { http: HttpAgent; https: HttpsAgent }) {
  const isHttps = given.url.toLowerCase().startsWith("https:");
  const headers = {
    ...given.headers,
    ...(given.body ? { "content-length": String(given.body.length) } : {}),
  };
  const options = { method: given.method, headers };
  const request = isHttps
    ? httpsRequest(given.url, { ...options, agent: agents.https })
    : httpRequest(given.url, { ...options, agent: agents.http });
  const answer = new Promise<Exchange & { stale: boolean }>((resolve) => {
    const fail = (error: Error) => {
      const stale = request.reusedSocket && Reflect.get(error, "code") === "ECONNRESET";
      const reason = error.message || error.name;
      resolve({ status: null, text: null, contentType: null, error: reason, stale });
    };
    request.on("error", fail);
    request.once("response", (response) => {
      response.on("error", fail);
      response.on("aborted", () => fail(new Error("the answer was cut off")));
      const { statusCode: status = 0, headers } = response;
      const contentType = headers["content-type"] ?? null;
      readText(response, (text) =>
        resolve({ status, text, contentType, error: null, stale: false }),
      );
    });
    request.end(given.body ?? undefined);
  });
  return { answer, abandon: () => request.destroy() };
}

function readText(response: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on("data", (chunk: Buffer) => {
    if (length < KEPT_ANSWER_BYTES) chunks.push(chunk);
    length += chunk.length;
  });
  response.on("end", () =>
    done(Buffer.concat(chunks).toString("utf8").slice(0, KEPT_ANSWER_BYTES)),
  );
}

import { CurlewConnectionError, CurlewError, CurlewTimeoutError, errorOf } from "./curlew-error.ts";
import { createDeadline } from "./deadline.ts";
import { type Pause, pause as realPause } from "./pause.ts";
import { waitBefore } from "./repetition.ts";

const NOTHING = { status: 204, text: "" };
const TIMEOUT_MS = 60_000;
const MAX_RETRIES = 2;

export interface ClientOptions {
  /** Where Curlew is, such as `https://curlew.example.com`. */
  baseUrl: string;
  apiKey: string;
  /** Acts on this workspace instead of the key's own; for the instance's admin key. */
  workspaceId?: string | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long an answer may take, in milliseconds: a minute when absent, 0 for as long as it takes. */
  timeoutMs?: number | undefined;
  /** How often a request is made again after a failure that passes: 2 when absent, 0 for never. */
  maxRetries?: number | undefined;
  /** Instead of the global `fetch`: a proxy, a test, a log of your own. */
  fetch?: typeof fetch | undefined;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Instead of the client's. */
  timeoutMs?: number | undefined;
  /** Instead of the client's. */
  maxRetries?: number | undefined;
}

export interface IdempotentOptions extends RequestOptions {
  /** The same key and body give the first answer again instead of a second effect, for 24 hours. */
  idempotencyKey?: string | undefined;
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: readonly string[];
  /** Of texts, numbers and booleans; what is undefined is left out. */
  query?: object | undefined;
  body?: unknown;
  /** Sent as it is, instead of JSON. */
  file?: { content: Blob | Uint8Array; type: string };
  headers?: Readonly<Record<string, string>>;
  /** What makes it the same request when it is made again. */
  idempotencyKey?: string;
  /** Done twice it is done once, although it is a POST. */
  isRepeatable?: boolean;
  options?: RequestOptions | undefined;
}

/** Makes one call. Rejects with CurlewError for every answer but 2xx, and where none came. */
export interface Transport {
  <Answer>(call: Call): Promise<Answer>;
  /** The answer itself, to be read as it comes. Asks once, and waits for it as long as it takes. */
  open(call: Call): Promise<Response>;
}

export interface TransportMeans {
  pause: Pause;
  /** In [0, 1). */
  chance(): number;
}

/** Of what is asked or set, and of what has a key, the second time changes nothing. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "PUT", "PATCH", "DELETE"]);

export function createTransport(
  client: ClientOptions,
  { pause, chance }: TransportMeans = { pause: realPause, chance: anyChance },
): Transport {
  const base = baseOf(client);
  const doFetch = client.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));

  async function ask(given: Call, signal = given.options?.signal): Promise<Response> {
    const { method, path, query } = given;
    const url = `${base}/v1/${path.map(segment).join("/")}${queryString(query ?? {})}`;
    const { body, type } = bodyOf(given);
    const headers = {
      ...client.headers,
      accept: "application/json",
      ...given.headers,
      authorization: `Bearer ${client.apiKey}`,
      ...(client.workspaceId ? { "curlew-workspace": client.workspaceId } : {}),
      ...(given.idempotencyKey === undefined ? {} : { "idempotency-key": given.idempotencyKey }),
      ...(type === undefined ? {} : { "content-type": type }),
    };
    const response = await doFetch(url, {
      method,
      headers,
      // Not "error", which not every worker knows.
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    }).catch((cause: unknown) => {
      // Whoever aborts knows why, and asks for their own reason.
      if (signal?.aborted) throw cause;
      throw unreachable(`${method} ${url}`, cause);
    });
    if (response.ok) return response;
    throw await errorOf(response);
  }

  async function attempt(given: Call): Promise<{ status: number; text: string }> {
    const { options, method, path } = given;
    const timeoutMs = options?.timeoutMs ?? client.timeoutMs ?? TIMEOUT_MS;
    const deadline = createDeadline(timeoutMs, options?.signal);
    const what = `${method} ${base}/v1/${path.join("/")}`;
    try {
      const response = await ask(given, deadline.signal);
      const text = await response.text().catch((cause: unknown) => {
        if (deadline.signal.aborted) throw cause;
        throw unreachable(what, cause);
      });
      return { status: response.status, text };
    } catch (error) {
      if (!deadline.isOver()) throw error;
      const message = `${what}: no answer within ${timeoutMs} ms.`;
      throw new CurlewTimeoutError(message, { code: "timeout", cause: error });
    } finally {
      deadline.clear();
    }
  }

  async function insist(given: Call): Promise<{ status: number; text: string }> {
    const { method, idempotencyKey, options } = given;
    const isRepeatable =
      given.isRepeatable ?? (REPEATABLE.has(method) || idempotencyKey !== undefined);
    const maxRetries = options?.maxRetries ?? client.maxRetries ?? MAX_RETRIES;
    let mayBeDone = false;
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt(given);
      } catch (error) {
        if (!(error instanceof CurlewError)) throw error;
        // What an earlier request has deleted is not there any more.
        if (mayBeDone && method === "DELETE" && error.status === 404) return NOTHING;
        mayBeDone ||= error.status !== 429;
        if (failures > maxRetries) throw error;
        const waitMs = waitBefore(error, { failures, isRepeatable, chance: chance() });
        if (waitMs === null) throw error;
        await pause(waitMs, options?.signal);
        options?.signal?.throwIfAborted();
      }
    }
  }

  async function call<Answer>(given: Call): Promise<Answer> {
    const { status, text } = await insist(given);
    try {
      // The server's OpenAPI document promises the shape; a 204 has no body and promises none.
      return (text === "" ? undefined : JSON.parse(text)) as Answer;
    } catch (cause) {
      const message = `HTTP ${status} with a body that is no JSON.`;
      throw new CurlewError(message, { code: "unexpected_answer", status, cause });
    }
  }
  return Object.assign(call, { open: (given: Call) => ask(given) });
}

function unreachable(what: string, cause: unknown): CurlewConnectionError {
  const reason = cause instanceof Error ? ` (${reasonOf(cause)})` : "";
  return new CurlewConnectionError(`${what}: no answer${reason}.`, { code: "unreachable", cause });
}

/** What is behind a `fetch failed`, where something is. */
function reasonOf({ cause, message }: Error): string {
  if (!(cause instanceof Error)) return message;
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
}

/** Mistakes that would otherwise be seen with the first request, and not be understood. */
function baseOf({ baseUrl, apiKey }: ClientOptions): string {
  if (typeof apiKey !== "string" || apiKey === "") {
    throw new TypeError("apiKey is missing: is the environment variable set that it comes from?");
  }
  if (typeof baseUrl !== "string" || !/^https?:\/\/[^/]/.test(baseUrl)) {
    throw new TypeError(
      `baseUrl is where Curlew is, such as https://curlew.example.com, and not ${JSON.stringify(baseUrl)}.`,
    );
  }
  const base = baseUrl.replace(/\/+$/, "");
  if (!base.endsWith("/v1")) return base;
  throw new TypeError(`baseUrl goes without /v1: ${JSON.stringify(base.slice(0, -3))}.`);
}

function bodyOf({ body, file }: Call): {
  body?: Exclude<RequestInit["body"], undefined>;
  type?: string;
} {
  // Bytes of memory that threads share are bytes too; the type of a body does not know them.
  if (file) return { body: file.content as Blob | Uint8Array<ArrayBuffer>, type: file.type };
  if (body === undefined) return {};
  return { body: JSON.stringify(body), type: "application/json" };
}

/** An id that would lead to another address is a mistake of the caller's. */
function segment(text: string): string {
  if (typeof text === "string" && text !== "" && text !== "." && text !== "..") {
    return encodeURIComponent(text);
  }
  throw new TypeError(`${JSON.stringify(text) ?? "undefined"} is not an id.`);
}

function queryString(query: object): string {
  const members: [string, unknown][] = Object.entries(query);
  const given = members.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function anyChance(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random / 2 ** 32;
}

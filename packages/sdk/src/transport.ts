import { CurlewError, errorOf } from "./curlew-error.ts";

export interface ClientOptions {
  /** Where Curlew is, such as `https://curlew.example.com`. */
  baseUrl: string;
  apiKey: string;
  /** Acts on this workspace instead of the key's own; for the instance's admin key. */
  workspaceId?: string;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  /** Instead of the global `fetch`: a proxy, a test, a time limit of your own. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  signal?: AbortSignal;
}

export interface WriteOptions extends RequestOptions {
  /** The same key and body give the first answer again instead of a second effect, for 24 hours. */
  idempotencyKey?: string;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: readonly string[];
  query?: Query;
  body?: unknown;
  /** Sent as it is, instead of JSON. */
  file?: { content: Blob | Uint8Array<ArrayBuffer>; type: string };
  headers?: Readonly<Record<string, string>>;
  options?: WriteOptions | undefined;
}

/** Makes one call. Rejects with CurlewError for every answer but 2xx, and where none came. */
export interface Transport {
  <Answer>(call: Call): Promise<Answer>;
  /** The answer itself, whatever it is, for what is read as it comes. */
  open(call: Call): Promise<Response>;
}

export function createTransport(client: ClientOptions): Transport {
  const base = client.baseUrl.replace(/\/+$/, "");
  const doFetch = client.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));

  async function open(given: Call): Promise<Response> {
    const { method, path, query, options } = given;
    const { body, type } = bodyOf(given);
    const url = `${base}/v1/${path.map(segment).join("/")}${queryString(query ?? {})}`;
    const headers = {
      ...client.headers,
      accept: "application/json",
      ...given.headers,
      authorization: `Bearer ${client.apiKey}`,
      ...(client.workspaceId ? { "curlew-workspace": client.workspaceId } : {}),
      ...(options?.idempotencyKey ? { "idempotency-key": options.idempotencyKey } : {}),
      ...(type === undefined ? {} : { "content-type": type }),
    };
    const signal = options?.signal;
    return doFetch(url, {
      method,
      headers,
      redirect: "error",
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    }).catch((cause: unknown) => {
      // Whoever aborts knows why, and asks for their own reason.
      if (signal?.aborted) throw cause;
      throw new CurlewError(`${method} ${url}: no answer.`, { code: "unreachable", cause });
    });
  }

  async function call<Answer>(given: Call): Promise<Answer> {
    const response = await open(given);
    if (!response.ok) throw await errorOf(response);
    return readAnswer<Answer>(response);
  }
  return Object.assign(call, { open });
}

function bodyOf({ body, file }: Call) {
  if (file) return { body: file.content, type: file.type };
  if (body === undefined) return {};
  return { body: JSON.stringify(body), type: "application/json" };
}

async function readAnswer<Answer>(response: Response): Promise<Answer> {
  const { status } = response;
  try {
    const text = await response.text();
    // The server's OpenAPI document promises the shape; a 204 has no body and promises none.
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  } catch (cause) {
    const message = `HTTP ${status} with a body that is no JSON.`;
    throw new CurlewError(message, { code: "unexpected_answer", status, cause });
  }
}

/** An id that would lead to another address is a mistake of the caller's. */
function segment(text: string): string {
  if (text !== "" && text !== "." && text !== "..") return encodeURIComponent(text);
  throw new TypeError(`${JSON.stringify(text)} is not an id.`);
}

function queryString(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

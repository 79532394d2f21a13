import { basic, type ClientCredentials } from "../../core/endpoints/endpoint-auth.ts";
import type { Failed } from "../network/exchange.ts";
import type { PostRequest, PostResult, Target } from "./webhook-target.ts";

/** Where a token's life is not told, it is taken for this; a 401 ends it sooner. */
const USUAL_LIFE_S = 3_600;
/** A token is not used any more so long before its end, or in the last tenth of a short life. */
const MARGIN_MS = 60_000;
/** After a refusal nobody asks again for so long. */
const REFUSED_MS = 5_000;
const PRINTABLE = /^[\x21-\x7e]+$/;

export interface TokensDeps {
  clock: { monotonic(): number };
  credentials: ClientCredentials;
  /** The connections to the token's URL, behind the guard. */
  target: Target;
}

type Got = { token: string } | { failed: Failed };

/** The access token of one endpoint: fetched when it is needed, shared, and renewed before its end. */
export class AccessTokens {
  readonly #deps: TokensDeps;
  #known: { got: Got; until: number } | null = null;
  #fetching: Promise<Got> | null = null;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  get(deadlineMs: number): Promise<Got> {
    const now = this.#deps.clock.monotonic();
    if (this.#known && now < this.#known.until) return Promise.resolve(this.#known.got);
    this.#fetching ??= this.#fetch(deadlineMs).finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  /** The endpoint does not take this token: the next one is fetched anew. */
  reject(token: string): void {
    if (this.#known && "token" in this.#known.got && this.#known.got.token === token) {
      this.#known = null;
    }
  }

  close(): Promise<void> {
    return this.#deps.target.close();
  }

  async #fetch(deadlineMs: number): Promise<Got> {
    const result = await this.#deps.target.post({ ...asks(this.#deps.credentials), deadlineMs });
    const now = this.#deps.clock.monotonic();
    const answer = read(result);
    if ("failed" in answer) {
      this.#known = { got: answer, until: now + REFUSED_MS };
      return answer;
    }
    const lifeMs = answer.lifeS * 1_000;
    const got = { token: answer.token };
    this.#known = { got, until: now + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) };
    return got;
  }
}

function asks(credentials: ClientCredentials): Pick<PostRequest, "headers" | "body"> {
  const { client_id, client_secret, client_auth, scope, audience } = credentials;
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", scope);
  if (audience !== undefined) form.set("audience", audience);
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  if (client_auth === "basic") {
    // As RFC 6749, 2.3.1 has it: form-encoded first.
    const encoded = (text: string) => new URLSearchParams({ a: text }).toString().slice(2);
    headers["authorization"] = basic(encoded(client_id), encoded(client_secret));
  } else {
    form.set("client_id", client_id);
    form.set("client_secret", client_secret);
  }
  return { headers, body: form.toString() };
}

function read(result: PostResult): { token: string; lifeS: number } | { failed: Failed } {
  if (result.kind === "failed") {
    const detail = `no access token: ${result.detail}`;
    return { failed: { ...result, error: "auth", detail, written: false } };
  }
  const body = readJson(result.body);
  const token = body?.["access_token"];
  const type = body?.["token_type"] ?? "Bearer";
  const isBearer = typeof type === "string" && type.toLowerCase() === "bearer";
  if (result.status === 200 && isBearer && typeof token === "string" && PRINTABLE.test(token)) {
    const life = Number(body?.["expires_in"]);
    return { token, lifeS: life > 0 ? life : USUAL_LIFE_S };
  }
  // What it says beside its error code may repeat what we sent.
  const code = body?.["error"];
  const word = typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : "";
  const detail =
    result.status === 200
      ? "no access token: the answer of the token URL holds none"
      : `no access token: the token URL answered ${result.status}${word}`;
  const { ms } = result;
  return {
    failed: { kind: "failed", error: "auth", detail, ms, written: false, connection: null },
  };
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    // An object's fields, each looked at before it is used.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A target that carries an access token; one that is refused is renewed, and the request sent again once. */
export function authorizedTarget(
  target: Target,
  tokens: AccessTokens,
  clock: { monotonic(): number },
): Target {
  return {
    async post(request) {
      const startedAt = clock.monotonic();
      const elapsed = () => clock.monotonic() - startedAt;
      const send = async (token: string) => {
        const headers = { ...asObject(request.headers), authorization: `Bearer ${token}` };
        const deadlineMs = Math.max(1, request.deadlineMs - elapsed());
        const since = elapsed();
        const result = await target.post({ ...request, headers, deadlineMs });
        if (result.kind === "response") result.firstByteMs += since;
        return { ...result, ms: elapsed() };
      };
      const first = await tokens.get(request.deadlineMs);
      if ("failed" in first) return { ...first.failed, ms: elapsed() };
      const result = await send(first.token);
      if (result.kind === "failed" || result.status !== 401) return result;
      tokens.reject(first.token);
      const next = await tokens.get(Math.max(1, request.deadlineMs - elapsed()));
      if ("failed" in next || next.token === first.token) return result;
      return send(next.token);
    },
    async close() {
      await Promise.all([target.close(), tokens.close()]);
    },
  };
}

function asObject(headers: PostRequest["headers"]): Record<string, string> {
  if (!Array.isArray(headers)) return headers;
  const object: Record<string, string> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) object[headers[i] ?? ""] = headers[i + 1] ?? "";
  return object;
}

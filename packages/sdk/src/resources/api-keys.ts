import { listCalls } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

/** What a key may do; `*` is all of it, and what later versions bring. */
export type Scope =
  | "*"
  | "accounts:read"
  | "accounts:write"
  | "api_keys:read"
  | "api_keys:write"
  | "audit_log:read"
  | "channels:read"
  | "channels:write"
  | "conversations:read"
  | "conversations:write"
  | "deliveries:read"
  | "deliveries:write"
  | "endpoints:read"
  | "endpoints:write"
  | "events:expunge"
  | "events:read"
  | "events:write"
  | "members:read"
  | "members:write"
  | "messages:read"
  | "messages:send"
  | "settings:read"
  | "settings:write";

/** A key, without the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  /** How it begins, and how it ends. */
  prefix: string;
  last4: string;
  scopes: string[];
  /** It sees and uses only what is this account's. */
  account_id: string | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  /** The key that it replaces. */
  rotated_from: string | null;
  created_at: string;
}

/** `key` is shown here and never again. */
export type NewApiKey = ApiKey & { key: string };

export interface ApiKeyDraft {
  name: string;
  scopes: readonly Scope[];
  /** Confines it to this account. */
  account_id?: string;
  /** RFC 3339. */
  expires_at?: string;
}

export type ApiKeys = ReturnType<typeof apiKeyCalls>;

export function apiKeyCalls(call: Transport) {
  const path = ["api-keys"];
  return {
    create: (body: ApiKeyDraft, options?: RequestOptions) =>
      call<NewApiKey>({ method: "POST", path, body, options }),
    ...listCalls<ApiKey>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<ApiKey>({ method: "GET", path: [...path, id], options }),
    /** Makes another one in its place; the old one goes on working for `overlap_s`, a day when absent. */
    rotate: (id: string, body: { overlap_s?: number } = {}, options?: RequestOptions) =>
      call<NewApiKey>({ method: "POST", path: [...path, id, "rotate"], body, options }),
    /** It stops working at once. */
    revoke: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: [...path, id], options }),
  };
}

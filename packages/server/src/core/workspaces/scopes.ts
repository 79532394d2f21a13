/** What an API key may be allowed to do. A noun's `write` does not carry its `read`. */
export const SCOPES = [
  "endpoints:read",
  "endpoints:write",
  "deliveries:read",
  "deliveries:write",
  "events:read",
  "events:write",
  "events:expunge",
  "channels:read",
  "channels:write",
  "conversations:read",
  "conversations:write",
  "messages:read",
  "messages:send",
  "accounts:read",
  "accounts:write",
  "api_keys:read",
  "api_keys:write",
  "settings:read",
  "settings:write",
  "members:read",
  "members:write",
  "audit_log:read",
] as const;

export type Scope = (typeof SCOPES)[number];

/** Stands for every scope there is, those of later versions included. */
export const EVERY_SCOPE = "*";

const KNOWN: ReadonlySet<string> = new Set(SCOPES);
const ALL: ReadonlySet<Scope> = new Set(SCOPES);

function isScope(text: string): text is Scope {
  return KNOWN.has(text);
}

/** The scopes that a key's stored list stands for. A scope that this version does not know grants nothing. */
export function grantedScopes(stored: readonly string[]): ReadonlySet<Scope> {
  return stored.includes(EVERY_SCOPE) ? ALL : new Set(stored.filter(isScope));
}

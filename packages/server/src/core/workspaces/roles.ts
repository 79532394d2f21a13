import { SCOPES, type Scope } from "./scopes.ts";

/** What a person may be in a workspace. */
export const ROLES = ["owner", "developer", "agent", "read_only"] as const;

export type Role = (typeof ROLES)[number];

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

/** Only an owner says who may do what, what the workspace is, and what of it is destroyed for good. */
const OWNERS: readonly Scope[] = [
  "members:write",
  "settings:write",
  "audit_log:read",
  "events:expunge",
];
const AGENTS: readonly Scope[] = [
  "conversations:read",
  "conversations:write",
  "messages:read",
  "messages:send",
  "channels:read",
  "accounts:read",
  "events:read",
  "deliveries:read",
  "endpoints:read",
  "members:read",
  "settings:read",
];

const SCOPES_OF: Record<Role, ReadonlySet<Scope>> = {
  owner: new Set(SCOPES),
  developer: new Set(SCOPES.filter((scope) => !OWNERS.includes(scope))),
  agent: new Set(AGENTS),
  read_only: new Set(
    SCOPES.filter((scope) => scope.endsWith(":read") && scope !== "audit_log:read"),
  ),
};

/** What somebody with this role may do: the same scopes that API keys have. */
export function scopesOf(role: Role): ReadonlySet<Scope> {
  return SCOPES_OF[role];
}

import { listCalls, type PageQuery } from "../calls/page.ts";
import type { Transport } from "../calls/transport.ts";

/** Something that was changed, and by whom. */
export interface AuditEntry {
  id: string;
  at: string;
  actor: { kind: "admin" | "key" | "member"; id: string | null; name: string | null };
  /** Such as `PATCH /v1/endpoints/:id`. */
  operation: string;
  path: string;
  ip: string | null;
  request_id: string;
}

export interface AuditLogQuery extends PageQuery {
  actor_id?: string;
  /** What was done to one thing: its id. */
  object_id?: string;
}

export type AuditLog = ReturnType<typeof auditLogCalls>;

export function auditLogCalls(call: Transport) {
  return listCalls<AuditEntry, AuditLogQuery>(call, ["audit-log"]);
}

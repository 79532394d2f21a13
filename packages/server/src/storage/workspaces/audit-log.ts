import type { Queryable } from "../../core/events/recording.ts";

/** Somebody changed something. */
export interface AuditEntry {
  id: string;
  at: number;
  actorKind: "admin" | "key" | "member";
  /** The key's uuid or the person's id. */
  actorId: string | null;
  /** The person's or the key's name, while there is one. */
  actorName: string | null;
  /** The route: `PATCH /v1/endpoints/{id}`. */
  operation: string;
  /** What was asked: `/v1/endpoints/ep_…`. */
  path: string;
  requestId: string;
  ip: string | null;
}

export async function insertAuditEntry(
  db: Queryable,
  entry: Omit<AuditEntry, "actorName"> & { workspaceId: string; method: string },
): Promise<void> {
  const { id, workspaceId, at, actorKind, actorId, operation, method, path, requestId, ip } = entry;
  await db.query({
    name: "insert_audit_entry",
    text: `insert into audit_entry (id, workspace_id, at, actor_kind, actor_id, operation, method, path, request_id, ip)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      id,
      workspaceId,
      new Date(at),
      actorKind,
      actorId,
      operation,
      method,
      path,
      requestId,
      ip,
    ],
  });
}

/** The newest first; those before `before` when it is given. */
export async function listAuditEntries(
  db: Queryable,
  o: {
    workspaceId: string;
    limit: number;
    before: string | undefined;
    actorId: string | undefined;
    /** What the change was of, as it stands in the path. */
    objectId: string | undefined;
  },
): Promise<AuditEntry[]> {
  const { rows } = await db.query<AuditEntry>({
    text: `select e.id, e.at, e.actor_kind as "actorKind", e.actor_id as "actorId",
        coalesce(p.name, k.name) as "actorName", e.operation, e.path, e.request_id as "requestId", e.ip
      from audit_entry e
      left join person p on e.actor_kind = 'member' and p.id = e.actor_id
      left join api_key k on e.actor_kind = 'key' and k.id::text = e.actor_id
      where e.workspace_id = $1 and ($2::uuid is null or e.id < $2) and ($3::text is null or e.actor_id = $3)
        and ($4::text is null or position('/' || $4 || '/' in e.path || '/') > 0)
      order by e.id desc limit $5`,
    values: [o.workspaceId, o.before ?? null, o.actorId ?? null, o.objectId ?? null, o.limit],
  });
  return rows;
}

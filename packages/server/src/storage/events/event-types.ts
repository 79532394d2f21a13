import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";

/** A type of a workspace's own. */
export interface OwnType {
  type: string;
  description: string;
  /** JSON Schema of `data`, and an example of it: JSON texts. */
  schema: string | null;
  example: string | null;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `type, description, schema, example, created_at as "createdAt", updated_at as "updatedAt"`;

export async function listOwnTypes(db: Queryable, workspaceId: string): Promise<OwnType[]> {
  const { rows } = await db.query<OwnType>({
    text: `select ${COLUMNS} from event_type where workspace_id = $1 order by type`,
    values: [workspaceId],
  });
  return rows;
}

export async function findOwnType(
  db: Queryable,
  workspaceId: string,
  type: string,
): Promise<OwnType | null> {
  const { rows } = await db.query<OwnType>({
    text: `select ${COLUMNS} from event_type where workspace_id = $1 and type = $2`,
    values: [workspaceId, type],
  });
  return rows[0] ?? null;
}

/** Describes a type, anew when it was described before. */
export async function putOwnType(
  tx: Tx,
  workspaceId: string,
  own: Pick<OwnType, "type" | "description" | "schema" | "example"> & { now: number },
): Promise<OwnType> {
  const { rows } = await tx.query<OwnType>({
    text: `insert into event_type as t (workspace_id, type, description, schema, example, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $6)
      on conflict (workspace_id, type) do update set description = excluded.description,
        schema = excluded.schema, example = excluded.example, updated_at = excluded.updated_at
      returning ${COLUMNS}`,
    values: [workspaceId, own.type, own.description, own.schema, own.example, new Date(own.now)],
  });
  const [row] = rows;
  if (!row) throw new Error("an insert gave no row");
  return row;
}

/** False when it was not described. */
export async function deleteOwnType(tx: Tx, workspaceId: string, type: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "delete from event_type where workspace_id = $1 and type = $2",
    values: [workspaceId, type],
  });
  return rowCount === 1;
}

export async function countOwnTypes(db: Queryable, workspaceId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: "select count(*)::int as count from event_type where workspace_id = $1",
    values: [workspaceId],
  });
  return rows[0]?.count ?? 0;
}

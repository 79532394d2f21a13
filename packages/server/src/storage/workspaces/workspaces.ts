import type { Queryable } from "../../core/events/recording.ts";
import type { Connections, Tx } from "../connections/connections.ts";
import { build, run } from "../connections/statement.ts";

export interface Workspace {
  id: string;
  serial: number;
  name: string;
  plan: string;
  /** JSON text. */
  settings: string;
  isDefault: boolean;
  addOns: string[];
  trialEndsAt: number | null;
  createdAt: number;
}

const columns = [
  "id",
  "serial",
  "name",
  "plan",
  "settings",
  "is_default as isDefault",
  "add_ons as addOns",
  "trial_ends_at as trialEndsAt",
  "created_at as createdAt",
] as const;

const live = () => build.selectFrom("workspace").select(columns).where("deleted_at", "is", null);

/** The workspace that the admin key acts on when it names no other. Made once, by whoever comes first. */
export async function ensureDefaultWorkspace(
  connections: Connections,
  { id, now }: { id: string; now: number },
): Promise<Workspace> {
  const db = connections.pool;
  await db.query({
    text: `insert into workspace (id, name, is_default, created_at) values ($1, 'Default', true, $2)
      on conflict (is_default) where is_default do nothing`,
    values: [id, new Date(now)],
  });
  const [workspace] = await run(db, live().where("is_default", "=", true));
  if (!workspace) throw new Error("the default workspace is gone");
  return workspace;
}

export async function insertWorkspace(
  db: Queryable,
  { id, name, now }: { id: string; name: string; now: number },
): Promise<Workspace> {
  const [workspace] = await run(
    db,
    build
      .insertInto("workspace")
      .values({ id, name, created_at: new Date(now) })
      .returning(columns),
  );
  if (!workspace) throw new Error("an insert gave no row");
  return workspace;
}

export async function findWorkspace(db: Queryable, id: string): Promise<Workspace | null> {
  const [workspace] = await run(db, live().where("id", "=", id));
  return workspace ?? null;
}

/** The newest first; from `before` on when it is given. */
export function listWorkspaces(
  db: Queryable,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<Workspace[]> {
  let query = live().orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return run(db, query);
}

/** Null when there is no such workspace. */
export async function updateWorkspace(
  tx: Tx,
  id: string,
  {
    addOns,
    trialEndsAt,
    ...changes
  }: {
    name?: string;
    settings?: string;
    plan?: string;
    addOns?: readonly string[];
    trialEndsAt?: number | null;
  },
): Promise<Workspace | null> {
  const [workspace] = await run(
    tx,
    build
      .updateTable("workspace")
      // An update must set something; whether it is the default stays what it is.
      .set((row) => ({
        is_default: row.ref("is_default"),
        ...changes,
        ...(addOns === undefined ? {} : { add_ons: [...addOns] }),
        ...(trialEndsAt === undefined
          ? {}
          : { trial_ends_at: trialEndsAt === null ? null : new Date(trialEndsAt) }),
      }))
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .returning(columns),
  );
  return workspace ?? null;
}

/**
 * Keeps the digest of the instance's admin key unless there is one. False when there was: whoever
 * is first made the key that counts.
 */
export async function keepAdminDigest(db: Queryable, digest: Buffer): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "update instance set admin_digest = $1 where admin_digest is null",
    values: [digest],
  });
  return rowCount === 1;
}

/** Takes it back, if it is still this one. */
export async function dropAdminDigest(db: Queryable, digest: Buffer): Promise<void> {
  await db.query({
    text: "update instance set admin_digest = null where admin_digest = $1",
    values: [digest],
  });
}

export async function findAdminDigest(db: Queryable): Promise<Buffer | null> {
  const { rows } = await db.query<{ digest: Buffer | null }>(
    "select admin_digest as digest from instance",
  );
  return rows[0]?.digest ?? null;
}

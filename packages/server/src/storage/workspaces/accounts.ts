import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";
import { build, run } from "../connections/statement.ts";

export interface Account {
  id: string;
  serial: number;
  workspaceId: string;
  name: string;
  externalId: string | null;
  /** JSON text: what this level says of `Settings`. */
  settings: string;
  createdAt: number;
}

/** What a principal may see: all of its workspace, or one account of it alone. */
export interface Owner {
  workspaceId: string;
  accountId: string | null;
}

const columns = [
  "id",
  "serial",
  "workspace_id as workspaceId",
  "name",
  "external_id as externalId",
  "settings",
  "created_at as createdAt",
] as const;

function visible({ workspaceId, accountId }: Owner) {
  const accounts = build
    .selectFrom("account")
    .select(columns)
    .where("workspace_id", "=", workspaceId)
    .where("deleted_at", "is", null);
  return accountId === null ? accounts : accounts.where("id", "=", accountId);
}

/** The newest first; those before `before` when it is given. */
export function listAccounts(
  db: Queryable,
  owner: Owner,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<Account[]> {
  let query = visible(owner).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return run(db, query);
}

export async function findAccount(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Account | null> {
  const [account] = await run(db, visible(owner).where("id", "=", id));
  return account ?? null;
}

/** Which of these accounts there are, as far as `owner` may see them. */
export async function existingAccounts(
  db: Queryable,
  owner: Owner,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await run(db, visible(owner).where("id", "in", ids));
  return new Set(rows.map(({ id }) => id));
}

export interface AccountDraft {
  id: string;
  workspaceId: string;
  name: string;
  externalId: string | null;
  settings: string;
  createdAt: number;
}

export async function insertAccount(tx: Tx, draft: AccountDraft): Promise<Account> {
  const [account] = await run(
    tx,
    build
      .insertInto("account")
      .values({
        id: draft.id,
        workspace_id: draft.workspaceId,
        name: draft.name,
        external_id: draft.externalId,
        settings: draft.settings,
        created_at: new Date(draft.createdAt),
      })
      .returning(columns),
  );
  if (!account) throw new Error("an insert gave no row");
  return account;
}

export async function updateAccount(
  tx: Tx,
  { id, name, externalId, settings }: Pick<Account, "id" | "name" | "externalId" | "settings">,
): Promise<void> {
  await run(
    tx,
    build
      .updateTable("account")
      .set({ name, external_id: externalId, settings })
      .where("id", "=", id),
  );
}

/** What would be left without its account, by kind. */
export async function countDependants(
  db: Queryable,
  accountId: string,
): Promise<{ channels: number; endpoints: number }> {
  const { rows } = await db.query<{ channels: number; endpoints: number }>({
    text: `select
        (select count(*)::int from channel where account_id = $1 and deleted_at is null) as channels,
        (select count(*)::int from endpoint
          where owner_account_id = $1 and deleted_at is null) as endpoints`,
    values: [accountId],
  });
  return rows[0] ?? { channels: 0, endpoints: 0 };
}

/** The row stays for what refers to it. */
export async function deleteAccount(tx: Tx, id: string, now: number): Promise<void> {
  await tx.query({
    text: "update account set deleted_at = $2 where id = $1",
    values: [id, new Date(now)],
  });
}

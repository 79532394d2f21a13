import type { Queryable } from "../../core/events/recording.ts";
import { isRole, type Role } from "../../core/workspaces/roles.ts";
import type { Tx } from "../connections/connections.ts";

export interface Person {
  id: string;
  name: string;
  email: string;
}

export interface Membership {
  workspaceId: string;
  workspaceName: string;
  isDefault: boolean;
  role: Role;
}

export interface Member extends Person {
  role: Role;
  twoFactor: boolean;
  createdAt: number;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  createdAt: number;
  expiresAt: number;
}

/** Whether anybody can sign in. Until then the first who comes makes the owner's account. */
export async function isAnybodyThere(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ yes: boolean }>("select exists (select from person) as yes");
  return rows[0]?.yes === true;
}

/** Makes one process at a time make the first owner. */
export async function lockPeople(tx: Tx): Promise<void> {
  await tx.query("lock table person in share row exclusive mode");
}

/** A person who signs in with a password, of which the hash is kept. False when the address is taken. */
export async function insertPerson(
  tx: Tx,
  { id, name, email, passwordHash, now }: Person & { passwordHash: string; now: number },
): Promise<boolean> {
  const at = new Date(now);
  const { rowCount } = await tx.query({
    text: `insert into person (id, name, email, created_at, updated_at) values ($1, $2, $3, $4, $4)
      on conflict (email) do nothing`,
    values: [id, name, email, at],
  });
  if (rowCount === 0) return false;
  await tx.query({
    text: `insert into credential (id, person_id, account_id, provider_id, password, created_at, updated_at)
      values ($1, $1, $1, 'credential', $2, $3, $3)`,
    values: [id, passwordHash, at],
  });
  return true;
}

export async function findPersonByEmail(db: Queryable, email: string): Promise<Person | null> {
  const { rows } = await db.query<Person>({
    text: "select id, name, email from person where email = $1",
    values: [email],
  });
  return rows[0] ?? null;
}

/** Gives somebody a role; the one they had is replaced. */
export async function putMember(
  tx: Tx,
  {
    workspaceId,
    personId,
    role,
    now,
  }: { workspaceId: string; personId: string; role: Role; now: number },
): Promise<void> {
  await tx.query({
    text: `insert into member (workspace_id, person_id, role, created_at) values ($1, $2, $3, $4)
      on conflict (workspace_id, person_id) do update set role = excluded.role`,
    values: [workspaceId, personId, role, new Date(now)],
  });
}

export async function deleteMember(
  tx: Tx,
  workspaceId: string,
  personId: string,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "delete from member where workspace_id = $1 and person_id = $2",
    values: [workspaceId, personId],
  });
  return rowCount === 1;
}

/** Locks a workspace's owners and counts them: the last one cannot go. */
export async function lockOwners(tx: Tx, workspaceId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>({
    text: `select person_id as id from member where workspace_id = $1 and role = 'owner'
      order by person_id for update`,
    values: [workspaceId],
  });
  return rows.map(({ id }) => id);
}

/** Everybody in a workspace, who came first comes first. */
export async function listMembers(db: Queryable, workspaceId: string): Promise<Member[]> {
  const { rows } = await db.query<Omit<Member, "role"> & { role: string }>({
    text: `select p.id, p.name, p.email, coalesce(p.two_factor_enabled, false) as "twoFactor", m.role,
        m.created_at as "createdAt"
      from member m join person p on p.id = m.person_id where m.workspace_id = $1
      order by m.created_at, p.id`,
    values: [workspaceId],
  });
  return rows.flatMap((row) => (isRole(row.role) ? [{ ...row, role: row.role }] : []));
}

/** Where somebody is a member, the default workspace first. */
export async function listMemberships(db: Queryable, personId: string): Promise<Membership[]> {
  const { rows } = await db.query<Omit<Membership, "role"> & { role: string }>({
    name: "list_memberships",
    text: `select w.id as "workspaceId", w.name as "workspaceName", w.is_default as "isDefault", m.role
      from member m join workspace w on w.id = m.workspace_id and w.deleted_at is null
      where m.person_id = $1 order by w.is_default desc, w.id`,
    values: [personId],
  });
  return rows.flatMap((row) => (isRole(row.role) ? [{ ...row, role: row.role }] : []));
}

export async function insertInvitation(
  tx: Queryable,
  invitation: Invitation & { workspaceId: string; digest: Buffer },
): Promise<void> {
  const { id, workspaceId, email, role, digest, createdAt, expiresAt } = invitation;
  await tx.query({
    text: `insert into invitation (id, workspace_id, email, role, digest, created_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [id, workspaceId, email, role, digest, new Date(createdAt), new Date(expiresAt)],
  });
}

export async function listInvitations(db: Queryable, workspaceId: string): Promise<Invitation[]> {
  const { rows } = await db.query<Omit<Invitation, "role"> & { role: string }>({
    text: `select id, email, role, created_at as "createdAt", expires_at as "expiresAt" from invitation
      where workspace_id = $1 order by id desc`,
    values: [workspaceId],
  });
  return rows.flatMap((row) => (isRole(row.role) ? [{ ...row, role: row.role }] : []));
}

export async function deleteInvitation(
  db: Queryable,
  workspaceId: string,
  id: string,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "delete from invitation where workspace_id = $1 and id = $2",
    values: [workspaceId, id],
  });
  return rowCount === 1;
}

/** Whom an invitation that still counts was made out to. */
export async function findInvitedEmail(
  db: Queryable,
  digest: Buffer,
  now: number,
): Promise<string | null> {
  const { rows } = await db.query<{ email: string }>({
    text: "select email from invitation where digest = $1 and expires_at > $2",
    values: [digest, new Date(now)],
  });
  return rows[0]?.email ?? null;
}

/** Takes an invitation: it can be taken once, and not after its time. */
export async function takeInvitation(
  tx: Tx,
  digest: Buffer,
  now: number,
): Promise<{ workspaceId: string; email: string; role: Role } | null> {
  const { rows } = await tx.query<{ workspaceId: string; email: string; role: string }>({
    text: `delete from invitation where digest = $1 and expires_at > $2
      returning workspace_id as "workspaceId", email, role`,
    values: [digest, new Date(now)],
  });
  const [row] = rows;
  return row && isRole(row.role) ? { ...row, role: row.role } : null;
}

/** Keeps what sessions are signed with, unless there is something; answers what counts. Sealed. */
export async function keepSignInSecret(db: Queryable, sealed: string): Promise<string> {
  await db.query({
    text: "update instance set sign_in_secret = $1 where sign_in_secret is null",
    values: [sealed],
  });
  const { rows } = await db.query<{ sealed: string }>(
    "select sign_in_secret as sealed from instance",
  );
  const [row] = rows;
  if (!row) throw new Error("the instance's row is gone");
  return row.sealed;
}

import type { Queryable } from "../../core/events/recording.ts";
import type { InstagramLogin } from "../../core/messages/channel-kinds.ts";
import type { Tx } from "../connections/connections.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "../workspaces/accounts.ts";

export interface Channel {
  id: string;
  serial: number;
  workspaceId: string;
  accountId: string | null;
  kind: string;
  name: string;
  externalId: string;
  wabaId: string | null;
  messagingServiceSid: string | null;
  /** Of Instagram channels alone. */
  login: InstagramLogin | null;
  /** Sealed JSON of `{access_token?, app_secret?, …}`; see `credentialsPlace`. */
  credentials: string | null;
  /** JSON text: what this level says of `Settings`. */
  settings: string;
  isDefault: boolean;
  state: "connected" | "paused" | "degraded";
  stateReason: string | null;
  pausedUntil: number | null;
  createdAt: number;
  updatedAt: number;
}

const columns = [
  "id",
  "serial",
  "workspace_id as workspaceId",
  "account_id as accountId",
  "kind",
  "name",
  "external_id as externalId",
  "waba_id as wabaId",
  "messaging_service_sid as messagingServiceSid",
  "login",
  "credentials",
  "settings",
  "is_default as isDefault",
  "state",
  "state_reason as stateReason",
  "paused_until as pausedUntil",
  "created_at as createdAt",
  "updated_at as updatedAt",
] as const;

/** Where a channel's credentials are sealed for. */
export function credentialsPlace(channelId: string) {
  return { table: "channel", row: channelId, column: "credentials" };
}

const live = () => build.selectFrom("channel").select(columns).where("deleted_at", "is", null);

function visible({ workspaceId, accountId }: Owner) {
  const channels = live().where("workspace_id", "=", workspaceId);
  return accountId === null ? channels : channels.where("account_id", "=", accountId);
}

/** The newest first; those before `before` when it is given. */
export function listChannels(
  db: Queryable,
  owner: Owner,
  page: { limit: number; before: string | undefined; kind: string | undefined; troubled?: boolean },
): Promise<Channel[]> {
  let query = visible(owner).orderBy("id", "desc").limit(page.limit);
  if (page.troubled === true) query = query.where("state", "<>", "connected");
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  if (page.kind !== undefined) query = query.where("kind", "=", page.kind);
  return run(db, query);
}

export async function findChannel(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Channel | null> {
  const [channel] = await run(db, visible(owner).where("id", "=", id));
  return channel ?? null;
}

/** The channels of every workspace whose addresses begin with one of these. */
export async function listChannelsAddressed(
  db: Queryable,
  starts: readonly string[],
): Promise<Channel[]> {
  return run(
    db,
    live()
      .where((eb) => eb.or(starts.map((start) => eb("external_id", "like", `${start}%`))))
      .orderBy("id"),
  );
}

/** The channel at an address, as far as `owner` may see it. */
export async function findChannelAt(
  db: Queryable,
  owner: Owner,
  { kind, externalId }: { kind: string; externalId: string },
): Promise<Channel | null> {
  const [channel] = await run(
    db,
    visible(owner).where("kind", "=", kind).where("external_id", "=", externalId),
  );
  return channel ?? null;
}

/** Whether somebody else has connected it: another workspace, or another account than the owner is confined to. */
export async function isTakenByOthers(
  db: Queryable,
  owner: Owner,
  at: { kind: string; externalId: string },
): Promise<boolean> {
  const taken = await run(
    db,
    build
      .selectFrom("channel")
      .select("id")
      .where("kind", "=", at.kind)
      .where("external_id", "=", at.externalId)
      .where("deleted_at", "is", null),
  );
  return taken.length > 0 && (await findChannelAt(db, owner, at)) === null;
}

/** Which of these channels there are, as far as `owner` may see them. */
export async function existingChannels(
  db: Queryable,
  owner: Owner,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await run(db, visible(owner).where("id", "in", ids));
  return new Set(rows.map(({ id }) => id));
}

/** The kinds of channels that are connected, as far as `owner` may see them. */
export async function connectedKinds(db: Queryable, owner: Owner): Promise<ReadonlySet<string>> {
  const rows = await run(db, visible(owner).where("state", "=", "connected"));
  return new Set(rows.map(({ kind }) => kind));
}

/** The kinds of these channels. */
export async function kindsOf(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await run(db, live().where("id", "in", ids));
  return rows.map(({ kind }) => kind);
}

export interface ChannelDraft {
  id: string;
  workspaceId: string;
  accountId: string | null;
  kind: string;
  name: string;
  externalId: string;
  wabaId: string | null;
  messagingServiceSid: string | null;
  login: InstagramLogin | null;
  credentials: string | null;
  settings: string;
  isDefault: boolean;
  createdAt: number;
}

/** Null when the address is connected already, here or in any other workspace. */
export async function insertChannel(tx: Tx, draft: ChannelDraft): Promise<Channel | null> {
  const now = new Date(draft.createdAt);
  const [channel] = await run(
    tx,
    build
      .insertInto("channel")
      .values({
        id: draft.id,
        workspace_id: draft.workspaceId,
        account_id: draft.accountId,
        kind: draft.kind,
        name: draft.name,
        external_id: draft.externalId,
        waba_id: draft.wabaId,
        messaging_service_sid: draft.messagingServiceSid,
        login: draft.login,
        credentials: draft.credentials,
        settings: draft.settings,
        is_default: draft.isDefault,
        state_reason: null,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) =>
        conflict.columns(["kind", "external_id"]).where("deleted_at", "is", null).doNothing(),
      )
      .returning(columns),
  );
  return channel ?? null;
}

/** Writes what a person may change of a channel. */
export async function updateChannel(tx: Tx, channel: Channel): Promise<void> {
  await run(
    tx,
    build
      .updateTable("channel")
      .set({
        name: channel.name,
        waba_id: channel.wabaId,
        login: channel.login,
        credentials: channel.credentials,
        settings: channel.settings,
        is_default: channel.isDefault,
        state: channel.state,
        state_reason: channel.stateReason,
        paused_until: channel.pausedUntil === null ? null : new Date(channel.pausedUntil),
        updated_at: new Date(channel.updatedAt),
      })
      .where("id", "=", channel.id),
  );
}

/** Leaves this channel the only default of its account and kind. */
export async function clearOtherDefaults(
  tx: Tx,
  { id, workspaceId, accountId, kind }: Pick<Channel, "id" | "workspaceId" | "accountId" | "kind">,
): Promise<void> {
  await tx.query({
    text: `update channel set is_default = false
      where workspace_id = $1 and account_id is not distinct from $2 and kind = $3
        and id <> $4 and is_default`,
    values: [workspaceId, accountId, kind, id],
  });
}

/** The row stays for its conversations; the address is free and the credentials are gone. */
export async function deleteChannel(tx: Tx, id: string, now: number): Promise<void> {
  await tx.query({
    text: `update channel set deleted_at = $2, updated_at = $2, credentials = null, is_default = false
      where id = $1`,
    values: [id, new Date(now)],
  });
}

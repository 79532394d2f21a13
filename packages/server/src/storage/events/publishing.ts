import type { AccountRow, ConversationRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";
import type { KeyName } from "../idempotency.ts";

export interface LockedConversation extends ConversationRow {
  seq: number;
  lastEventId: string;
  channelId: string;
  contactId: string;
}

/** Locks conversations in the order that is the same everywhere; those that there are, by id. */
export async function lockForPublishing(
  tx: Queryable,
  ids: readonly string[],
): Promise<Map<string, LockedConversation>> {
  const { rows } = await tx.query<LockedConversation>({
    name: "lock_for_publishing",
    text: `select id, serial, seq, last_event_id as "lastEventId", status, last_inbound_at as "lastInboundAt", ticket_ref as "ticketRef",
        first_touch as "firstTouch", channel_id as "channelId", contact_id as "contactId"
      from conversation where id = any($1::uuid[]) order by id for update`,
    values: [uuids(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Accounts with their workspaces, by id; those that are deleted are left out. */
export async function readAccounts(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, AccountRow & { workspaceId: string }>> {
  const { rows } = await db.query<AccountRow & { workspaceId: string }>({
    name: "read_accounts",
    text: `select id, serial, workspace_id as "workspaceId", name, external_id as "externalId"
      from account where id = any($1::uuid[]) and deleted_at is null`,
    values: [uuids(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Keeps which event each of these keys has made, and the hash of the request that made it. */
export async function keepPublished(
  tx: Queryable,
  keys: readonly (KeyName & { hash: Buffer; eventId: string })[],
): Promise<void> {
  await tx.query({
    name: "keep_published",
    text: `update idempotency k set refs = array[i.event_id], hash = decode(i.hash, 'hex')
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[])
        as i (workspace_id, route, key, hash, event_id)
      where k.workspace_id = i.workspace_id and k.route = i.route and k.key = i.key`,
    values: [
      ...columnsOf(keys),
      texts(keys.map((each) => each.hash.toString("hex"))),
      uuids(keys.map((each) => each.eventId)),
    ],
  });
}

/** Lets go of keys that this transaction has claimed and made nothing under. */
export async function releaseKeys(tx: Queryable, keys: readonly KeyName[]): Promise<void> {
  await tx.query({
    text: `delete from idempotency k using unnest($1::uuid[], $2::text[], $3::text[]) as i (workspace_id, route, key)
      where k.workspace_id = i.workspace_id and k.route = i.route and k.key = i.key`,
    values: columnsOf(keys),
  });
}

function columnsOf(keys: readonly KeyName[]): Buffer[] {
  return [
    uuids(keys.map((each) => each.workspaceId)),
    texts(keys.map((each) => each.route)),
    texts(keys.map((each) => each.key)),
  ];
}

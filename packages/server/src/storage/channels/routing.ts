import type { AccountRow, ChannelRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { ChannelAddress } from "../../core/messages/inbound.ts";
import { answersItself, purges, settleRows } from "../../core/workspaces/settings.ts";
import { texts, uuids } from "../connections/columns.ts";

/** Whose a channel is: what everything that happens on it is recorded under. */
export interface RoutedChannel {
  workspaceId: string;
  account: AccountRow | null;
  channel: ChannelRow;
  /** Our own AI answers there. */
  aiEnabled: boolean;
  /** What customers write there is forwarded once, and kept nowhere. */
  purges: boolean;
}

export function keyOfAddress({ kind, externalId }: ChannelAddress): string {
  return `${kind} ${externalId}`;
}

interface Row {
  id: string;
  serial: number;
  kind: ChannelKind;
  name: string;
  externalId: string;
  workspaceId: string;
  accountId: string | null;
  accountSerial: number;
  accountName: string;
  accountExternalId: string | null;
  workspaceSettings: string;
  accountSettings: string | null;
  channelSettings: string;
}

/** A `Row` of channel `c`, its workspace `w` and its account `a`. */
const ROUTE = `c.id, c.serial, c.kind, c.name, c.external_id as "externalId",
        c.workspace_id as "workspaceId", a.id as "accountId", a.serial as "accountSerial",
        a.name as "accountName", a.external_id as "accountExternalId",
        w.settings as "workspaceSettings", a.settings as "accountSettings", c.settings as "channelSettings"`;

/** The connected channels at these addresses, by `keyOfAddress`. An address leads to one channel of the instance. */
export async function routeAddresses(
  db: Queryable,
  addresses: readonly ChannelAddress[],
): Promise<Map<string, RoutedChannel>> {
  if (addresses.length === 0) return new Map();
  const { rows } = await db.query<Row>({
    name: "route_addresses",
    text: `select ${ROUTE}
      from unnest($1::text[], $2::text[]) as i (kind, external_id)
      join channel c on c.kind = i.kind and c.external_id = i.external_id and c.deleted_at is null
      join workspace w on w.id = c.workspace_id and w.deleted_at is null
      left join account a on a.id = c.account_id`,
    values: [
      texts(addresses.map((each) => each.kind)),
      texts(addresses.map((each) => each.externalId)),
    ],
  });
  return new Map(rows.map((row) => [keyOfAddress(row), routed(row)]));
}

/** All connected channels of these WhatsApp business accounts, by the account's id, the oldest first. */
export async function routeBusinessAccounts(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, RoutedChannel[]>> {
  const found = new Map<string, RoutedChannel[]>();
  if (ids.length === 0) return found;
  const { rows } = await db.query<Row & { wabaId: string }>({
    name: "route_business_accounts",
    text: `select ${ROUTE}, c.waba_id as "wabaId"
      from channel c
      join workspace w on w.id = c.workspace_id and w.deleted_at is null
      left join account a on a.id = c.account_id
      where c.kind = 'whatsapp' and c.waba_id = any($1::text[]) and c.deleted_at is null
      order by c.id`,
    values: [texts(ids)],
  });
  for (const row of rows) {
    const routes = found.get(row.wabaId) ?? [];
    found.set(row.wabaId, [...routes, routed(row)]);
  }
  return found;
}

/** Whose these channels are, and the channels of these conversations, by id; those that are gone too. */
export async function routeChannels(
  db: Queryable,
  of: { channels: readonly string[]; conversations: readonly string[] },
): Promise<Map<string, RoutedChannel>> {
  const { rows } = await db.query<Row>({
    name: "route_channels",
    text: `select ${ROUTE}
      from channel c join workspace w on w.id = c.workspace_id left join account a on a.id = c.account_id
      where c.id in (select unnest($1::uuid[])
        union select channel_id from conversation where id = any($2::uuid[]))`,
    values: [uuids(of.channels), uuids(of.conversations)],
  });
  return new Map(rows.map((row) => [row.id, routed(row)]));
}

function routed(row: Row): RoutedChannel {
  const { id, serial, kind, name, externalId, workspaceId, accountId } = row;
  const settings = settleRows(row.workspaceSettings, row.accountSettings, row.channelSettings);
  return {
    workspaceId,
    channel: { id, serial, kind, name, externalId },
    aiEnabled: answersItself(settings),
    purges: purges(kind, settings),
    account:
      accountId === null
        ? null
        : {
            id: accountId,
            serial: row.accountSerial,
            name: row.accountName,
            externalId: row.accountExternalId,
          },
  };
}

/** Channels by id, also those that are deleted: their conversations stay. */
export async function readChannelRows(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, ChannelRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<ChannelRow>({
    name: "read_channel_rows",
    text: `select id, serial, kind, name, external_id as "externalId" from channel where id = any($1::uuid[])`,
    values: [uuids(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

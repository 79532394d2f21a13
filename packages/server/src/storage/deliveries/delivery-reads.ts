import type { Queryable } from "../../core/events/recording.ts";
import { contactNameOf } from "../events/event-reads.ts";
import { isExpungedId } from "../events/expunged.ts";
import type { Owner } from "../workspaces/accounts.ts";

export type DeliveryState = "pending" | "delivered" | "dead" | "cancelled";

/** A delivery as it stands, wherever it stands: in the log, in `retry`, or in some process's memory. */
export interface DeliveryRow {
  eventId: string;
  eventType: string;
  /** The endpoint's serial. */
  endpoint: number;
  endpointId: string;
  state: DeliveryState;
  /** Attempts made. */
  attempts: number;
  round: number;
  /** When it is tried again; null while it is under way, and when nothing is to come. */
  nextAt: number | null;
  lastStatus: number | null;
  lastError: string | null;
  lastAt: number | null;
  /** How long the last request took; null before the first one. */
  lastMs: number | null;
  reason: string | null;
  /** What waits or is under way is a replay. */
  isReplay: boolean;
  /** It waits for an earlier event of its conversation. */
  isHeld: boolean;
  /** It was given up while later events of its conversation waited for it, and they went on. */
  isGap: boolean;
  /** Of the event: the channel that it happened on, and its contact's name. */
  channelId: string | null;
  channelKind: string | null;
  contactName: string | null;
  /** The event's body is gone: nothing can be replayed. */
  isExpunged: boolean;
}

/** Which delivery: an event and an endpoint. Pages go on below one, in this order. */
export interface DeliveryKey {
  eventId: string;
  endpoint: number;
}

/** The columns of a `DeliveryRow` that `lookUps` finds. */
export const STANDING = `coalesce(d.state, 'pending') as state, coalesce(d.attempts, 0) as attempts,
  greatest(d.round, r.round, 1) as round, case when r.owner is null then nullif(r.next_at, 'infinity') end as "nextAt",
  d.last_status as "lastStatus", d.last_error as "lastError", d.last_at as "lastAt", d.reason,
  coalesce(r.round > 1, false) as "isReplay", coalesce(r.next_at = 'infinity', false) as "isHeld",
  coalesce(d.is_gap, false) as "isGap"`;

/** A delivery's row and its place in `retry`. Limited, so that the planner keeps them look-ups. */
export function lookUps(eventId: string, endpoint: string): string {
  return `left join lateral (
      select state, attempts, round, last_status, last_error, last_at, reason, is_gap, body, renderer from delivery d
      where d.event_id = ${eventId} and d.endpoint = ${endpoint} limit 1) d on true
    left join lateral (select next_at, round, owner from retry r
      where r.event_id = ${eventId} and r.endpoint = ${endpoint} limit 1) r on true`;
}

/** How long a delivery's last request took: `l.ms`. */
export function lastRequest(eventId: string, endpoint: string): string {
  return `left join lateral (select ms from attempt a
    where a.event_id = ${eventId} and a.endpoint = ${endpoint} order by a.n desc, a.sent_at desc limit 1) l on true`;
}

/** The endpoints that an owner may see deliveries of, the deleted ones too: their log stays. */
export async function listEndpointSerials(
  db: Queryable,
  { workspaceId, accountId }: Owner,
): Promise<number[]> {
  const { rows } = await db.query<{ serial: number }>({
    text: `select serial from endpoint
      where workspace_id = $1 and ($2::uuid is null or owner_account_id = $2) order by serial`,
    values: [workspaceId, accountId],
  });
  return rows.map(({ serial }) => serial);
}

/** The serial of an endpoint that the owner may see, deleted or not; null when there is none. */
export async function findEndpointSerial(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  id: string,
): Promise<number | null> {
  const { rows } = await db.query<{ serial: number }>({
    text: `select serial from endpoint
      where id = $3 and workspace_id = $1 and ($2::uuid is null or owner_account_id = $2)`,
    values: [workspaceId, accountId, id],
  });
  return rows[0]?.serial ?? null;
}

export interface AttemptRow {
  n: number;
  round: number;
  sentAt: number;
  ms: number;
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  firstByteMs: number | null;
  status: number | null;
  error: string | null;
  detail: string | null;
  response: string | null;
  process: number;
  signedBy: string | null;
  resentAfter: number | null;
}

/** A delivery with what was sent for it and what came back. */
export interface DeliveryDetail extends DeliveryRow {
  attemptsMade: AttemptRow[];
  /** The event's native body. */
  payload: string;
  /** JSON of the conversation's messages before it, where an endpoint had asked for them. */
  history: string | null;
  /** The dialect's body, kept since the first failure, and what rendered it. */
  body: string | null;
  renderer: number | null;
  /** As the endpoint is now. */
  url: string;
  dialect: string;
  /** JSON text. */
  dialectOptions: string;
  customFields: string[];
  shadowDialect: string | null;
  /** The names of the endpoint's own headers, and what may be shown of its authentication (JSON). */
  headerNames: string[] | null;
  authShown: string | null;
}

/** One delivery that the owner may see; null when there is none. */
export async function findDelivery(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { eventId, endpoint }: DeliveryKey,
): Promise<DeliveryDetail | null> {
  const { rows } = await db.query<DeliveryDetail>({
    text: `select e.id as "eventId", e.type as "eventType", p.serial as endpoint, p.id as "endpointId", ${STANDING}, l.ms as "lastMs",
        e.channel_id as "channelId", e.channel_kind as "channelKind", ${contactNameOf("e")} as "contactName",
        ${isExpungedId("e.id")} as "isExpunged", e.payload, e.history, d.body, d.renderer, p.url, p.dialect, p.dialect_options as "dialectOptions",
        p.custom_fields as "customFields", p.shadow_dialect as "shadowDialect", p.header_names as "headerNames", p.auth_shown as "authShown", a.made as "attemptsMade"
      from event e join endpoint p on p.workspace_id = e.workspace_id and p.serial = $4
      ${lookUps("$3::uuid", "$4::int")}
      ${lastRequest("$3::uuid", "$4::int")}
      cross join lateral (select coalesce(json_agg(json_build_object('n', n, 'round', round,
          'sentAt', (extract(epoch from sent_at) * 1000)::float8, 'ms', ms, 'dnsMs', dns_ms, 'connectMs', connect_ms,
          'tlsMs', tls_ms, 'firstByteMs', first_byte_ms,
          'status', status, 'error', error, 'detail', detail, 'response', response, 'process', process,
          'signedBy', signed_by, 'resentAfter', resent_after)
          order by n, sent_at, process), '[]') as made
        from attempt where event_id = $3 and endpoint = $4) a
      where e.id = $3 and e.workspace_id = $1 and $4 = any(e.targets)
        and ($2::uuid is null or p.owner_account_id = $2)`,
    values: [workspaceId, accountId, eventId, endpoint],
  });
  return rows[0] ?? null;
}

import type { Queryable } from "../../core/events/recording.ts";
import { ints, uuids } from "../connections/columns.ts";
import { hasExpungedBody, isExpungedId } from "../events/expunged.ts";
import { deltaColumns, insertDeltas } from "../figures/tally-deltas.ts";
import { bounds } from "./retries.ts";

/** An event, and how it stands towards one endpoint. */
export interface EventToward {
  id: string;
  type: string;
  accountId: string | null;
  channelId: string | null;
  channelKind: string | null;
  campaignId: string | null;
  /** The native body; null where nothing is missing. */
  payload: string | null;
  /** There is no body any more that a filter could look at, or that could be sent. */
  isExpunged: boolean;
  /** `none`: it was never meant for the endpoint. `open`: it is under way, or waits. */
  standing: "none" | "open" | "delivered" | "ended";
}

export interface TowardQuery {
  workspaceId: string;
  /** The endpoint's serial. */
  endpoint: number;
  /** Ids above this one, and below that one. */
  after: string;
  to: string;
  limit: number;
}

/** The next events after an id, in their order. */
export async function readToward(db: Queryable, query: TowardQuery): Promise<EventToward[]> {
  const { workspaceId, endpoint, after, to, limit } = query;
  const { rows } = await db.query<EventToward>({
    text: `select e.id, e.type, e.account_id as "accountId", e.channel_id as "channelId",
        e.channel_kind as "channelKind", e.campaign_id as "campaignId",
        case when s.standing in ('none', 'ended') then e.payload end as payload,
        ${isExpungedId("e.id")} as "isExpunged", s.standing
      from (select id, type, account_id, channel_id, channel_kind, campaign_id, payload, targets from event
        where workspace_id = $1 and id > $3 and id < $4 order by id limit $5) e
      left join lateral (select state from delivery d
        where d.event_id = e.id and d.endpoint = $2 limit 1) d on true
      left join lateral (select true as found from retry r
        where r.event_id = e.id and r.endpoint = $2 limit 1) r on true
      cross join lateral (select case when d.state = 'delivered' then 'delivered'
        when r.found then 'open'
        when d.state in ('dead', 'cancelled') then 'ended'
        when $2 = any(e.targets) then 'open' else 'none' end as standing) s
      order by e.id`,
    values: [workspaceId, endpoint, after, to, limit],
  });
  return rows;
}

/** Up to where the ledger has counted: events above it still count themselves. */
export async function readTallyFloor(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ floor: string }>("select floor from tally_floor");
  return rows[0]?.floor ?? "00000000-0000-0000-0000-000000000000";
}

/**
 * Makes an endpoint a target of events that it was none of, due now, outside the order of their
 * conversations. Only of events that the ledger has counted, and whose bodies there are. Answers how many it
 * was.
 */
export async function addTarget(
  tx: Queryable,
  o: { workspaceId: string; endpoint: number; eventIds: readonly string[]; now: number },
): Promise<number> {
  const { workspaceId, endpoint, eventIds, now } = o;
  if (eventIds.length === 0) return 0;
  const [low, high] = bounds(eventIds.map((eventId) => ({ eventId })));
  const { rows } = await tx.query<{ id: string }>({
    text: `update event e set targets = e.targets || $2::int
      from unnest($1::uuid[]) as k (id)
      where e.id = k.id and e.id >= $3 and e.id <= $4 and e.workspace_id = $5
        -- The row itself is asked, so that what was waited for is seen.
        and not ($2::int = any(e.targets)) and not ${hasExpungedBody("e")}
      returning e.id`,
    values: [uuids(eventIds), endpoint, low, high, workspaceId],
  });
  const added = rows.map(({ id: eventId }) => ({ workspaceId, endpoint, eventId }));
  await tx.query({
    text: `with t as (${insertDeltas(5)})
      insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
      select i.event_id, i.endpoint, $3, to_timestamp($4::float8 / 1000), 1,
        -- What of a body remains is no first attempt at it: that one was lost.
        case when e.held is null then 1 else 2 end, 1
      from unnest($1::uuid[], $2::int[]) as i (event_id, endpoint)
      join event e on e.id = i.event_id and e.id >= $11 and e.id <= $12
      on conflict do nothing`,
    values: [
      uuids(added.map(({ eventId }) => eventId)),
      ints(added.map(() => endpoint)),
      workspaceId,
      now,
      ...deltaColumns(added.map((each) => ({ ...each, from: "none", to: "pending" }))),
      low,
      high,
    ],
  });
  return added.length;
}

import type { Queryable } from "../../core/events/recording.ts";
import { Parameters } from "../connections/parameters.ts";
import { isExpungedId } from "../events/expunged.ts";
import { isOfType } from "../events/log-filter.ts";
import type { Owner } from "../workspaces/accounts.ts";
import type { DeliveryKey } from "./delivery-reads.ts";

/** Serials of the endpoints that the owner may see and that are not deleted. */
export async function listReplayEndpoints(
  db: Queryable,
  { workspaceId, accountId }: Owner,
): Promise<number[]> {
  const { rows } = await db.query<{ serial: number }>({
    text: `select serial from endpoint where workspace_id = $1 and deleted_at is null
      and ($2::uuid is null or owner_account_id = $2) order by serial`,
    values: [workspaceId, accountId],
  });
  return rows.map(({ serial }) => serial);
}

export type FinalState = "delivered" | "dead" | "cancelled";

/** Which deliveries a replay of many is about: those that have ended and that nothing waits for. */
export interface Criteria {
  workspaceId: string;
  states: readonly FinalState[];
  /** Event ids from this one on, and below that one. */
  from: string;
  to: string;
  /** Types, and prefixes like `order.*`; empty for all. */
  types: readonly string[];
  /** These deliveries alone; null for all. */
  only: readonly DeliveryKey[] | null;
  /** Only what had ended by then, ms since the epoch: what a replay comes to is not replayed again. */
  endedBy: number;
  /** Below this id bodies are expunged, or about to be. Absent in jobs of before there was that. */
  closedBelow?: string;
}

/**
 * How many deliveries of each of these endpoints the criteria mean, and how many more they would mean if
 * their bodies had not been expunged; endpoints without any are left out.
 */
export async function countReplayable(
  db: Queryable,
  criteria: Criteria,
  endpoints: readonly number[],
): Promise<{ endpoint: number; count: number; expunged: number }[]> {
  const p = new Parameters();
  const isGone = goneBy(p, criteria);
  const wanted = [...conditions(p, criteria), `d.endpoint = any(${p.of(endpoints, "int[]")})`];
  const ofType =
    criteria.types.length === 0
      ? ""
      : `join event e on e.id = d.event_id and e.id >= ${p.of(criteria.from, "uuid")}
           and e.id < ${p.of(criteria.to, "uuid")} and ${isWanted("e.type", p, criteria)}`;
  const { rows } = await db.query<{ endpoint: number; count: number; expunged: number }>({
    text: `select d.endpoint, (count(*) filter (where not ${isGone}))::float8 as count,
        (count(*) filter (where ${isGone}))::float8 as expunged
      from delivery d ${ofType}
      where ${wanted.join(" and ")} group by d.endpoint order by d.endpoint`,
    values: p.values,
  });
  return rows;
}

/**
 * One endpoint's next deliveries after an event, in the order of events: `read` of them were looked
 * at, up to the last one's event; those of the wanted types are among `keys`.
 */
export async function readReplayable(
  db: Queryable,
  criteria: Criteria,
  { endpoint, after, limit }: { endpoint: number; after: string | null; limit: number },
): Promise<{ keys: DeliveryKey[]; read: number; last: string | null }> {
  const p = new Parameters();
  const wanted = [...conditions(p, criteria), `d.endpoint = ${p.of(endpoint, "int")}`];
  if (after !== null) wanted.push(`d.event_id > ${p.of(after, "uuid")}`);
  const { rows } = await db.query<{ eventId: string; wanted: boolean }>({
    text: `select k.event_id as "eventId", coalesce(${isWanted("e.type", p, criteria)}, false) as wanted
      from (select d.event_id from delivery d where ${wanted.join(" and ")}
        order by d.event_id limit ${p.of(limit, "int")}) k
      left join lateral (select type from event e where e.id = k.event_id limit 1) e on true
      order by k.event_id`,
    values: p.values,
  });
  const keys = rows.filter((row) => row.wanted).map(({ eventId }) => ({ eventId, endpoint }));
  return { keys, read: rows.length, last: rows.at(-1)?.eventId ?? null };
}

function goneBy(p: Parameters, { closedBelow }: Criteria): string {
  const isGone = isExpungedId("d.event_id");
  if (closedBelow === undefined) return isGone;
  return `(d.event_id < ${p.of(closedBelow, "uuid")} or ${isGone})`;
}

function conditions(p: Parameters, criteria: Criteria): string[] {
  const { workspaceId, states, from, to, only, endedBy } = criteria;
  const wanted = [
    `d.workspace_id = ${p.of(workspaceId, "uuid")}`,
    `d.event_id >= ${p.of(from, "uuid")}`,
    `d.event_id < ${p.of(to, "uuid")}`,
    // States stand in the text: as parameters they would not lead to the partial indexes.
    `d.state in (${states.map((state) => `'${state}'`).join(", ")})`,
    `d.last_at <= to_timestamp(${p.of(endedBy, "float8")} / 1000)`,
    `not exists (select from retry r where r.event_id = d.event_id and r.endpoint = d.endpoint)`,
  ];
  if (!states.includes("delivered")) wanted.push("d.state <> 'delivered'");
  if (only !== null) {
    const eventIds = p.of(
      only.map((key) => key.eventId),
      "uuid[]",
    );
    const endpoints = p.of(
      only.map((key) => key.endpoint),
      "int[]",
    );
    wanted.push(`d.event_id = any(${eventIds})`);
    wanted.push(`(d.event_id, d.endpoint) in (select * from unnest(${eventIds}, ${endpoints}))`);
  }
  return wanted;
}

function isWanted(type: string, p: Parameters, { types }: Criteria): string {
  return types.length === 0 ? `${type} is not null` : isOfType(type, p, types);
}

/** How many rows wait for an endpoint, counted no further than `atMost`. */
export async function countWaiting(
  db: Queryable,
  endpoint: number,
  atMost: number,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from retry where endpoint = $1 limit $2) r`,
    values: [endpoint, atMost],
  });
  return rows[0]?.count ?? 0;
}

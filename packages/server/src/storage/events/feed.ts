import type { Queryable } from "../../core/events/recording.ts";
import { uuids } from "../connections/columns.ts";
import { Parameters } from "../connections/parameters.ts";
import type { Owner } from "../workspaces/accounts.ts";
import { EVENT_COLUMNS, type EventRow } from "./event-reads.ts";
import { type FeedFilter, filterConditions } from "./log-filter.ts";

/** Below this id, or at it, nothing will ever be inserted any more; none while no process lives. */
const FLOOR = `select insert_floor as floor from process where state = 'living'
  order by insert_floor limit 1`;
/** So many events a page looks at to find those that are wanted. */
const MOST_READ = 5_000;

export interface FeedEvent extends EventRow {
  /** The native body. */
  payload: string;
}

export interface FeedPage {
  events: FeedEvent[];
  /** Where to go on from: everything up to here was looked at. Never before the position asked from. */
  position: string;
  /** There is more to be had now. */
  hasMore: boolean;
}

/**
 * The events after a position that the owner may see, in the order of ids, which in a conversation is
 * that of `seq`. Only what lies below every living process's insert floor: an event whose transaction
 * commits late is never passed.
 */
export async function readFeed(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { after, limit, filter }: { after: string; limit: number; filter: FeedFilter },
): Promise<FeedPage> {
  const p = new Parameters();
  const wanted = filterConditions("s", p, filter, accountId);
  const read = wanted.length === 0 ? limit : MOST_READ;
  const { rows } = await db.query<Partial<FeedEvent> & Head>({
    text: `with f as materialized (${FLOOR}),
      s as materialized (
        select id, type, account_id, channel_id, channel_kind, conversation_id from event
        where workspace_id = ${p.of(workspaceId, "uuid")} and id > ${p.of(after, "uuid")}
          and id <= (select floor from f)
        order by id limit ${p.of(read, "int")}),
      m as (select s.id from s ${wanted.length === 0 ? "" : `where ${wanted.join(" and ")}`}
        order by s.id limit ${p.of(limit, "int")})
      select h.*, e.* from (select (select floor from f) as floor, (select count(*)::int from s) as read,
          (select id from s order by id desc limit 1) as last) h
      left join m on true
      left join lateral (select ${EVENT_COLUMNS}, e.payload from event e where e.id = m.id limit 1) e on true
      order by e.id`,
    values: p.values,
  });
  const events = rows.filter((row): row is FeedEvent & Head => row.id != null);
  const last = events.at(-1);
  const head = rows[0];
  const isCut = events.length === limit && last !== undefined && last.id !== head?.last;
  if (isCut) return { events, position: last.id, hasMore: true };
  if (head?.last != null && head.read === read)
    return { events, position: head.last, hasMore: true };
  const floor = head?.floor ?? null;
  return { events, position: floor !== null && floor > after ? floor : after, hasMore: false };
}

interface Head {
  floor: string | null;
  read: number;
  last: string | null;
}

/** The floor itself; null while no process lives. */
export async function readFloor(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ floor: string }>(FLOOR);
  return rows[0]?.floor ?? null;
}

/** Which of these followers, each at its position in its workspace, have something to read. */
export async function findMoved(
  db: Queryable,
  followers: readonly { workspaceId: string; position: string }[],
): Promise<number[]> {
  const { rows } = await db.query<{ at: number }>({
    name: "find_moved",
    text: `with f as materialized (${FLOOR})
      select (k.at - 1)::int as at from f
      cross join unnest($1::uuid[], $2::uuid[]) with ordinality as k (workspace_id, position, at)
      cross join lateral (select from event e where e.workspace_id = k.workspace_id
        and e.id > k.position and e.id <= f.floor limit 1) e`,
    values: [
      uuids(followers.map((each) => each.workspaceId)),
      uuids(followers.map((each) => each.position)),
    ],
  });
  return rows.map(({ at }) => at);
}

import type { Queryable } from "../../core/events/recording.ts";

/** Something that has happened to an endpoint and that nobody has been told of yet. */
export interface Notice {
  workspaceId: string;
  /** The serial of the endpoint that it is about. */
  endpoint: number;
  type: string;
  /** The `data` of the event that will tell it. */
  data: object;
  at: number;
}

/** Keeps what is to be told, in the transaction in which it happens. */
export async function keepNotice(tx: Queryable, notice: Notice): Promise<void> {
  await tx.query({
    text: "insert into notice (workspace_id, endpoint, type, data, made_at) values ($1, $2, $3, $4, $5)",
    values: [
      ...[notice.workspaceId, notice.endpoint, notice.type],
      ...[JSON.stringify(notice.data), new Date(notice.at)],
    ],
  });
}

/** A notice with whose its endpoint is; null where that belongs to the workspace itself. */
export type TakenNotice = Omit<Notice, "data"> & { data: string; accountId: string | null };

/** Takes the oldest notices that nobody else is taking. Those of workspaces that are deleted go with them. */
export async function takeNotices(tx: Queryable, limit: number): Promise<TakenNotice[]> {
  const { rows } = await tx.query<TakenNotice>({
    name: "take_notices",
    text: `with taken as (
        delete from notice where id in (
          select n.id from notice n join workspace w on w.id = n.workspace_id and w.deleted_at is null
          order by n.id limit $1 for update of n skip locked)
        returning id, workspace_id, endpoint, type, data, made_at)
      select t.workspace_id as "workspaceId", t.endpoint, t.type, t.data,
        (extract(epoch from t.made_at) * 1000)::float8 as at, e.owner_account_id as "accountId"
      from taken t left join endpoint e on e.serial = t.endpoint
      order by t.id`,
    values: [limit],
  });
  return rows;
}

/** Endpoints that have dead letters which nobody has been told of. */
export async function listUntold(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ endpoint: number }>({
    name: "list_untold",
    text: `select e.serial as endpoint from endpoint e join workspace w on w.id = e.workspace_id
      where w.deleted_at is null
        and exists (select from untold_dead_letter u where u.endpoint = e.serial)`,
  });
  return rows.map(({ endpoint }) => endpoint);
}

/** The dead letters of one endpoint, told of together. */
export interface Pile {
  workspaceId: string;
  endpointId: string;
  endpointName: string;
  accountId: string | null;
  count: number;
  since: number;
  until: number;
  lastStatus: number | null;
  lastError: string | null;
  /** The first of them, as event ids. */
  named: string[];
}

/**
 * Takes an endpoint's dead letters that nobody has been told of; null when there are none, or when all
 * of them were operational events: of those nothing is told, or two endpoints that are down and hear of
 * each other would never come to rest.
 */
export async function takeUntold(
  tx: Queryable,
  endpoint: number,
  mostNamed: number,
): Promise<Pile | null> {
  const { rows } = await tx.query<Pile>({
    name: "take_untold",
    text: `with taken as (delete from untold_dead_letter where endpoint = $1
          returning event_id, died_at, last_status, last_error),
      told as (select t.event_id, t.died_at, t.last_status, t.last_error from taken t
        left join lateral (select type from event e where e.id = t.event_id limit 1) e on true
        where e.type is null or e.type !~ '^(endpoint|delivery|secret)\\.'),
      last as (select last_status, last_error from told order by died_at desc, event_id desc limit 1),
      pile as (select count(*)::int as count,
          (extract(epoch from min(died_at)) * 1000)::float8 as since,
          (extract(epoch from max(died_at)) * 1000)::float8 as until from told)
      select e.workspace_id as "workspaceId", e.id as "endpointId", e.name as "endpointName",
        e.owner_account_id as "accountId", p.count, p.since, p.until,
        l.last_status as "lastStatus", l.last_error as "lastError",
        array(select event_id from told order by died_at, event_id limit $2) as named
      from pile p cross join last l join endpoint e on e.serial = $1`,
    values: [endpoint, mostNamed],
  });
  return rows[0] ?? null;
}

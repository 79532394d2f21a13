import type { Queryable } from "../core/recording.ts";
import type { Owner } from "./accounts.ts";
import { ints, uuids } from "./columns.ts";
import type { DeliveryKey } from "./delivery-reads.ts";
import { Parameters } from "./parameters.ts";
import { bounds } from "./retries.ts";

/**
 * What a replay of one delivery comes to:
 * - `started`: a new round, with the schedule from its beginning.
 * - `due`: it was waiting for its next attempt, which is due now.
 * - `under_way`: an attempt is being made.
 * - `in_memory`: nothing is written of it yet; its first attempt is to come.
 */
export type Replayed = "started" | "due" | "under_way" | "in_memory";

interface Standing {
  eventId: string;
  endpoint: number;
  workspaceId: string;
  attempts: number;
  round: number;
}

/**
 * Replays deliveries and answers what each came to, in the order of the keys, which name no delivery
 * twice. Rows are locked in the order in which settles lock them. Runs in a transaction.
 */
export async function replayDeliveries(
  tx: Queryable,
  keys: readonly DeliveryKey[],
  now: number,
): Promise<Replayed[]> {
  if (keys.length === 0) return [];
  const sorted = [...keys].sort(byKey);
  const [low, high] = bounds(sorted);
  const columns = [
    uuids(sorted.map((key) => key.eventId)),
    ints(sorted.map((key) => key.endpoint)),
  ];
  const deliveries = await tx.query<Standing>({
    text: `select d.event_id as "eventId", d.endpoint, d.workspace_id as "workspaceId", d.attempts, d.round
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      join delivery d on d.event_id = k.event_id and d.endpoint = k.endpoint
        and d.event_id >= $3 and d.event_id <= $4
      order by d.event_id, d.endpoint for update of d`,
    values: [...columns, low, high],
  });
  // A statement of its own: it sees what the first has waited for.
  const waiting = await tx.query<DeliveryKey & { owner: number | null }>({
    text: `select r.event_id as "eventId", r.endpoint, r.owner
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      join retry r on r.event_id = k.event_id and r.endpoint = k.endpoint
      order by r.event_id, r.endpoint for update of r`,
    values: columns,
  });
  const standing = new Map(deliveries.rows.map((row) => [nameOf(row), row]));
  const owners = new Map(waiting.rows.map((row) => [nameOf(row), row.owner]));
  const outcomes = keys.map((key) => outcomeOf(standing.get(nameOf(key)), owners.get(nameOf(key))));
  const of = (outcome: Replayed) => keys.filter((_, at) => outcomes[at] === outcome);
  await makeDue(tx, of("due"), now);
  await startRounds(
    tx,
    of("started").flatMap((key) => standing.get(nameOf(key)) ?? []),
    now,
  );
  return outcomes;
}

/** `owner` is undefined where nothing waits, null where nobody has leased what waits. */
function outcomeOf(delivery: Standing | undefined, owner: number | null | undefined): Replayed {
  if (owner === null) return "due";
  if (owner !== undefined) return "under_way";
  return delivery === undefined ? "in_memory" : "started";
}

async function makeDue(tx: Queryable, keys: readonly DeliveryKey[], now: number): Promise<void> {
  if (keys.length === 0) return;
  await tx.query({
    text: `update retry r set next_at = to_timestamp($3::float8 / 1000)
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      where r.event_id = k.event_id and r.endpoint = k.endpoint and r.owner is null`,
    values: [uuids(keys.map((key) => key.eventId)), ints(keys.map((key) => key.endpoint)), now],
  });
}

/**
 * Attempt numbers run on. What was delivered stays delivered, whatever the replay comes to; what was
 * dead or cancelled is pending again. A replay stands outside the order of its conversation.
 */
async function startRounds(tx: Queryable, rows: readonly Standing[], now: number): Promise<void> {
  if (rows.length === 0) return;
  const [low, high] = bounds(rows);
  await tx.query({
    text: `with i as materialized (
        select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::int[], $5::int[])
          as i (event_id, endpoint, workspace_id, n, round)),
      d as (update delivery d set state = 'pending', reason = null from i
        where d.event_id = i.event_id and d.endpoint = i.endpoint and d.event_id >= $6 and d.event_id <= $7
          and d.state in ('dead', 'cancelled'))
      insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
      select i.event_id, i.endpoint, i.workspace_id, to_timestamp($8::float8 / 1000), i.n, i.round, i.n from i
      on conflict do nothing`,
    values: [
      uuids(rows.map((row) => row.eventId)),
      ints(rows.map((row) => row.endpoint)),
      uuids(rows.map((row) => row.workspaceId)),
      ints(rows.map((row) => row.attempts + 1)),
      ints(rows.map((row) => row.round + 1)),
      low,
      high,
      now,
    ],
  });
}

/** The event and endpoint of a delivery that the owner may see, or null when there is none. */
export async function findReplayTarget(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { eventId, endpoint }: DeliveryKey,
): Promise<{ isDeleted: boolean } | null> {
  const { rows } = await db.query<{ isDeleted: boolean }>({
    text: `select p.deleted_at is not null as "isDeleted"
      from event e join endpoint p on p.workspace_id = e.workspace_id and p.serial = $4
      where e.id = $3 and e.workspace_id = $1 and $4 = any(e.targets)
        and ($2::uuid is null or p.owner_account_id = $2)`,
    values: [workspaceId, accountId, eventId, endpoint],
  });
  return rows[0] ?? null;
}

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
}

/** How many deliveries of each of these endpoints the criteria mean; endpoints without any are left out. */
export async function countReplayable(
  db: Queryable,
  criteria: Criteria,
  endpoints: readonly number[],
): Promise<{ endpoint: number; count: number }[]> {
  const p = new Parameters();
  const wanted = [...conditions(p, criteria), `d.endpoint = any(${p.of(endpoints, "int[]")})`];
  const ofType =
    criteria.types.length === 0
      ? ""
      : `join event e on e.id = d.event_id and e.id >= ${p.of(criteria.from, "uuid")}
           and e.id < ${p.of(criteria.to, "uuid")} and ${isOfType("e.type", p, criteria)}`;
  const { rows } = await db.query<{ endpoint: number; count: number }>({
    text: `select d.endpoint, count(*)::float8 as count from delivery d ${ofType}
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
    text: `select k.event_id as "eventId", coalesce(${isOfType("e.type", p, criteria)}, false) as wanted
      from (select d.event_id from delivery d where ${wanted.join(" and ")}
        order by d.event_id limit ${p.of(limit, "int")}) k
      left join lateral (select type from event e where e.id = k.event_id limit 1) e on true
      order by k.event_id`,
    values: p.values,
  });
  const keys = rows.filter((row) => row.wanted).map(({ eventId }) => ({ eventId, endpoint }));
  return { keys, read: rows.length, last: rows.at(-1)?.eventId ?? null };
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

function isOfType(type: string, p: Parameters, { types }: Criteria): string {
  const exact = types.filter((each) => !each.endsWith(".*"));
  const prefixes = types.filter((each) => each.endsWith(".*")).map((each) => each.slice(0, -1));
  if (types.length === 0) return `${type} is not null`;
  return `(${type} = any(${p.of(exact, "text[]")})
    or exists (select from unnest(${p.of(prefixes, "text[]")}) as x (prefix) where starts_with(${type}, x.prefix)))`;
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

function byKey(a: DeliveryKey, b: DeliveryKey): number {
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : a.endpoint - b.endpoint;
}

function nameOf({ eventId, endpoint }: DeliveryKey): string {
  return `${eventId}/${endpoint}`;
}

import type { Queryable } from "../../core/events/recording.ts";
import { ints, uuids } from "../connections/columns.ts";
import { findExpunged } from "../events/expunged.ts";
import { deltaColumns, insertDeltas, type TallyState } from "../figures/tally-deltas.ts";
import { bounds } from "../queue/retries.ts";
import type { Owner } from "../workspaces/accounts.ts";
import type { DeliveryKey } from "./delivery-reads.ts";

/**
 * What a replay of one delivery comes to:
 * - `started`: a new round, with the schedule from its beginning.
 * - `due`: it was waiting for its next attempt, which is due now.
 * - `under_way`: an attempt is being made.
 * - `in_memory`: nothing is written of it yet; its first attempt is to come.
 * - `held`: it keeps its place behind earlier events of its conversation.
 * - `expunged`: there is no body to be sent.
 */
export type Replayed = "started" | "due" | "under_way" | "in_memory" | "held" | "expunged";

interface Standing {
  eventId: string;
  endpoint: number;
  workspaceId: string;
  state: TallyState;
  attempts: number;
  round: number;
}

interface Waiting extends DeliveryKey {
  /** Who has leased it, or null. */
  owner: number | null;
  isHeld: boolean;
}

/**
 * Replays deliveries and answers what each came to, in the order of the keys, which name no delivery
 * twice. Rows are locked in the order in which settles lock them, and by their keys as they do. Runs in
 * a transaction.
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
    text: `select d.event_id as "eventId", d.endpoint, d.workspace_id as "workspaceId", d.state, d.attempts, d.round
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      cross join lateral (select event_id, endpoint, workspace_id, state, attempts, round from delivery d
        where d.event_id = k.event_id and d.endpoint = k.endpoint and d.event_id >= $3 and d.event_id <= $4
        limit 1 for update) d`,
    values: [...columns, low, high],
  });
  // A statement of its own: it sees what the first has waited for.
  const waiting = await tx.query<Waiting>({
    text: `select r.event_id as "eventId", r.endpoint, r.owner, r.next_at = 'infinity' as "isHeld"
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      cross join lateral (select event_id, endpoint, owner, next_at from retry r
        where r.event_id = k.event_id and r.endpoint = k.endpoint limit 1 for update) r`,
    values: columns,
  });
  const expunged = await findExpunged(
    tx,
    keys.map(({ eventId }) => eventId),
  );
  const standing = new Map(deliveries.rows.map((row) => [nameOf(row), row]));
  const inRetry = new Map(waiting.rows.map((row) => [nameOf(row), row]));
  const outcomes = keys.map((key) =>
    expunged.has(key.eventId)
      ? "expunged"
      : outcomeOf(standing.get(nameOf(key)), inRetry.get(nameOf(key))),
  );
  const of = (outcome: Replayed) => keys.filter((_, at) => outcomes[at] === outcome);
  await makeDue(tx, of("due"), now);
  await startRounds(
    tx,
    of("started").flatMap((key) => standing.get(nameOf(key)) ?? []),
    now,
  );
  return outcomes;
}

function outcomeOf(delivery: Standing | undefined, waiting: Waiting | undefined): Replayed {
  if (waiting === undefined) return delivery === undefined ? "in_memory" : "started";
  if (waiting.isHeld) return "held";
  return waiting.owner === null ? "due" : "under_way";
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
 * dead or cancelled is pending again. A replay stands outside the order of its conversation. The
 * deliveries are there, and locked: what is inserted finds each by its key, and is never kept.
 */
async function startRounds(tx: Queryable, rows: readonly Standing[], now: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    text: `with i as materialized (
        select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::int[], $5::int[])
          as i (event_id, endpoint, workspace_id, n, round)),
      d as (insert into delivery as d (event_id, endpoint, workspace_id, state, first_state, attempts, last_at, renderer)
        select event_id, endpoint, workspace_id, 'pending', 'pending', 0, to_timestamp($6::float8 / 1000), 0 from i
        on conflict (event_id, endpoint) do update set state = 'pending', reason = null
          where d.state in ('dead', 'cancelled')),
      t as (${insertDeltas(7)})
      insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
      select i.event_id, i.endpoint, i.workspace_id, to_timestamp($6::float8 / 1000), i.n, i.round, i.n from i
      on conflict do nothing`,
    values: [
      uuids(rows.map((row) => row.eventId)),
      ints(rows.map((row) => row.endpoint)),
      uuids(rows.map((row) => row.workspaceId)),
      ints(rows.map((row) => row.attempts + 1)),
      ints(rows.map((row) => row.round + 1)),
      now,
      ...deltaColumns(
        rows
          .filter(({ state }) => state === "dead" || state === "cancelled")
          .map((row) => ({ ...row, from: row.state, to: "pending" })),
      ),
    ],
  });
}

/** A delivery that the owner may see, and whether its endpoint was deleted; null when there is none. */
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

function byKey(a: DeliveryKey, b: DeliveryKey): number {
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : a.endpoint - b.endpoint;
}

function nameOf({ eventId, endpoint }: DeliveryKey): string {
  return `${eventId}/${endpoint}`;
}

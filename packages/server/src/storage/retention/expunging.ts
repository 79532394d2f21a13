import { type Bodiless, expungedBody } from "../../core/events/expunged-body.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId, timeOfId } from "../../core/ids.ts";
import { texts, uuids } from "../connections/columns.ts";
import { type Settlement, settleRetries } from "../deliveries/deliveries.ts";
import { findExpunged } from "../events/expunged.ts";
import { readLowestSettledFloor } from "../queue/behind.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** So many outcomes are written in one statement. */
const MOST_CANCELLED = 2_000;

const COLUMNS = `e.id, e.workspace_id as "workspaceId", e.type, e.occurred_at as "occurredAt",
  e.account_id as "accountId", e.channel_id as "channelId", e.channel_kind as "channelKind",
  e.conversation_id as "conversationId", e.seq`;

/** What a page of expunging came to. */
export type ExpungedPage =
  /** Another process is at it. */
  | { kind: "elsewhere" }
  /** Something of these events is under way: they are for a later round. `cancelled` counts what waited. */
  | { kind: "held"; cancelled: number; promoted: number[] }
  | {
      kind: "moved";
      events: number;
      /** Deliveries that waited, and will not be made. */
      cancelled: number;
      /** Endpoints of what was held back by these and is due now. */
      promoted: number[];
      /** There are no more below the bound, for now. */
      isDone: boolean;
    };

/**
 * Expunges the bodies of the next events below an id, the oldest first, and cancels what waits for them.
 * How far it has come is written in the same transaction, and its row is the lock: one process at a time.
 */
export async function expungePage(
  tx: Queryable,
  { below, limit, now }: { below: string; limit: number; now: number },
): Promise<ExpungedPage> {
  const { rows: floors } = await tx.query<{ floor: string }>(
    "select floor from expunge_floor for update skip locked",
  );
  const from = floors[0]?.floor;
  if (from === undefined) return { kind: "elsewhere" };
  const settled = await readLowestSettledFloor(tx);
  // What is in memory alone cannot be cancelled here.
  const to = settled !== null && settled < below ? settled : below;
  const nothing = { kind: "moved", events: 0, cancelled: 0, promoted: [], isDone: true } as const;
  if (settled === null || to <= from) return { ...nothing, promoted: [] };
  const { rows: events } = await tx.query<Bodiless>({
    text: `select ${COLUMNS} from event e where e.id > $1 and e.id <= $2
      order by e.id limit $3 for no key update`,
    values: [from, to, limit],
  });
  const isDone = events.length < limit;
  const [first, last] = [events[0]?.id, events.at(-1)?.id];
  let waited = { cancelled: 0, promoted: [] as number[] };
  if (first !== undefined && last !== undefined) {
    const { isUnderWay, ...cancelled } = await cancelWaiting(tx, { first, last, now });
    if (isUnderWay) return { kind: "held", ...cancelled };
    waited = cancelled;
    await wipe(tx, events, { first, last });
    await noteUnswept(tx, events, now);
  }
  const floor = isDone || last === undefined ? to : last;
  await tx.query({ text: "update expunge_floor set floor = $1", values: [floor] });
  await tx.query({ text: "delete from expunged_event where event_id <= $1", values: [floor] });
  return { kind: "moved", events: events.length, ...waited, isDone };
}

/** What expunging one event came to. */
export interface ExpungedOne {
  /** It had been expunged before. */
  wasExpunged: boolean;
  /** Deliveries that kept a body. */
  deliveries: number;
  /** Attempts that kept an answer. */
  attempts: number;
  /** Deliveries that waited, and will not be made. */
  cancelled: number;
  /** Requests of it in catchers. */
  caught: number;
  promoted: number[];
}

/**
 * Expunges the body of one event that the owner may see; null when there is none. `under_way`: a request
 * with it is being made, or about to be; the transaction is then to be rolled back.
 */
export async function expungeEvent(
  tx: Queryable,
  { workspaceId, accountId }: Owner,
  { id, now }: { id: string; now: number },
): Promise<ExpungedOne | "under_way" | null> {
  const { rows } = await tx.query<Bodiless>({
    text: `select ${COLUMNS} from event e
      where e.id = $1 and e.workspace_id = $2 and ($3::uuid is null or e.account_id = $3)
      for no key update`,
    values: [id, workspaceId, accountId],
  });
  if (rows.length === 0) return null;
  const before = await findExpunged(tx, [id]);
  if (before.has(id)) {
    const nothing = { deliveries: 0, attempts: 0, cancelled: 0, caught: 0, promoted: [] };
    return { wasExpunged: true, ...nothing };
  }
  const settled = await readLowestSettledFloor(tx);
  if (settled === null || settled < id) return "under_way";
  const span = { first: id, last: id };
  const waited = await cancelWaiting(tx, { ...span, now });
  if (waited.isUnderWay) return "under_way";
  const { cancelled, promoted } = waited;
  const wiped = await wipe(tx, rows, span);
  await tx.query({
    text: `insert into expunged_event (event_id, workspace_id, expunged_at)
      values ($1, $2, to_timestamp($3::float8 / 1000))`,
    values: [id, workspaceId, now],
  });
  await noteUnswept(tx, rows, now);
  const caught = await forgetCaughtOf(tx, workspaceId, id);
  return { wasExpunged: false, ...wiped, cancelled, promoted, caught };
}

interface Span {
  first: string;
  last: string;
}

/** Cancels what waits of all events of a span, in `retry` or in the log alone, and answers how much. */
async function cancelWaiting(
  tx: Queryable,
  { first, last, now }: Span & { now: number },
): Promise<{ cancelled: number; promoted: number[]; isUnderWay: boolean }> {
  await tx.query({
    text: `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
      select e.id, t.endpoint, e.workspace_id, 'infinity', 1, 1, 1
      from event e cross join lateral unnest(e.targets) as t (endpoint)
      where e.id between $1 and $2
        and not exists (select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint
          and d.event_id between $1 and $2)
        and not exists (select from retry r where r.event_id = e.id and r.endpoint = t.endpoint)
      order by e.id, t.endpoint
      on conflict do nothing`,
    values: [first, last],
  });
  const { rows } = await tx.query<Waiting>({
    text: `select event_id as "eventId", endpoint, workspace_id as "workspaceId", n, round,
        round_n as "roundN", conversation_id as "conversationId", seq::float8 as seq
      from retry where event_id between $1 and $2 and owner is null order by event_id, endpoint`,
    values: [first, last],
  });
  const promoted = new Set<number>();
  for (let at = 0; at < rows.length; at += MOST_CANCELLED) {
    const page = rows.slice(at, at + MOST_CANCELLED).map((row) => cancellationOf(row, now));
    const settled = await settleRetries(tx, page, now);
    for (const endpoint of settled.promoted) promoted.add(endpoint);
  }
  // A statement of its own: it sees what the others have waited for.
  const { rows: left } = await tx.query<{ n: number }>({
    text: "select count(*)::int as n from retry where event_id between $1 and $2",
    values: [first, last],
  });
  const isUnderWay = (left[0]?.n ?? 0) > 0;
  return { cancelled: rows.length, promoted: [...promoted], isUnderWay };
}

type Waiting = Pick<
  Settlement,
  "eventId" | "endpoint" | "workspaceId" | "n" | "round" | "roundN" | "conversationId" | "seq"
>;

/** Counts for nobody's lease: what a process has taken meanwhile it settles itself. */
function cancellationOf(row: Waiting, now: number): Settlement {
  return {
    ...row,
    process: null,
    state: "cancelled",
    nextAt: null,
    attempt: null,
    endedAt: now,
    reason: "expunged",
    renderer: 1,
    body: null,
  };
}

/** Takes the bodies, and whatever may repeat them, from all events of a span. */
async function wipe(
  tx: Queryable,
  events: readonly Bodiless[],
  { first, last }: Span,
): Promise<{ deliveries: number; attempts: number }> {
  await tx.query({
    // `held` goes on saying that the body was never kept in the clear.
    text: `update event e set payload = i.payload, history = null,
        held = case when e.held is null then null else '{}' end
      from unnest($1::uuid[], $2::text[]) as i (id, payload)
      where e.id = i.id and e.id between $3 and $4`,
    values: [uuids(events.map(({ id }) => id)), texts(events.map(expungedBody)), first, last],
  });
  const { rowCount: deliveries } = await tx.query({
    text: "update delivery set body = null where event_id between $1 and $2 and body is not null",
    values: [first, last],
  });
  const { rowCount: attempts } = await tx.query({
    text: `update attempt set response = null, detail = null
      where event_id between $1 and $2 and (response is not null or detail is not null)`,
    values: [first, last],
  });
  return { deliveries: deliveries ?? 0, attempts: attempts ?? 0 };
}

/** What our own receivers have caught of an event: its id is in the headers of every dialect. */
async function forgetCaughtOf(
  tx: Queryable,
  workspaceId: string,
  eventId: string,
): Promise<number> {
  const { rowCount } = await tx.query({
    text: `update catcher_request set body = null
      where catcher_id in (select id from catcher where workspace_id = $1)
        and body is not null and position($2 in headers) > 0`,
    values: [workspaceId, publicId("evt", eventId)],
  });
  return rowCount ?? 0;
}

/** Forgets the bodies that our own receivers have caught before an instant. */
export async function forgetCaughtBefore(db: Queryable, at: number): Promise<void> {
  await db.query({
    text: "update catcher_request set body = null where received_at < $1 and body is not null",
    values: [new Date(at)],
  });
}

/** Forgets what was expunged by itself of days that are kept no longer. */
export async function forgetExpunged(db: Queryable, firstKept: string): Promise<void> {
  await db.query({
    text: "delete from expunged_event where event_id < $1",
    values: [firstKept],
  });
}

async function noteUnswept(tx: Queryable, events: readonly Bodiless[], now: number): Promise<void> {
  const days = new Set(events.map(({ id }) => new Date(timeOfId(id)).toISOString().slice(0, 10)));
  await tx.query({
    text: `insert into unswept_day (day, at)
      select day, to_timestamp($2::float8 / 1000) from unnest($1::date[]) as k (day) order by day
      on conflict (day) do update set at = greatest(unswept_day.at, excluded.at)`,
    values: [[...days], now],
  });
}

import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";

export interface OwedReceipt {
  eventId: string;
  workspaceId: string;
  /** The message's public id. */
  messageId: string;
}

/** Notes what is to be told once nothing of these bodies is left, with the events that told them. */
export async function oweReceipts(
  tx: Queryable,
  owed: readonly OwedReceipt[],
  { process, now }: { process: number; now: number },
): Promise<void> {
  await tx.query({
    name: "owe_receipts",
    text: `insert into purge_receipt (event_id, workspace_id, message_id, process, created_at)
      select i.event_id, i.workspace_id, i.message_id, $4, to_timestamp($5::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::text[]) as i (event_id, workspace_id, message_id)`,
    values: [
      uuids(owed.map((each) => each.eventId)),
      uuids(owed.map((each) => each.workspaceId)),
      texts(owed.map((each) => each.messageId)),
      process,
      now,
    ],
  });
}

/** Takes leave to tell of these events; answers those that nobody else has told of. */
export async function payReceipts(
  tx: Queryable,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>({
    name: "pay_receipts",
    text: `delete from purge_receipt where event_id in (
        select event_id from purge_receipt where event_id = any($1::uuid[]) order by event_id for update)
      returning event_id as id`,
    values: [uuids(eventIds)],
  });
  return new Set(rows.map(({ id }) => id));
}

/** An event whose receipt nobody in memory will tell. */
export interface OverdueReceipt extends OwedReceipt {
  process: number;
  type: string;
  /** What remains of the event, JSON. */
  kept: string;
  /** What is kept of it sealed, by endpoint, JSON. */
  held: string;
  targets: number[];
  /** Of these, by serial, those that have had it. */
  delivered: number[];
}

/**
 * Receipts that a process owes which has ended, where nothing of the message's bodies waits any more, and those that
 * one owes for longer than since `before`, where what came of each body is on record: until it is, an attempt may
 * be under way, whatever time it is.
 */
export async function findOverdueReceipts(
  db: Queryable,
  { before, limit }: { before: number; limit: number },
): Promise<OverdueReceipt[]> {
  const { rows } = await db.query<OverdueReceipt>({
    name: "find_overdue_receipts",
    text: `with over as (
        select o.message_id, o.process from purge_receipt o
        left join process p on p.id = o.process
        join event e on e.id = o.event_id
        group by o.message_id, o.process
        having bool_and((p.state is null or p.state = 'recovered'
            or (o.created_at < to_timestamp($1::float8 / 1000) and not exists (
              select from unnest(e.targets) as t (endpoint) where not (e.held::jsonb ? t.endpoint::text)
                and not exists (select from delivery d where d.event_id = o.event_id and d.endpoint = t.endpoint))))
          and not exists (select from retry r where r.event_id = o.event_id and r.round = 1
            and not (e.held::jsonb ? r.endpoint::text)))
        limit $2)
      select o.event_id as "eventId", o.workspace_id as "workspaceId", o.message_id as "messageId", o.process,
        e.type, e.payload as kept, e.held, e.targets,
        array(select d.endpoint from delivery d where d.event_id = o.event_id and d.state = 'delivered') as delivered
      from purge_receipt o join over using (message_id, process) join event e on e.id = o.event_id
      order by o.event_id`,
    values: [before, limit],
  });
  return rows;
}

/** Forgets what is owed for events that are kept no longer. */
export async function forgetReceipts(db: Queryable, firstKept: string): Promise<void> {
  await db.query({ text: "delete from purge_receipt where event_id < $1", values: [firstKept] });
}

import { parseId } from "../../src/core/ids.ts";
import type { ServerHome } from "../support/processes/server-home.ts";
import { isSuccess, type Receipt } from "../support/receiver.ts";
import type { Customer } from "./shop.ts";

/** One attempt as it is on record; instants in ms since the epoch. */
interface AttemptRow {
  event: string;
  endpoint: number;
  n: number;
  process: number;
  sentAt: number;
  ms: number;
  status: number | null;
}

/** A delivery that a customer was given more than once. */
export interface Doubled {
  event: string;
  serial: number;
  /** Every request that was answered 2xx, and what is on record of it. */
  successes: { receipt: Receipt; row: AttemptRow | null }[];
}

/** What has become of every event, by the server's own record and by the receivers'. */
export interface Outcome {
  events: { id: string; type: string; targets: number[] }[];
  /** Deliveries that no receiver has answered 2xx. */
  missing: string[];
  doubled: Doubled[];
  /** Requests that came in and are not on record. */
  unrecorded: Receipt[];
  /** Attempts on record for which no request came in. */
  unmade: AttemptRow[];
}

/** How much is still to be done: deliveries without a final state, and rows that wait. */
export async function countOpen(home: ServerHome): Promise<{ open: number; waiting: number }> {
  const [row] = await home.query<{ open: number; waiting: number }>(
    `select ((select coalesce(sum(cardinality(targets)), 0) from event)
        - (select count(*) from delivery where state <> 'pending'))::int as open,
      (select count(*) from retry)::int as waiting`,
  );
  if (!row) throw new Error("nothing was counted");
  return row;
}

/** Compares what receivers saw with what is on record. */
export async function readOutcome(
  home: ServerHome,
  customers: readonly Customer[],
): Promise<Outcome> {
  const events = await home.query<Outcome["events"][number]>(
    "select id, type, targets from event order by id",
  );
  const attempts = await home.query<AttemptRow>(
    `select event_id as event, endpoint, n, process, status, ms,
        (extract(epoch from sent_at) * 1000)::float8 as "sentAt"
      from attempt order by sent_at`,
  );
  const rows = new Map<string, AttemptRow[]>();
  for (const row of attempts) {
    const key = `${row.event}/${row.endpoint}`;
    const found = rows.get(key);
    if (found) found.push(row);
    else rows.set(key, [row]);
  }
  const outcome: Outcome = { events, missing: [], doubled: [], unrecorded: [], unmade: [] };
  for (const { receiver, serial } of customers) {
    const receipts = new Map<string, Receipt[]>();
    for (const receipt of receiver.receipts) {
      const event = parseId("evt", receipt.id) ?? receipt.id;
      const found = receipts.get(event);
      if (found) found.push(receipt);
      else receipts.set(event, [receipt]);
    }
    for (const { id: event, targets } of events) {
      if (!targets.includes(serial)) continue;
      const left = [...(rows.get(`${event}/${serial}`) ?? [])];
      const matched = (receipts.get(event) ?? []).map((receipt) => ({
        receipt,
        row: takeMatching(left, receipt),
      }));
      outcome.unmade.push(...left);
      outcome.unrecorded.push(...matched.filter(({ row }) => !row).map(({ receipt }) => receipt));
      const successes = matched.filter(({ receipt }) => isSuccess(receipt.answered));
      if (successes.length === 0) outcome.missing.push(`${event}/${serial}`);
      if (successes.length > 1) outcome.doubled.push({ event, serial, successes });
    }
  }
  return outcome;
}

/** The attempt that made this request: its number and its second are in the request's headers. */
function takeMatching(rows: AttemptRow[], { attempt, headers }: Receipt): AttemptRow | null {
  const second = Number(headers["webhook-timestamp"]);
  const found = rows.findIndex(
    ({ n, sentAt }) => n === attempt && Math.floor(Math.round(sentAt) / 1000) === second,
  );
  return found < 0 ? null : (rows.splice(found, 1)[0] ?? null);
}

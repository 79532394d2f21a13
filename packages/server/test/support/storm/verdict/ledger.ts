import { timeOfId } from "../../../../src/core/ids.ts";
import { type Line, ledgerLines } from "../../database/books.ts";
import { nameOf, type Rule } from "./evidence.ts";

/** The ledger says what happened, of days that are gone too: what they never came to is cancelled. */
export const balanced: Rule = async ({ storm, events, deliveries }, wrong) => {
  const { database, workspaceId } = storm.town;
  const firstKept = dayOf(storm.firstKept);
  const happened = new Map<string, Line>();
  for (const { id, targets } of events) {
    const day = dayOf(id);
    for (const endpoint of targets) {
      const state = deliveries.get(nameOf({ eventId: id, endpoint }))?.state ?? "pending";
      const isCancelled = day < firstKept && state === "pending";
      const line = happened.get(`${day} ${endpoint}`) ?? { day, endpoint, ...NOTHING };
      line.targeted++;
      line[isCancelled ? "cancelled" : (state as keyof typeof NOTHING)]++; // of a column with these alone
      happened.set(`${day} ${endpoint}`, line);
    }
  }
  const pool = database.connections.pool;
  const lines = await ledgerLines(pool, workspaceId, { firstKept });
  const [ledger, counted] = [lines, [...happened.values()]].map((each) =>
    each.map(inWords).sort().join("; "),
  );
  if (ledger !== counted) wrong(`the ledger says ${ledger}, and it was ${counted}`);
};

const NOTHING = { targeted: 0, delivered: 0, pending: 0, dead: 0, cancelled: 0 };

function dayOf(id: string): string {
  return new Date(timeOfId(id)).toISOString().slice(0, 10);
}

function inWords({ day, endpoint, targeted, delivered, pending, dead, cancelled }: Line): string {
  return `${day} ${endpoint}: ${targeted} = ${delivered} + ${pending} + ${dead} + ${cancelled}`;
}

import type { Outlook } from "../outlook.ts";
import { type EventRow, type Evidence, nameOf, type Rule } from "./evidence.ts";

/**
 * What keeps its order is seen first when all before it was taken, or is a gap; until the endpoint asks for
 * no order any more.
 */
export const inOrder: Rule = (evidence, wrong) => {
  for (const { serial } of evidence.storm.endpoints) {
    for (const { events, until } of lanesOf(evidence, serial)) {
      for (const [at, event] of events.entries()) {
        const first = firstSent(evidence, event, serial);
        if (first > until) continue;
        for (const before of events.slice(0, at)) {
          if (isPast(evidence, before, serial, first)) continue;
          wrong(`to ${serial}, ${event.seq} was sent before ${before.seq} was taken`);
        }
      }
    }
  }
};

interface Lane {
  events: EventRow[];
  until: number;
}

/**
 * An endpoint's events of each conversation, in their order: those that were accepted while it kept the
 * order, from one change of that to the next.
 */
function lanesOf(evidence: Evidence, endpoint: number): Lane[] {
  const lanes = new Map<string, Lane>();
  const changes = evidence.orderings.filter(({ serial }) => serial === endpoint);
  for (const event of evidence.events.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0))) {
    // What is kept nowhere cannot wait for its turn.
    if (event.isPurged || event.conversationId === null || !event.targets.includes(endpoint))
      continue;
    const at = changes.findLastIndex(({ version }) => version <= event.configVersion);
    if (!changes[at]?.keepsOrder) continue;
    const name = `${event.conversationId} after change ${at}`;
    const lane = lanes.get(name) ?? { events: [], until: endOf(evidence, changes[at + 1]) };
    lane.events.push(event);
    lanes.set(name, lane);
  }
  return [...lanes.values()];
}

/** The last moment at which a change had not been made. */
function endOf({ storm }: Evidence, change: { version: number } | undefined): number {
  if (!change) return Number.POSITIVE_INFINITY;
  const isBefore = ({ workspaceVersion }: Outlook) => workspaceVersion < change.version;
  return storm.outlooks.findLast(isBefore)?.moment ?? 0;
}

function firstSent({ requests }: Evidence, { id }: EventRow, endpoint: number): number {
  const own = requests.get(nameOf({ eventId: id, endpoint })) ?? [];
  return Math.min(...own.map(({ begunAt }) => begunAt));
}

/** Whether nothing behind it had to wait for it at a moment. */
function isPast(
  evidence: Evidence,
  { id, isClosed }: EventRow,
  endpoint: number,
  moment: number,
): boolean {
  if (isClosed || moment === Number.POSITIVE_INFINITY) return true;
  const name = nameOf({ eventId: id, endpoint });
  const delivery = evidence.deliveries.get(name);
  if (delivery?.isGap || delivery?.state === "cancelled") return true;
  const own = evidence.requests.get(name) ?? [];
  return own.some(({ isTaken, begunAt }) => isTaken && begunAt < moment);
}

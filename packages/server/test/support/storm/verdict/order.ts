import { type EventRow, type Evidence, nameOf, type Rule } from "./evidence.ts";

/** What keeps its order is seen first when all before it was taken, or is a gap. */
export const inOrder: Rule = (evidence, wrong) => {
  for (const { serial } of evidence.storm.endpoints.filter(({ keepsOrder }) => keepsOrder)) {
    for (const lane of lanesOf(evidence, serial)) {
      for (const [at, event] of lane.entries()) {
        const first = firstSent(evidence, event, serial);
        for (const before of lane.slice(0, at)) {
          if (isPast(evidence, before, serial, first)) continue;
          wrong(`to ${serial}, ${event.seq} was sent before ${before.seq} was taken`);
        }
      }
    }
  }
};

/** An endpoint's events of each conversation, in their order. */
function lanesOf({ events }: Evidence, endpoint: number): EventRow[][] {
  const lanes = new Map<string, EventRow[]>();
  for (const event of events) {
    if (event.conversationId === null || !event.targets.includes(endpoint)) continue;
    lanes.set(event.conversationId, [...(lanes.get(event.conversationId) ?? []), event]);
  }
  return [...lanes.values()].map((lane) => lane.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)));
}

function firstSent({ requests }: Evidence, { id }: EventRow, endpoint: number): number {
  const own = requests.get(nameOf({ eventId: id, endpoint })) ?? [];
  return Math.min(...own.map(({ begunAt }) => begunAt));
}

/** Whether nothing behind it had to wait for it at a moment. */
function isPast(evidence: Evidence, { id }: EventRow, endpoint: number, moment: number): boolean {
  if (moment === Number.POSITIVE_INFINITY) return true;
  const name = nameOf({ eventId: id, endpoint });
  const delivery = evidence.deliveries.get(name);
  if (delivery?.isGap || delivery?.state === "cancelled") return true;
  const own = evidence.requests.get(name) ?? [];
  return own.some(({ isTaken, begunAt }) => isTaken && begunAt < moment);
}

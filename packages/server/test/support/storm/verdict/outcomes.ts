import type { Request } from "../receivers.ts";
import { type Evidence, isLost, nameOf, type Rule } from "./evidence.ts";

/** Each target has had it, or is on record as dead or cancelled for a reason. */
export const cameToAnEnd: Rule = ({ storm, events, deliveries, requests, deleted }, wrong) => {
  for (const { id, targets, isPurged } of events.filter(({ isClosed }) => !isClosed)) {
    const mayBeExpunged = id < storm.firstBodies[1];
    for (const endpoint of targets) {
      const name = nameOf({ eventId: id, endpoint });
      const delivery = deliveries.get(name);
      const own = requests.get(name) ?? [];
      const isTaken = own.some((each) => each.isTaken);
      const state = delivery?.state ?? "nothing";
      if (state === "delivered" ? !isTaken : !["dead", "cancelled"].includes(state)) {
        wrong(`${name} is ${state}, and ${isTaken ? "was" : "was not"} taken`);
      }
      const mayBeCancelled =
        deleted.has(endpoint) ||
        (isPurged && delivery?.reason === "purge_lost") ||
        (mayBeExpunged && delivery?.reason === "expunged");
      if (state === "cancelled" && !mayBeCancelled) wrong(`${name} is cancelled`);
      if (own.some(isKnownTaken) && state !== "delivered") {
        wrong(`${name} is ${state}, and was known to be taken`);
      }
      const schedule = storm.endpoints.find(({ serial }) => serial === endpoint)?.schedule ?? [];
      if (state === "dead" && !isPurged && (delivery?.attempts ?? 0) < schedule.length + 1) {
        wrong(`${name} is dead after ${delivery?.attempts} attempts`);
      }
    }
  }
};

/** Whoever was not known to have failed is not sent again, but by a replay, or after its process was lost. */
export const sentOnce: Rule = (evidence, wrong) => {
  for (const [name, own] of evidence.requests) {
    const isClosed = own.some(({ eventId }) => eventId < evidence.storm.firstKept);
    if (!evidence.deliveries.has(name) && !isClosed) wrong(`${name} was sent, and is not there`);
    const sorted = [...own].sort((a, b) => a.begunAt - b.begunAt);
    for (const [at, request] of sorted.entries()) {
      if (request.isReplay) continue;
      const before = sorted.slice(0, at).find((each) => !mayComeAgain(evidence, each, request));
      if (!before) continue;
      const [first, again] = [before, request].map(({ n, station }) => `${n} by ${station.name}`);
      wrong(`${name} was sent as ${first} and again as ${again}`);
    }
  }
};

/** The same bytes leave each time; of what is kept nowhere, what remains of it is replayed. */
export const sameBytes: Rule = ({ events, requests }, wrong) => {
  const purged = new Set(events.filter(({ isPurged }) => isPurged).map(({ id }) => id));
  for (const [name, own] of requests) {
    const compared = own.filter(({ isReplay, eventId }) => isReplay || !purged.has(eventId));
    const bodies = new Set(compared.map(({ body }) => body));
    if (bodies.size > 1) wrong(`${name} left as ${[...bodies].join(" and as ")}`);
  }
};

function isKnownTaken({ isTaken, status, station }: Request): boolean {
  return isTaken && status === 200 && !station.wasCut;
}

function mayComeAgain(evidence: Evidence, before: Request, again: Request): boolean {
  const { endedAt, status } = before;
  if (isLost(evidence, before)) return true;
  return endedAt !== null && endedAt < again.begunAt && status !== 200;
}

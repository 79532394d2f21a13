import type { Request } from "../receivers.ts";
import { type Evidence, nameOf, type Rule } from "./evidence.ts";

/** Each target has had it, or is on record as dead or cancelled for a reason. */
export const cameToAnEnd: Rule = ({ storm, events, deliveries, requests, deleted }, wrong) => {
  for (const { id, targets } of events) {
    for (const endpoint of targets) {
      const name = nameOf({ eventId: id, endpoint });
      const delivery = deliveries.get(name);
      const own = requests.get(name) ?? [];
      const isTaken = own.some((each) => each.isTaken);
      const state = delivery?.state ?? "nothing";
      if (state === "delivered" ? !isTaken : !["dead", "cancelled"].includes(state)) {
        wrong(`${name} is ${state}, and ${isTaken ? "was" : "was not"} taken`);
      }
      if (state === "cancelled" && !deleted.has(endpoint)) wrong(`${name} is cancelled`);
      if (own.some(isKnownTaken) && state !== "delivered") {
        wrong(`${name} is ${state}, and was known to be taken`);
      }
      const schedule = storm.endpoints.find(({ serial }) => serial === endpoint)?.schedule ?? [];
      if (state === "dead" && (delivery?.attempts ?? 0) < schedule.length + 1) {
        wrong(`${name} is dead after ${delivery?.attempts} attempts`);
      }
    }
  }
};

/** Whoever was not known to have failed is not sent again, but by a replay, or after its process was lost. */
export const sentOnce: Rule = (evidence, wrong) => {
  for (const [name, own] of evidence.requests) {
    if (!evidence.deliveries.has(name)) wrong(`${name} was sent, and is not there`);
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

/** The same bytes leave each time. */
export const sameBytes: Rule = ({ requests }, wrong) => {
  for (const [name, own] of requests) {
    const bodies = new Set(own.map(({ body }) => body));
    if (bodies.size > 1) wrong(`${name} left as ${[...bodies].join(" and as ")}`);
  }
};

function isKnownTaken({ isTaken, status, station }: Request): boolean {
  return isTaken && status === 200 && !station.wasCut;
}

function mayComeAgain({ timesRegistered }: Evidence, before: Request, again: Request): boolean {
  const { station, endedAt, status } = before;
  if (station.wasCut || station.ether.hasUndead) return true;
  if ((timesRegistered.get(station.name) ?? 0) > 1) return true;
  return endedAt !== null && endedAt < again.begunAt && status !== 200;
}

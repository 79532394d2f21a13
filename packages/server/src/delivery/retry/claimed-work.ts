import type { Claimed, Fetched } from "../../storage/queue/retries.ts";
import type { Registration } from "../processes/membership.ts";
import type { Work } from "../work.ts";

/** What was found of a row whose event there is. */
type Found = Fetched & { payload: string; type: string };

export function isThere(found: Fetched): found is Found {
  return found.payload !== null && found.type !== null;
}

/** A claimed row as this process carries it. */
export function workOf(
  row: Claimed,
  found: Found,
  { registration, since }: { registration: Registration; since: number },
): Work {
  const sealed = sealedIn(found, row);
  return {
    registration,
    eventId: row.eventId,
    endpoint: row.endpoint,
    workspaceId: row.workspaceId,
    type: found.type,
    payload: found.payload,
    kept: isLost(found, row) ? found.payload : null,
    isSealed: sealed !== null,
    history: found.history,
    n: row.n,
    round: row.round,
    roundN: row.roundN,
    conversationId: row.conversationId,
    seq: row.seq,
    body: found.body ?? sealed,
    renderer: isWritten(found) ? found.renderer : null,
    tracked: null,
    leased: true,
    since,
    place: null,
    flight: null,
    moving: null,
  };
}

/** No body is kept of what was delivered with a plain one. */
function isWritten({ body, deliveredRound }: Fetched): boolean {
  return body !== null || deliveredRound !== null;
}

/** What is kept for an endpoint that has given a key; null for any other. */
function sealedIn({ held }: Fetched, { endpoint }: Claimed): string | null {
  if (held === null) return null;
  const sealed = JSON.parse(held) as Record<string, string>; // a column of ours
  return sealed[endpoint] ?? null;
}

/** Its one attempt was not made, or nobody knows what came of it. A replay sends what remains. */
function isLost(found: Fetched, row: Claimed): boolean {
  return found.held !== null && row.round === 1 && sealedIn(found, row) === null;
}

/** Nothing is to be sent for it: it was delivered in this round or later, or ended otherwise. */
export function isFinal(found: Fetched, round: number): boolean {
  if (found.state === "delivered") return (found.deliveredRound ?? 0) >= round;
  return (
    (found.state === "dead" || found.state === "cancelled") && (found.deliveryRound ?? 0) >= round
  );
}

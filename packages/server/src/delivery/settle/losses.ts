import type { AcceptorSpec, Queryable } from "../../core/events/recording.ts";
import { deliveryId, publicId } from "../../core/ids.ts";
import { type Settlement, settleRetries } from "../../storage/deliveries/deliveries.ts";
import { settleFirst } from "../../storage/deliveries/settle-first.ts";
import { draftAbout } from "../accept/purged-message.ts";
import { keyOf } from "../work.ts";
import type { FindEndpointId } from "./receipts.ts";
import type { Outcome } from "./settle.ts";

const MOST_A_TRANSACTION = 200;

/**
 * Writes down that the one attempt at what is kept nowhere came to nothing, and tells of it, both in one
 * transaction: no body is lost in silence. Told is what the deliveries stand by: whoever has taken over from
 * us, or has written another outcome, has told, or will. Answers as `settleLoss` of `CarrierDeps` does.
 */
export function lossSpec(findEndpointId: FindEndpointId): AcceptorSpec<Outcome, boolean> {
  return {
    name: "losses",
    refusesNone: true,
    maxUnits: MOST_A_TRANSACTION,
    async run(recording, outcomes) {
      const { tx, now } = recording;
      const losses = outcomes.map((outcome) => ({ outcome, row: rowOf(outcome) }));
      const first = await writeFirst(tx, losses);
      const others = losses.flatMap(({ row }) => (first.has(row) ? [] : [row]));
      const again = others.length > 0 ? await settleRetries(tx, others, now) : null;
      const written = new Set([...first, ...(again?.written ?? [])]);
      const told = losses.filter(({ row }) => written.has(row));
      await recording.append(told.map(({ outcome }) => lossOf(outcome, now, findEndpointId)));
      return outcomes.map(() => again?.isPassedBy ?? false);
    },
  };
}

interface Loss {
  outcome: Outcome;
  /** What is written of it. */
  row: Settlement;
}

function rowOf({ settlement }: Outcome): Settlement {
  return { ...settlement, reason: "purge_lost" };
}

/** Appends what nobody has leased, each for the process that carried it; answers what was written. */
async function writeFirst(tx: Queryable, losses: readonly Loss[]): Promise<Set<Settlement>> {
  const written = new Set<Settlement>();
  for (const [process, rows] of byProcess(losses)) {
    const lost = await settleFirst(tx, process, rows);
    if (lost === null) continue;
    const lostKeys = new Set(lost.map(keyOf));
    for (const row of rows) if (!lostKeys.has(keyOf(row))) written.add(row);
  }
  return written;
}

function byProcess(losses: readonly Loss[]): Map<number, Settlement[]> {
  const groups = new Map<number, Settlement[]>();
  for (const { outcome, row } of losses) {
    const { leased, registration } = outcome.work;
    if (leased) continue;
    const group = groups.get(registration.id);
    if (group) group.push(row);
    else groups.set(registration.id, [row]);
  }
  return groups;
}

function lossOf({ work, settlement }: Outcome, now: number, findEndpointId: FindEndpointId) {
  const { attempt, reason } = settlement;
  const { eventId, endpoint, workspaceId } = work;
  const endpointId = findEndpointId(workspaceId, endpoint);
  const data = {
    event_id: publicId("evt", eventId),
    event_type: work.type,
    endpoint_id: endpointId === null ? null : publicId("ep", endpointId),
    delivery_id: deliveryId(eventId, endpoint),
    attempted: attempt !== null,
    reason: reasonOf(attempt) ?? reason,
  };
  return draftAbout(work.kept ?? "", { workspaceId, now, type: "message.purge_lost", data });
}

function reasonOf(attempt: Settlement["attempt"]): string | null {
  if (attempt === null) return null;
  return attempt.status === null ? attempt.error : `http_${attempt.status}`;
}

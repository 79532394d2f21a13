import type { AcceptorSpec } from "../../core/events/recording.ts";
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
 * transaction: no body is lost in silence.
 */
export function lossSpec(findEndpointId: FindEndpointId): AcceptorSpec<Outcome, void> {
  return {
    name: "losses",
    refusesNone: true,
    maxUnits: MOST_A_TRANSACTION,
    async run(recording, outcomes) {
      const { tx, now } = recording;
      const told = new Map(outcomes.map((outcome) => [keyOf(outcome.work), outcome]));
      const first = outcomes.filter(({ work }) => !work.leased);
      for (const [process, rows] of byProcess(first)) {
        const lost = await settleFirst(tx, process, rows);
        // Whoever has taken over from us, or has written the outcome, tells of it.
        for (const row of lost ?? rows) told.delete(keyOf(row));
      }
      const again = outcomes.filter(({ work }) => work.leased).map(settlementOf);
      if (again.length > 0) await settleRetries(tx, again, now);
      const drafts = [...told.values()].map((outcome) => lossOf(outcome, now, findEndpointId));
      await recording.append(drafts);
      return outcomes.map(() => undefined);
    },
  };
}

function settlementOf({ settlement }: Outcome): Settlement {
  return { ...settlement, reason: "purge_lost" };
}

function byProcess(outcomes: readonly Outcome[]): Map<number, Settlement[]> {
  const rows = new Map<number, Settlement[]>();
  for (const outcome of outcomes) {
    const { id } = outcome.work.registration;
    rows.set(id, [...(rows.get(id) ?? []), settlementOf(outcome)]);
  }
  return rows;
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

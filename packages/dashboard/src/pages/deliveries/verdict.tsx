import type { ReactNode } from "react";
import { Until } from "../../parts/values/time.tsx";
import { deliveryWords } from "../../words/index.ts";
import type { DeliveryDetail, Endpoint } from "./queries.ts";

/** One sentence: what is so, and what comes. */
export function verdictOf(delivery: DeliveryDetail, endpoint: Endpoint | undefined): ReactNode {
  const { verdict } = deliveryWords;
  const name = endpoint?.name ?? deliveryWords.deletedEndpoint;
  const { state, attempt_count: attempts } = delivery;
  if (delivery.is_replay && state !== "pending") return verdict.replayed;
  if (state === "delivered") return verdict.accepted(name, attempts);
  if (state === "dead") return verdict.dead(name, verdict.times(attempts));
  if (state === "cancelled") {
    const { reason } = delivery;
    return verdict.cancelled(reason === null ? null : (deliveryWords.reasons[reason] ?? reason));
  }
  if (endpoint?.state === "paused") return verdict.paused(name);
  if (delivery.is_held) return verdict.held(name);
  if (attempts === 0 || delivery.next_attempt_at === null) return verdict.underWay(name);
  const left = Math.max(0, (endpoint?.retry_schedule.length ?? attempts) - attempts);
  return (
    <>
      {verdict.failed(name)} <b>{verdict.times(attempts)}</b>. {verdict.nextTry}{" "}
      <b>
        <Until at={delivery.next_attempt_at} />
      </b>
      {verdict.thenDead(left)}
    </>
  );
}

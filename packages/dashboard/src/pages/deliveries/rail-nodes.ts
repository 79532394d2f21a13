import type { RailNode } from "../../parts/charts/rail.tsx";
import { answerWord } from "../../parts/values/answer.tsx";
import { clock, wait } from "../../words/format.ts";
import type { DeliveryDetail } from "./queries.ts";

/** More do not fit: the oldest are in the list of all attempts. */
const MOST_NODES = 9;

export interface ScheduleRail {
  nodes: RailNode[];
  /** The attempts that stand on it, by their place. */
  attempts: DeliveryDetail["attempts"];
}

/**
 * The attempts of the round that is, what comes next and what may follow, by the endpoint's schedule
 * as it is now. Waits count from the end of an attempt.
 */
export function railOf(
  delivery: Pick<DeliveryDetail, "attempts" | "state" | "next_attempt_at" | "round">,
  schedule: readonly number[] | undefined,
): ScheduleRail {
  const ofRound = delivery.attempts.filter(({ round }) => round === delivery.round);
  const shown = (ofRound.length > 0 ? ofRound : delivery.attempts).slice(-MOST_NODES);
  const first = ofRound.length - shown.length;
  const isOpen = delivery.state === "pending";
  const waitAfter = (place: number) => {
    const seconds = schedule?.[first + place];
    return seconds === undefined ? null : wait(seconds);
  };
  const nodes: RailNode[] = shown.map((attempt, place) => ({
    kind: attempt.status !== null && attempt.status < 300 ? "accepted" : "failed",
    word: answerWord(attempt),
    at: clock(Date.parse(attempt.sent_at)),
    wait: place < shown.length - 1 || isOpen ? waitAfter(place) : null,
  }));
  if (!isOpen || schedule === undefined) return { nodes, attempts: shown };
  let at = delivery.next_attempt_at === null ? null : Date.parse(delivery.next_attempt_at);
  for (let n = ofRound.length; n <= schedule.length && nodes.length < MOST_NODES; n++) {
    const seconds = schedule[n];
    nodes.push({
      kind: n === ofRound.length ? "next" : "toCome",
      word: "",
      at: at === null ? "" : clock(at).slice(0, n === ofRound.length ? 8 : 5),
      wait: seconds === undefined ? null : wait(seconds),
    });
    if (at !== null && seconds !== undefined) at += seconds * 1_000;
  }
  return { nodes, attempts: shown };
}

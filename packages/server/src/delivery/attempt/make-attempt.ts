import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Settlement } from "../../storage/deliveries/deliveries.ts";
import type { EndpointView } from "../directory/directory.ts";
import type { Work } from "../work.ts";
import { concludeAttempt, type PostResult, type Sent, unwritten, writeLetter } from "./attempt.ts";
import { postSigned } from "./post-signed.ts";
import type { Target } from "./targets.ts";

export interface AttemptDeps {
  clock: Pick<Clock, "now">;
  logger: Logger;
  /** In [0, 1): spreads retries. */
  random(): number;
}

export interface AttemptOf {
  work: Work;
  /** Its endpoint as it is when it is asked for: a secret may be taken away while an answer is under way. */
  lane: { readonly view: EndpointView };
  target(): Target;
}

export interface Ended {
  /** As it was when the request was written. */
  endpoint: EndpointView;
  result: PostResult;
  settlement: Settlement;
}

/**
 * One attempt and what it came to. Never rejects: a slot, a floor and a lane wait for its outcome, so a
 * fault of ours is one too.
 */
export async function makeAttempt(
  { clock, logger, random }: AttemptDeps,
  { work, lane, target }: AttemptOf,
): Promise<Ended> {
  const sentAt = clock.now();
  const endpoint = lane.view;
  const conclude = ({ letter, result }: { letter: Sent; result: PostResult }): Ended => {
    const times = { sentAt, endedAt: clock.now() };
    const settlement = concludeAttempt(work, endpoint, letter, result, times, random());
    return { endpoint, result, settlement };
  };
  try {
    const letter = writeLetter(work, endpoint, sentAt);
    const connections = target();
    const answered = await postSigned({
      work,
      letter,
      endpoint: () => lane.view,
      now: () => clock.now(),
      post: ({ headers, body }, deadlineMs) =>
        connections.post({ headers, body, deadlineMs }).catch((error: unknown): PostResult => {
          logger.error({ err: error }, "an attempt ended without an outcome");
          return { kind: "failed", error: "other", detail: String(error), ms: 0 };
        }),
    });
    return conclude(answered);
  } catch (error) {
    const about = { event: work.eventId, endpoint: work.endpoint, attempt: work.n };
    logger.error({ err: error, ...about }, "a request could not be written");
    return conclude(unwritten(work, endpoint));
  }
}

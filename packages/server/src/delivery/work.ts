import type { TracePlace } from "../core/outside/tracing.ts";
import type { Tracked } from "./processes/floors.ts";
import type { Registration } from "./processes/membership.ts";

/** One delivery as this process carries it: the next attempt, and what it was made of. */
export interface Work {
  /** The registration under which it is carried; a later one has no right to it. */
  readonly registration: Registration;
  readonly eventId: string;
  /** The endpoint's serial. */
  readonly endpoint: number;
  readonly workspaceId: string;
  readonly type: string;
  /** The frozen native body. */
  readonly payload: string;
  /**
   * What remains of `payload` where that is kept nowhere: it is tried once, from this memory, and what
   * comes of it carries no word of it. Null for everything else.
   */
  readonly kept: string | null;
  /** `body` is sealed to a key of the receiver's, and it alone can read what it was. */
  readonly isSealed: boolean;
  /** JSON of the conversation's messages before it, where an endpoint had asked for them. */
  readonly history: string | null;
  /** The number of this attempt. */
  readonly n: number;
  readonly round: number;
  /** The number of the first attempt of this round. */
  readonly roundN: number;
  /** Set, with `seq`, where it keeps its place in its conversation; null elsewhere. */
  readonly conversationId: string | null;
  readonly seq: number | null;
  /** The dialect's body, kept since the first failure. */
  readonly body: string | null;
  /** What wrote what was kept, or delivered; null while nothing has been written. */
  readonly renderer: number | null;
  /** The event among this process's own, while its first outcome is open. */
  tracked: Tracked | null;
  /** It stands in `retry` under this process's name. */
  leased: boolean;
  /** Since when memory has carried it, on the monotonic clock. */
  readonly since: number;
  /** Where its attempt belongs in a trace; null for the beginning of one. */
  readonly place: TracePlace | null;
  /** Its number among the requests under way; null while it is none of them. */
  flight: number | null;
  /** A move to `retry` that is under way; its outcome is written after it. */
  moving: Promise<void> | null;
}

export function keyOf(work: { eventId: string; endpoint: number }): string {
  return `${work.eventId}/${work.endpoint}`;
}

import type { NewEvent } from "../../storage/events/events.ts";
import type { WorkspaceView } from "./directory.ts";

/** What is in neither of the first two lists waits in the log: its endpoint is behind. */
export interface Ways {
  /** Of an event's targets, those that go from memory to the wire. */
  carried: readonly number[];
  /** Those that keep the order of its conversation: they stand in `retry` from the start. */
  ordered: readonly Ordered[];
  /** Of what is carried, what would keep its order and is kept nowhere: it cannot wait for its turn. */
  passing: readonly number[];
}

interface Ordered {
  endpoint: number;
  /** It may be its conversation's head, if nothing is before it. */
  heads: boolean;
}

const NOTHING: readonly never[] = [];

/** How the event leaves for each of its targets, by the configuration that chose them. */
export function waysOf(
  { conversationId, targets, held }: NewEvent,
  view: WorkspaceView | undefined,
): Ways {
  if (view === undefined || view.isPlain) {
    return { carried: targets, ordered: NOTHING, passing: NOTHING };
  }
  const carried: number[] = [];
  const ordered: Ordered[] = [];
  const passing: number[] = [];
  for (const endpoint of targets) {
    const found = view.endpoints.get(endpoint);
    if (held !== null && !found?.holdKey) {
      // What is kept nowhere waits nowhere: it is attempted now, or lost.
      carried.push(endpoint);
      if (found?.keepsOrder) passing.push(endpoint);
      continue;
    }
    if (found?.isBehind) continue;
    if (conversationId !== null && found?.keepsOrder) {
      ordered.push({ endpoint, heads: !found.catchesUp });
    } else carried.push(endpoint);
  }
  return { carried, ordered, passing };
}

import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../../core/messages/inbound.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { findDueWaiting } from "../../storage/conversations/waiting.ts";

const BATCH = 200;

/**
 * Takes up what came before the message that it speaks of, where that is there by now or has been waited
 * for long enough. Several processes may do so at once: each item is taken by one. Answers how many.
 */
export async function rejoinOnce(o: {
  db: Queryable;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  clock: Pick<Clock, "now">;
  /** Told how many have waited in vain. */
  onUnroutable?: (n: number) => void;
}): Promise<number> {
  const due = await findDueWaiting(o.db, o.clock.now(), BATCH);
  for (const provider of new Set(due.map((each) => each.provider))) {
    const mine = due.filter((each) => each.provider === provider);
    const { unroutable } = await o.inbox.accept({
      provider,
      items: mine.map(({ item }) => item),
      onlyChannelId: null,
      waited: mine.map(({ id, isOver }) => ({ id, isOver })),
    });
    o.onUnroutable?.(unroutable);
  }
  return due.length;
}

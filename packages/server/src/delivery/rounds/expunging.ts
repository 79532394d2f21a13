import { CurlewError } from "../../core/errors.ts";
import { timeOfId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import {
  type ExpungedOne,
  expungeEvent,
  expungePage,
  forgetCaughtBefore,
} from "../../storage/retention/expunging.ts";
import { makeRoom, sweepDays } from "../../storage/retention/unswept-days.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { inTurn } from "../loops/in-turn.ts";
import { firstKeptId } from "../retention.ts";

const PAGE = 1_000;
/** After so many events room is made for what is left of the next ones. */
const ROOM_EVERY = 50_000;
/** How soon a request that is under way may have ended. */
const COME_BACK_S = 5;

export interface ExpungeDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  /** For sweeping, which takes as long as it takes. */
  slow: ReturnType<Connections["lane"]>;
  clock: Pick<Clock, "now">;
  logger: Logger;
  /** How long bodies are kept, and how long the log is. */
  payloadMs: number;
  retentionMs: number;
  /** Deliveries that waited for bodies that are gone. */
  onCancelled(deliveries: number): void;
  /** Something of these endpoints is due since `dueAt`. */
  wake(endpoints: readonly number[], dueAt: number): void;
  /** Something may be due unheard: it was kept from others, and is still there. */
  doubt(): void;
  /** Ends the round after the page that it is in, and the sweeping at once. */
  signal?: AbortSignal;
  /** Events of a page, and those after which room is made; less in tests. */
  page?: number;
  roomEvery?: number;
}

/** What a round has done. */
export interface Expunged {
  events: number;
  cancelled: number;
  /** Days whose files were swept. */
  swept: readonly string[];
}

/**
 * The round of the bodies: those of days that are over are expunged page by page, each page in a
 * transaction with how far it has come, and the files are swept. It may end anywhere: whoever makes the
 * next round goes on. Of many processes one is at it.
 */
export async function expungeOnce(deps: ExpungeDeps): Promise<Expunged> {
  const { connections, slow, clock, logger, payloadMs, retentionMs, signal } = deps;
  const done = { events: 0, cancelled: 0 };
  const below = firstKeptId(clock.now(), payloadMs);
  let sinceRoom = 0;
  while (payloadMs < retentionMs && !signal?.aborted) {
    const now = clock.now();
    const page = await connections.transaction((tx) =>
      expungePage(tx, { below, limit: deps.page ?? PAGE, now }),
    );
    if (page.kind === "elsewhere") break;
    done.cancelled += page.cancelled;
    if (page.cancelled > 0) deps.onCancelled(page.cancelled);
    if (page.promoted.length > 0) deps.wake(page.promoted, now);
    if (page.kind === "held") {
      deps.doubt();
      break;
    }
    done.events += page.events;
    if (page.isDone) break;
    sinceRoom += page.events;
    if (sinceRoom >= (deps.roomEvery ?? ROOM_EVERY)) {
      await makeRoom(slow, signal);
      sinceRoom = 0;
    }
  }
  if (payloadMs < retentionMs) await forgetCaughtBefore(connections.pool, timeOfId(below));
  const swept = await sweepDays(slow, signal);
  if (done.events + done.cancelled > 0) logger.info({ ...done, swept }, "bodies were expunged");
  return { ...done, swept };
}

export type ExpungeOne = (owner: Owner, eventId: string) => Promise<ExpungedOne | null>;

/**
 * Expunges one event's body now; null when the owner may see no such event. Throws `conflict` while a
 * request with it is under way.
 */
export function expungerOf({
  connections,
  clock,
  onCancelled,
  wake,
}: Pick<ExpungeDeps, "connections" | "clock" | "onCancelled" | "wake">): ExpungeOne {
  return async (owner, eventId) => {
    const now = clock.now();
    const one = await inTurn(() =>
      connections.transaction(async (tx) => {
        const outcome = await expungeEvent(tx, owner, { id: eventId, now });
        if (outcome !== "under_way") return outcome;
        throw new CurlewError(
          "conflict",
          "A request with this body is being made, or about to be: come back when it has ended.",
          { retryAfterS: COME_BACK_S },
        );
      }),
    );
    if (one && one.cancelled > 0) onCancelled(one.cancelled);
    if (one && one.promoted.length > 0) wake(one.promoted, now);
    return one;
  };
}

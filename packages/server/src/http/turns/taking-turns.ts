import type { Context, MiddlewareHandler } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { LRUCache } from "lru-cache";
import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import type {
  ChannelAddress,
  InboundOutcome,
  InboundRequest,
} from "../../core/messages/inbound.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { keyOfAddress, routeAddresses } from "../../storage/channels/routing.ts";
import type { AppEnv } from "../api.ts";
import { outgoingOf } from "../requests/peer.ts";
import type { FairShare } from "./fair-share.ts";
import { type Guest, HUNG_UP, HungUp, type Turnstile, whenClosed } from "./turnstile.ts";

const MOST_CHANNELS = 10_000;
/** A channel that was deleted may be connected by another workspace. */
const KNOWN_MS = 60_000;

/** Stands before what makes events, when its body is there: who has to wait does so before it is read as JSON. */
export function takeTurns(turnstile: Pick<Turnstile, "pass">): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== "POST") return next();
    const { workspaceId } = c.get("principal");
    const text = await c.req.text();
    const guest = {
      ...{ workspaceId, bytes: text.length, isList: /^\s*\[/.test(text) },
      ...leaving(c),
    };
    return unlessHungUp(c, () => turnstile.pass(guest, next));
  };
}

/** Stands before what keeps the database busy for long. */
export function takeShare(share: Pick<FairShare, "pass">): MiddlewareHandler<AppEnv> {
  return (c, next) => {
    const { workspaceId } = c.get("principal");
    return unlessHungUp(c, () => share.pass({ workspaceId, ...leaving(c) }, next));
  };
}

/** How it is known that nobody waits for the answer any more. */
function leaving(c: Context<AppEnv>): Pick<Guest, "whenGone"> {
  const outgoing = outgoingOf(c);
  return outgoing ? { whenGone: (gone) => whenClosed(outgoing, gone) } : {};
}

async function unlessHungUp(
  c: Context<AppEnv>,
  work: () => Promise<void>,
): Promise<Response | undefined> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HungUp)) throw error;
    // No status of HTTP's own: nobody gets it.
    return c.body(null, HUNG_UP as StatusCode);
  }
  return undefined;
}

export interface InboxInTurnsDeps {
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  db: Queryable;
  clock: Pick<Clock, "monotonic">;
  turnstile: Pick<Turnstile, "pass" | "spend">;
  logger: Logger;
}

/**
 * What providers bring counts, item by item, for the workspace whose channel it is for: it makes others
 * wait, and waits itself for a while, but is never refused. Whose a channel is is found out beside its first
 * request, which waits for nothing.
 */
export function inboxInTurns(deps: InboxInTurnsDeps): Acceptor<InboundRequest, InboundOutcome> {
  const { inbox, db, clock, turnstile, logger } = deps;
  const owners = new LRUCache<string, { workspaceId: string | null; at: number }>({
    max: MOST_CHANNELS,
  });

  function ownerOf(address: ChannelAddress): string | null {
    const key = keyOfAddress(address);
    const known = owners.get(key);
    const at = clock.monotonic();
    if (known && at - known.at < KNOWN_MS) return known.workspaceId;
    const workspaceId = known?.workspaceId ?? null;
    owners.set(key, { workspaceId, at });
    routeAddresses(db, [address]).then(
      (found) => owners.set(key, { workspaceId: found.get(key)?.workspaceId ?? null, at }),
      (error: unknown) => logger.debug({ err: error }, "whose a channel is was not found out"),
    );
    return workspaceId;
  }

  return {
    accept(request) {
      const address = request.items.find(({ channel }) => channel !== null)?.channel ?? null;
      const workspaceId = address && ownerOf(address);
      if (workspaceId === null) return inbox.accept(request);
      const guest = { workspaceId, bytes: 0, isOwed: true };
      return turnstile.pass(guest, () => {
        turnstile.spend(workspaceId, request.items.length - 1);
        return inbox.accept(request);
      });
    },
  };
}

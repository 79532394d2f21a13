import { CurlewError } from "../../core/errors.ts";
import type { Acceptor } from "../../core/events/recording.ts";
import type { InboundItem, InboundOutcome, InboundRequest } from "../../core/messages/inbound.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Metrics } from "../../runtime/telemetry/metrics.ts";

export interface TakingDeps {
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  metrics: Pick<Metrics, "inbound" | "unroutable">;
  logger: Logger;
}

/**
 * Resolves when everything in an authentic request is committed. Where a fault of ours is in the way,
 * what `whole` makes of it is kept in one piece: the provider would bring it again for a while and then
 * drop it.
 */
export async function acceptOrKeep(
  deps: TakingDeps,
  request: InboundRequest,
  requestId: string,
  whole: () => InboundItem,
): Promise<void> {
  try {
    count(deps, request, await deps.inbox.accept(request));
  } catch (error) {
    if (error instanceof CurlewError) throw error;
    deps.logger.error({ err: error, request_id: requestId }, "a callback could not be taken");
    const kept: InboundRequest = { ...request, items: [whole()] };
    count(deps, kept, await deps.inbox.accept(kept));
  }
}

function count(
  { metrics }: TakingDeps,
  { provider, items }: InboundRequest,
  { messages, unsupported, duplicates, statuses, facts, waiting, unroutable }: InboundOutcome,
): void {
  const channel = items.find((item) => item.channel !== null)?.channel?.kind ?? provider;
  metrics.inbound(channel, "accepted", messages - unsupported + statuses + facts + waiting);
  metrics.inbound(channel, "unsupported", unsupported);
  metrics.inbound(channel, "duplicate", duplicates);
  metrics.inbound(channel, "unroutable", unroutable);
  metrics.unroutable(unroutable);
}

import { Outbox } from "../outbox/outbox.ts";
import { chance } from "../runtime/chance.ts";
import type { Delivery } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Links } from "./links.ts";
import type { Providers } from "./providers.ts";

/** How long a graceful stop waits for what is in flight to providers. */
const GRACE_MS = 20_000;

export function openOutbox(
  { config, db, clock, logger, metrics }: Ground,
  { delivery, providers, links }: { delivery: Delivery; providers: Providers; links: Links },
): Outbox {
  const { http, places, openCredentials } = providers;
  const { engine, changeConfig } = delivery;
  return new Outbox({
    ...{ db, clock, metrics, http, places, openCredentials, changeConfig },
    makeAcceptor: engine.makeAcceptor,
    linkMedia: links.media.link,
    random: chance,
    sends: config.role !== "api",
    processId: () => engine.membership.current.id,
    logger: logger.child({ room: "outbox" }),
  });
}

/** From then on messages leave. */
export function startOutbox({ closing }: Ground, outbox: Outbox): void {
  const stopping = new AbortController();
  const ended = outbox.run(stopping.signal);
  closing.add(async () => {
    stopping.abort();
    await outbox.close(GRACE_MS);
    await ended;
  });
}

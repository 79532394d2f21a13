import { hostname } from "node:os";
import { Engine, type EngineDeps } from "../delivery/engine.ts";
import { takeOver } from "../outbox/outbox.ts";
import { chance } from "../runtime/chance.ts";
import type { OnceLinks } from "../runtime/media/once-links.ts";
import type { WebhookClient } from "../runtime/webhooks/webhook-client.ts";
import { authPlace, headersPlace, secretPlace } from "../storage/endpoints/endpoints.ts";
import type { Ground } from "./ground.ts";

interface EngineParts
  extends Pick<EngineDeps, "backlog" | "onConfig" | "onDisableAsked" | "onWritten"> {
  /** Where deliveries leave. */
  endpoints: WebhookClient;
  onceLinks: OnceLinks;
}

/** This process's share of the delivery engine; it does nothing before it is started. */
export function openEngine(ground: Ground, parts: EngineParts): Engine {
  const { config, connections, clock, ids, logger, metrics, tracing, vault } = ground;
  const { endpoints, onceLinks, ...told } = parts;
  return new Engine({
    ...{ connections, clock, ids, tracing, ...told },
    logger: logger.child({ room: "delivery" }),
    metrics: { ...metrics, attempt: (outcome, ms) => metrics.attempt(outcome, ms / 1000) },
    name: `${hostname()} ${process.pid}`,
    role: config.role,
    random: chance,
    keyIds: () => vault.keyIds(),
    openTarget: (key, options) => endpoints.open(key, options),
    addressBody: onceLinks.addressed,
    openSecret: (sealed, secretId) => vault.open(sealed, secretPlace(secretId)),
    openColumn: (sealed, column, id) =>
      vault.open(sealed, column === "auth" ? authPlace(id) : headersPlace(id)),
    onDatabaseTime: (databaseMs, roundTripMs) => clock.sync(databaseMs, roundTripMs),
    onRecover: async (tx, processId) => void (await takeOver(tx, processId, clock.now())),
  });
}

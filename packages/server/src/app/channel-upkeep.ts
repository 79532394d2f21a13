import type { Loops } from "../delivery/loops/loops.ts";
import { TemplateSync } from "../inbox/asking/template-sync.ts";
import { TokenRenewals } from "../inbox/asking/token-renewals.ts";
import { keepChannelNotice } from "../outbox/announce.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { credentialsPlace } from "../storage/channels/channels.ts";
import type { Delivery } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Providers } from "./providers.ts";

const RENEWED = { kind: "restored", reason: "its access token was renewed" } as const;
const TEMPLATES_EVERY_MS = 60_000;
const TOKENS_EVERY_MS = 10 * 60_000;

/** What channels keep at their providers: templates are asked for, access tokens renewed. */
export interface ChannelUpkeep {
  templates: TemplateSync;
  start(rounds: Loops): void;
}

export function openChannelUpkeep(
  ground: Ground,
  o: { delivery: Delivery; providers: Providers; outbox: Outbox },
): ChannelUpkeep {
  const { config, connections, clock, logger, newId, vault } = ground;
  const { http, places, openCredentials } = o.providers;
  const { changeConfig } = o.delivery;
  const templates = new TemplateSync({
    ...{ connections, http, places, openCredentials, newId, clock },
    logger: logger.child({ room: "templates" }),
  });
  const tokens = new TokenRenewals({
    ...{ connections, changeConfig, http, places, clock, openCredentials },
    sealCredentials: (plain, channelId) => vault.seal(plain, credentialsPlace(channelId)),
    keepDegraded: (tx, channelId, error) =>
      keepChannelNotice(tx, channelId, { kind: "degraded", error, until: null }, clock.now()),
    keepRestored: (tx, channelId) => keepChannelNotice(tx, channelId, RENEWED, clock.now()),
    announce: () => o.outbox.announce(),
    logger: logger.child({ room: "inbox" }),
  });
  return {
    templates,
    start(rounds) {
      if (config.role === "api") return;
      rounds.every("templates", TEMPLATES_EVERY_MS, () => templates.runOnce());
      rounds.every("tokens", TOKENS_EVERY_MS, () => tokens.runOnce());
    },
  };
}

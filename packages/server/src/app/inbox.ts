import type { Loops } from "../delivery/loops/loops.ts";
import { Newcomers } from "../inbox/asking/newcomers.ts";
import { grantProfileWishes } from "../inbox/asking/profile-wishes.ts";
import { SmsReconciler } from "../inbox/asking/sms-reconciler.ts";
import { rejoinOnce } from "../inbox/batch/rejoin.ts";
import { inboxSpec } from "../inbox/inbox.ts";
import { InlineMedia } from "../inbox/media/inline-media.ts";
import { doubtsOf } from "../outbox/doubts.ts";
import type { Delivery } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Links } from "./links.ts";
import type { Media } from "./media.ts";
import type { Providers } from "./providers.ts";

const REJOIN_EVERY_MS = 1_000;
const NEWCOMERS_EVERY_MS = 2_000;
const PROFILES_EVERY_MS = 5_000;
/** How often it is looked whose turn it is to be compared with Twilio's log. */
const RECONCILE_EVERY_MS = 60_000;

/** What customers write, from the provider's request to the log. */
export interface Inbox {
  /** Where requests come in. */
  door: Newcomers;
  /** From then on what was kept for later is taken in, where it has what it waited for. */
  start(rounds: Loops): void;
}

export function openInbox(
  ground: Ground,
  o: { delivery: Delivery; providers: Providers; media: Media; links: Links },
): Inbox {
  const { config, db, clock, metrics, newId, closing } = ground;
  const logger = ground.logger.child({ room: "inbox" });
  const { http, places, findSender, openCredentials } = o.providers;
  const files = { link: o.links.media.link, once: o.links.once.once };
  const inbox = o.delivery.engine.makeAcceptor(inboxSpec(files));
  const mediaLogger = ground.logger.child({ room: "media" });
  const withFiles = new InlineMedia({ ...o.media.passage, db, inbox, clock, logger: mediaLogger });
  const profiles = { db, clock, http, places, findSender };
  const door = new Newcomers({ ...profiles, inbox: withFiles, newId, logger });
  const reconciler = new SmsReconciler({
    ...{ db, http, places, clock, inbox, openCredentials, logger },
    doubtsOf: (channelId) => doubtsOf(db, channelId),
  });

  return {
    door,
    start(rounds) {
      if (config.role !== "api") {
        rounds.every("profiles", PROFILES_EVERY_MS, () =>
          grantProfileWishes({ ...profiles, inbox }),
        );
      }
      rounds.every("sms", RECONCILE_EVERY_MS, () => reconciler.runOnce());
      rounds.every("rejoin", REJOIN_EVERY_MS, () =>
        rejoinOnce({ db, inbox, clock, onUnroutable: (n) => metrics.unroutable(n) }),
      );
      rounds.every("newcomers", NEWCOMERS_EVERY_MS, () => door.runOnce());
      closing.add(() => door.quiet());
    },
  };
}

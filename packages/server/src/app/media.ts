import type { FileStore } from "../core/outside/file-store.ts";
import type { Loops } from "../delivery/loops/loops.ts";
import type { UploadRoom } from "../http/conversations/media-upload.ts";
import { mediaEndsSpec } from "../inbox/media/media-ends.ts";
import { MediaFetcher } from "../inbox/media/media-fetcher.ts";
import type { PassageDeps } from "../inbox/media/media-passage.ts";
import { MediaRemover } from "../inbox/media/media-remover.ts";
import { createDownloads } from "../runtime/media/media-download.ts";
import { openMediaRoom } from "../runtime/media/media-room.ts";
import { mediaTypeOf, mediaTypeOfHead } from "../runtime/media/media-type.ts";
import type { Delivery } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Outbound } from "./outbound.ts";
import type { Providers } from "./providers.ts";

const FETCH_EVERY_MS = 500;
const BACKLOG_EVERY_MS = 15_000;
const REMOVALS_EVERY_MS = 5_000;
const EXPIRED_EVERY_MS = 60 * 60_000;

/** The files of messages: fetched from providers, kept or handed on, and removed. */
export interface Media {
  store: FileStore;
  /** Where files come in that are brought to be sent. */
  uploads: UploadRoom;
  /** How a file is handed on without being kept. */
  passage: PassageDeps;
  /** From then on files are fetched, where this process does such work, and removed. */
  start(rounds: Loops): void;
}

export async function openMedia(
  ground: Ground,
  o: { outbound: Outbound; providers: Providers; delivery: Delivery },
): Promise<Media> {
  const { config, db, clock, metrics, closing, retentionMs } = ground;
  const logger = ground.logger.child({ room: "media" });
  const { http, placesOf, findSender, simulator } = o.providers;
  const { wheel, guard } = o.outbound;
  const room = await openMediaRoom({ dataDir: config.dataDir, s3: config.media.s3, clock });
  closing.add(() => room.close());
  const downloads = createDownloads({
    ...{ clock, wheel, guard },
    isTrusted: (origin) =>
      [config.meta.graphUrl, config.twilio.apiUrl].some((url) => new URL(url).origin === origin) ||
      simulator.host.isAt(origin),
  });
  closing.add(() => downloads.close());
  const fetcher = new MediaFetcher({
    ...{ db, http, placesOf, findSender, clock, metrics, logger, ...room },
    download: downloads.download,
    typeOf: mediaTypeOf,
    ends: o.delivery.engine.makeAcceptor(mediaEndsSpec()),
    maxBytes: config.media.maxBytes,
  });
  const remover = new MediaRemover({ db, store: room.store, logger });

  return {
    store: room.store,
    uploads: { ...room, typeOf: mediaTypeOf, maxBytes: config.media.maxBytes },
    passage: { http, placesOf, findSender, open: downloads.open, typeOf: mediaTypeOfHead },
    start(rounds) {
      if (config.role !== "api") {
        rounds.every("media", FETCH_EVERY_MS, () => fetcher.begin());
        closing.add(() => fetcher.close());
      }
      rounds.every("media backlog", BACKLOG_EVERY_MS, async () => {
        const { files, oldestS } = await fetcher.backlog();
        metrics.watch("media_waiting", files);
        metrics.watch("media_oldest_seconds", oldestS);
      });
      rounds.every("unsent files", EXPIRED_EVERY_MS, () => remover.dropUnsent(clock));
      rounds.every("media removals", REMOVALS_EVERY_MS, () => remover.runOnce());
      rounds.every("expired files", EXPIRED_EVERY_MS, () =>
        remover.removeExpired(clock, retentionMs),
      );
    },
  };
}

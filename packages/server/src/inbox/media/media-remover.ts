import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId } from "../../core/ids.ts";
import { UNSENT_KEPT_MS } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { FileStore } from "../../core/outside/file-store.ts";
import type { Logger } from "../../core/outside/log.ts";
import { findRemovals, forgetRemovals } from "../../storage/conversations/media.ts";
import { dropUploadsBefore } from "../../storage/conversations/uploads.ts";

const PAGE = 100;
/** A message that takes a file along at the last moment is being kept. */
const UNSENT_MARGIN_MS = 3_600_000;

/** Removes files that nobody is to have any more. */
export class MediaRemover {
  readonly #db: Queryable;
  readonly #store: FileStore;
  readonly #logger: Logger;

  constructor(o: { db: Queryable; store: FileStore; logger: Logger }) {
    this.#db = o.db;
    this.#store = o.store;
    this.#logger = o.logger;
  }

  /** Removes these at once (uuids); what fails stays listed and is tried again in the next round. Answers how many are gone. */
  async remove(ids: readonly string[]): Promise<number> {
    const gone: string[] = [];
    for (const id of ids) {
      try {
        await this.#store.remove(id);
        gone.push(id);
      } catch (error) {
        const fields = { err: error, media: publicId("med", id) };
        this.#logger.warn(fields, "a file could not be removed and is tried again");
      }
    }
    await forgetRemovals(this.#db, gone);
    return gone.length;
  }

  /** Removes what is listed. */
  async runOnce(): Promise<void> {
    for (;;) {
      const ids = await findRemovals(this.#db, PAGE);
      if ((await this.remove(ids)) < PAGE) return;
    }
  }

  /** Lists files to be removed that were brought to be sent, and were not. */
  async dropUnsent(clock: Pick<Clock, "now">): Promise<void> {
    const now = clock.now();
    const before = firstIdAt(now - UNSENT_KEPT_MS - UNSENT_MARGIN_MS);
    while ((await dropUploadsBefore(this.#db, before, PAGE, now)) === PAGE);
  }

  /** Removes the files of days whose messages retention has dropped. */
  async removeExpired(clock: Pick<Clock, "now">, retentionMs: number): Promise<void> {
    const days = await this.#store.removeBefore(clock.now() - retentionMs);
    if (days > 0) this.#logger.info({ days }, "files of expired days are gone");
  }
}

import type { Located } from "../../channels/locate-media.ts";
import { providerOf } from "../../channels/registry.ts";
import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId } from "../../core/ids.ts";
import type { MediaTruth } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { FileStore } from "../../core/outside/file-store.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Download, Downloaded } from "../../core/outside/media-download.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import {
  type ClaimedMedia,
  claimMedia,
  findMedia,
  postponeMedia,
  readMediaBacklog,
} from "../../storage/conversations/media.ts";
import type { MediaEnd } from "./media-ends.ts";
import { type NotHad, notHad, refusalOf, whyNot } from "./media-verdicts.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Waits after each attempt that failed: a day in all. */
const WAITS_MS = [
  ...[5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS],
  ...[HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 8 * HOUR_MS, 8 * HOUR_MS],
];
const DEADLINE_MS = 4 * MINUTE_MS;
/** Longer than asking where it is, fetching it and storing it take together. */
const LEASE_MS = 10 * MINUTE_MS;
/** No provider keeps what it sent for longer than seven days. */
const LONGEST_MS = 8 * 24 * HOUR_MS;
const SLOTS = 8;

export type MediaOutcome = "stored" | "failed" | "retried";

export interface MediaFetcherDeps {
  db: Queryable;
  http: ProviderHttp;
  placesOf(sender: Sender | null): Promise<ProviderPlaces>;
  /** How a channel proves itself; null where it cannot, or is gone. */
  findSender(channelId: string): Promise<Sender | null>;
  download: Download;
  store: FileStore;
  /** What a file is by its content; `declared` says what kind of text. */
  typeOf(path: string, declared: string | null): Promise<string>;
  /** A path where a file may be made that is not one yet. */
  temporaryPath(): Promise<string>;
  discard(path: string): Promise<void>;
  ends: Acceptor<MediaEnd, boolean>;
  maxBytes: number;
  clock: Pick<Clock, "now">;
  logger: Logger;
  metrics: { media(channel: string, outcome: MediaOutcome, bytes: number): void };
}

type Fetched = { kind: "stored"; truth: MediaTruth } | NotHad | { kind: "given_up" };

/** Fetches what messages name at their providers, several files at a time, each by one process. */
export class MediaFetcher {
  readonly #deps: MediaFetcherDeps;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: MediaFetcherDeps) {
    this.#deps = deps;
  }

  /** Begins with as many files as there are free slots; answers how many. */
  async begin(): Promise<number> {
    const { db, clock } = this.#deps;
    const free = SLOTS - this.#running.size;
    if (free === 0 || this.#stop.signal.aborted) return 0;
    const now = clock.now();
    const claimed = await claimMedia(db, {
      ...{ now, leasedUntil: now + LEASE_MS, since: oldestFetched(now) },
      limit: free,
    });
    for (const media of claimed) {
      const run = this.#take(media).finally(() => {
        this.#running.delete(run);
        // Whoever waits behind it need not wait for the next round.
        if (this.#running.size === SLOTS - 1) this.#goOn();
      });
      this.#running.add(run);
    }
    return claimed.length;
  }

  /** Fetches everything whose turn it is, and returns when that has ended. */
  async runOnce(): Promise<void> {
    while ((await this.begin()) > 0 || this.#running.size > 0) await this.quiet();
  }

  /** Resolves when nothing is under way. */
  async quiet(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** How many files wait, and how long the oldest has, in seconds. */
  async backlog(): Promise<{ files: number; oldestS: number }> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const { files, oldestAt } = await readMediaBacklog(db, oldestFetched(now));
    return { files, oldestS: oldestAt === null ? 0 : (now - oldestAt) / SECOND_MS };
  }

  /** Gives up what is under way: it is taken up elsewhere, or at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.quiet();
  }

  #goOn(): void {
    this.begin().catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, "files that wait could not be claimed");
    });
  }

  async #take(media: ClaimedMedia): Promise<void> {
    const { logger } = this.#deps;
    try {
      await this.#end(media, await this.#fetch(media));
    } catch (error) {
      // The claim runs out, and somebody tries again.
      const fields = { err: error, media: publicId("med", media.id) };
      logger.error(fields, "fetching a file met a fault of ours");
    }
  }

  async #fetch(media: ClaimedMedia): Promise<Fetched> {
    const { http, placesOf, findSender, download, maxBytes, temporaryPath, discard } = this.#deps;
    const provider = providerOf(media.channelKind);
    if (provider === null) return notHad("unreadable", "Nobody knows this kind of channel.", true);
    const sender = await findSender(media.channelId);
    const places = await placesOf(sender);
    const located: Located = await provider.locateMedia(http, places, sender, media);
    if (located.kind === "failed") return located;
    const path = await temporaryPath();
    try {
      const { signal } = this.#stop;
      const request = { ...located, maxBytes, deadlineMs: DEADLINE_MS, signal };
      const downloaded = await download(request, path);
      if (signal.aborted && downloaded.kind === "failed") return { kind: "given_up" };
      if (downloaded.kind !== "done") return whyNot(downloaded, maxBytes);
      return await this.#keep(media, downloaded, path);
    } finally {
      await discard(path);
    }
  }

  /** Looks at what came and stores it. */
  async #keep(
    { id, declared, kind }: ClaimedMedia,
    { sha256, bytes, declared: answered }: Extract<Downloaded, { kind: "done" }>,
    path: string,
  ): Promise<Fetched> {
    const { store, typeOf } = this.#deps;
    if (bytes === 0) return notHad("unreadable", "The provider gave an empty file.", false);
    const mime = await typeOf(path, declared ?? answered);
    const refusal = refusalOf(mime, kind);
    if (refusal !== null) return refusal;
    await store.put(id, { path, bytes, sha256 });
    return { kind: "stored", truth: { mime, bytes, sha256 } };
  }

  async #end(media: ClaimedMedia, fetched: Fetched): Promise<void> {
    const { db, clock, ends, store, logger, metrics } = this.#deps;
    const { id, attempt, channelKind } = media;
    if (fetched.kind === "given_up") {
      await postponeMedia(db, media, { at: clock.now(), counts: false });
      return;
    }
    const wait = WAITS_MS[attempt - 1];
    if (fetched.kind === "failed") {
      const fields = { media: publicId("med", id), attempt, ...fetched.failure };
      if (!fetched.isFinal && wait !== undefined) {
        logger.info(fields, "a file could not be fetched and is tried again");
        metrics.media(channelKind, "retried", 0);
        await postponeMedia(db, media, { at: clock.now() + wait, counts: true });
        return;
      }
      logger.warn(fields, "a file cannot be fetched");
    }
    const truth = fetched.kind === "stored" ? fetched.truth : null;
    const failure = fetched.kind === "failed" ? fetched.failure : null;
    const isWritten = await ends.accept({ ...media, truth, failure });
    // Its message was deleted meanwhile, or another process has had it.
    if (!isWritten) {
      if (truth !== null && (await this.#isOrphan(id))) await store.remove(id);
      return;
    }
    metrics.media(channelKind, truth === null ? "failed" : "stored", truth?.bytes ?? 0);
  }

  async #isOrphan(id: string): Promise<boolean> {
    const kept = await findMedia(this.#deps.db, id);
    return kept === null || kept.state === "failed";
  }
}

/** The id below which nobody tries to fetch a file any more. */
function oldestFetched(now: number): string {
  return firstIdAt(now - LONGEST_MS);
}

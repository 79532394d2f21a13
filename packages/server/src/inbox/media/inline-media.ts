import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import type { Content } from "../../core/messages/content.ts";
import type {
  InboundItem,
  InboundOutcome,
  InboundRequest,
  MediaSource,
} from "../../core/messages/inbound.ts";
import type { FetchedMedia } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { canPurge } from "../../core/workspaces/settings.ts";
import { keyOfAddress, routeAddresses } from "../../storage/channels/routing.ts";
import { openPassage, type PassageDeps } from "./media-passage.ts";

/** Of one message, together: as base64 in its body they stay below the 100 KB that many receivers take. */
const MOST_BYTES = 64_000;
/** Of one request. What follows has its address. */
const MOST_MESSAGES = 20;
/** The provider waits for our answer meanwhile. */
const PATIENCE_MS = 2_000;

export interface InlineMediaDeps extends PassageDeps {
  db: Queryable;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  clock: Pick<Clock, "sleep">;
  logger: Logger;
}

type WithFiles = Extract<InboundItem, { media: readonly MediaSource[] }> & { content: Content };

/**
 * Stands before the inbox. Where what customers send is kept nowhere, small files are fetched before their
 * message is taken, and go along in it; what is larger, or not here in time, is handed on later.
 */
export class InlineMedia implements Acceptor<InboundRequest, InboundOutcome> {
  readonly #deps: InlineMediaDeps;

  constructor(deps: InlineMediaDeps) {
    this.#deps = deps;
  }

  async accept(request: InboundRequest): Promise<InboundOutcome> {
    const { inbox } = this.#deps;
    const channels = await this.#channelsOf(request);
    if (channels.size === 0) return inbox.accept(request);
    const fetched = await this.#fetchInTime(channels);
    const items = request.items.map((item) => {
      const media = fetched.get(item);
      return media === undefined ? item : ({ ...item, media } as InboundItem); // the same item, with its files
    });
    return inbox.accept({ ...request, items });
  }

  /** The items whose files are not to be kept, with their channels. */
  async #channelsOf({ items, onlyChannelId }: InboundRequest): Promise<Map<WithFiles, string>> {
    const channels = new Map<WithFiles, string>();
    const candidates = items.filter(isWithFiles).slice(0, MOST_MESSAGES);
    if (candidates.length === 0) return channels;
    const addresses = new Map(candidates.map(({ channel }) => [keyOfAddress(channel), channel]));
    const routes = await routeAddresses(this.#deps.db, [...addresses.values()]);
    for (const item of candidates) {
      const route = routes.get(keyOfAddress(item.channel));
      if (!route?.purges) continue;
      if (onlyChannelId !== null && onlyChannelId !== route.channel.id) continue;
      channels.set(item, route.channel.id);
    }
    return channels;
  }

  async #fetchInTime(
    channels: ReadonlyMap<WithFiles, string>,
  ): Promise<ReadonlyMap<InboundItem, readonly MediaSource[]>> {
    const { clock } = this.#deps;
    const fetched = new Map<InboundItem, readonly MediaSource[]>();
    const over = new AbortController();
    // Every file of a request listens to it.
    setMaxListeners(0, over.signal);
    const all = Promise.all(
      [...channels].map(async ([item, channelId]) => {
        const media = await this.#fetchOf(item, channelId, over.signal);
        if (!over.signal.aborted) fetched.set(item, media);
      }),
    );
    await Promise.race([all, clock.sleep(PATIENCE_MS, over.signal)]);
    over.abort();
    return fetched;
  }

  /** Never rejects. */
  async #fetchOf(
    { content, media }: WithFiles,
    channelId: string,
    signal: AbortSignal,
  ): Promise<readonly MediaSource[]> {
    const parts = [content, ...(content.attachments ?? [])];
    let left = MOST_BYTES;
    const sources: MediaSource[] = [];
    for (const source of media) {
      const part = parts[source.part] ?? content;
      const declared = "media" in part ? (part.media?.mime ?? null) : null;
      const file = { ...source, channelId, kind: part.type, declared };
      const fetched = left > 0 ? await this.#fetch(file, left, signal) : null;
      if (fetched?.kind === "inline") left -= fetched.truth.bytes;
      sources.push(fetched === null ? source : { ...source, fetched });
    }
    return sources;
  }

  /** Null where the file is to be handed on later. */
  async #fetch(
    file: Parameters<typeof openPassage>[1],
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<FetchedMedia | null> {
    try {
      const limits = { maxBytes, deadlineMs: PATIENCE_MS, signal };
      const passage = await openPassage(this.#deps, file, limits);
      if (passage.kind === "failed") {
        const isLost = passage.isFinal && passage.failure.code !== "too_large";
        return isLost ? { kind: "failed" } : null;
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of passage.body) pieces.push(piece);
      const whole = Buffer.concat(pieces);
      const sha256 = createHash("sha256").update(whole).digest("hex");
      const truth = { mime: passage.mime, bytes: whole.length, sha256 };
      return { kind: "inline", truth, base64: whole.toString("base64") };
    } catch (error) {
      const fields = { err: error, channel: file.channelId };
      if (!signal.aborted) this.#deps.logger.info(fields, "a file is handed on later");
      return null;
    }
  }
}

function isWithFiles(item: InboundItem): item is WithFiles {
  if (item.kind !== "message" && item.kind !== "edit") return false;
  if (item.kind === "message" && item.isHistory) return false;
  return item.content !== null && item.media.length > 0 && canPurge(item.channel.kind);
}

import { providerOf } from "../../channels/registry.ts";
import type { MediaSource } from "../../core/messages/inbound.ts";
import type { OpenDownload } from "../../core/outside/media-download.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { type NotHad, notHad, refusalOf, whyNot } from "./media-verdicts.ts";

/** As much of a file as tells what it is. */
const HEAD_BYTES = 8_192;

export interface PassageDeps {
  http: ProviderHttp;
  placesOf(sender: Sender | null): Promise<ProviderPlaces>;
  /** How a channel proves itself; null where it cannot, or is gone. */
  findSender(channelId: string): Promise<Sender | null>;
  open: OpenDownload;
  /** What a file is by how it begins; `declared` says what kind of text. */
  typeOf(head: Uint8Array, declared: string | null): Promise<string>;
}

export interface PassedFile extends Pick<MediaSource, "providerMediaId" | "url"> {
  channelId: string;
  kind: string;
  declared: string | null;
}

export type Passage =
  | {
      kind: "open";
      mime: string;
      /** Null where the provider does not say. */
      bytes: number | null;
      body: AsyncGenerator<Uint8Array>;
    }
  | NotHad;

/** Opens a file at its provider, to be passed on and not to be kept. */
export async function openPassage(
  { http, placesOf, findSender, open, typeOf }: PassageDeps,
  { channelId, kind, declared, providerMediaId, url }: PassedFile,
  o: { maxBytes: number; deadlineMs: number; signal?: AbortSignal },
): Promise<Passage> {
  const sender = await findSender(channelId);
  const provider = sender && providerOf(sender.kind);
  if (!provider) return notHad("credentials_refused", "The channel has no credentials.", false);
  const source = { part: 0, providerMediaId, url };
  const located = await provider.locateMedia(http, await placesOf(sender), sender, source);
  if (located.kind === "failed") return located;
  const opened = await open({ ...located, ...o });
  if (opened.kind !== "open") return whyNot(opened, o.maxBytes);
  const { head, rest } = await peek(opened.body);
  if (head.length === 0) return notHad("unreadable", "The provider gave an empty file.", false);
  const mime = await typeOf(head, declared ?? opened.declared);
  const refusal = refusalOf(mime, kind);
  if (refusal !== null) {
    await opened.body.return(undefined);
    return refusal;
  }
  return { kind: "open", mime, bytes: opened.bytes, body: rest };
}

/** How a stream begins, and the whole of it. */
async function peek(
  body: AsyncGenerator<Uint8Array>,
): Promise<{ head: Buffer; rest: AsyncGenerator<Uint8Array> }> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < HEAD_BYTES) {
    const { done, value } = await body.next();
    if (done) break;
    pieces.push(value);
    bytes += value.length;
  }
  async function* whole() {
    try {
      yield* pieces;
      yield* body;
    } finally {
      await body.return(undefined);
    }
  }
  return { head: Buffer.concat(pieces), rest: whole() };
}

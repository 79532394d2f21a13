import { publicId } from "../../core/ids.ts";
import type { Content, Media } from "../../core/messages/content.ts";
import type { MediaSource } from "../../core/messages/inbound.ts";
import type { MediaNaming } from "./media-ids.ts";

/**
 * A content whose files are kept nowhere: what was fetched for it is in it, and what was not is handed on
 * once, at an address that alone knows where the file is.
 */
export function handedOn(
  naming: MediaNaming,
  { content, media }: { content: Content; media: readonly MediaSource[] },
  messageId: string,
  channelId: string,
): Content {
  const of = (part: Content, at: number): Content => {
    if (!("media" in part) || part.media === undefined) return part;
    const source = media.find((each) => each.part === at);
    const handed =
      source && handOn(naming, part.media, source, { messageId, channelId }, part.type);
    // The cast is safe: the same type, with another address.
    return { ...part, media: handed ?? { ...part.media, state: "failed" } } as Content;
  };
  const own = of(content, 0);
  const { attachments } = content;
  if (attachments === undefined) return own;
  return { ...own, attachments: attachments.map((each, at) => of(each, at + 1)) };
}

function handOn(
  { newId, now, files }: MediaNaming,
  media: Media,
  { fetched, providerMediaId, url }: MediaSource,
  owner: { messageId: string; channelId: string },
  kind: string,
): Media | null {
  if (fetched?.kind === "failed") return null;
  const id = newId();
  const named = { ...media, id: publicId("med", id) };
  if (fetched !== undefined) {
    const { truth, base64 } = fetched;
    return { ...named, ...truth, state: "inline", url: `data:${truth.mime};base64,${base64}` };
  }
  if (files === null) return null;
  const { mime: declared, filename = null } = media;
  const file = { id, ...owner, kind, declared, filename, providerMediaId, url };
  return { ...named, state: "once", ...files.once(file, now) };
}

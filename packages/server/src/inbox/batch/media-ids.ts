import { publicId } from "../../core/ids.ts";
import type { Content, Media } from "../../core/messages/content.ts";
import type { MediaSource } from "../../core/messages/inbound.ts";
import { linkedContent, type MediaAddresses } from "../../core/messages/media.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import type { NewMedia } from "../../storage/conversations/media.ts";

/** What files are given their ids and addresses by. */
export interface MediaNaming {
  readonly now: number;
  newId(): string;
  /** Null where nobody serves files. */
  readonly files: MediaAddresses | null;
}

/** Gives each file of a content the id and the address that it will be had by, and tells where each is to be fetched. */
export function withMediaIds(
  { newId, now, files }: MediaNaming,
  { content, media }: { content: Content; media: readonly MediaSource[] },
  messageId: string,
  { workspaceId, channel }: RoutedChannel,
): { content: Content; media: NewMedia[] } {
  if (media.length === 0) return { content, media: [] };
  const owner = { workspaceId, channelId: channel.id, messageId };
  const parts = [content, ...(content.attachments ?? [])];
  const rows = media.map((source): NewMedia => {
    const part = parts[source.part] ?? content;
    const declared = mediaIn(part)?.mime ?? null;
    return { ...source, ...owner, id: newId(), kind: part.type, declared };
  });
  const idOf = (part: number) => rows.find((row) => row.part === part)?.id;
  const { attachments } = content;
  const named = withId(content, idOf(0));
  const all: Content =
    attachments === undefined
      ? named
      : { ...named, attachments: attachments.map((each, at) => withId(each, idOf(at + 1))) };
  const linked = files === null ? all : linkedContent(all, (id) => files.link(id, now));
  return { content: linked, media: rows };
}

function mediaIn(content: Content): Media | undefined {
  return "media" in content ? content.media : undefined;
}

function withId(content: Content, id: string | undefined): Content {
  const own = mediaIn(content);
  if (id === undefined || own === undefined) return content;
  return { ...content, media: { ...own, id: publicId("med", id) } } as Content; // the same type, with an id
}

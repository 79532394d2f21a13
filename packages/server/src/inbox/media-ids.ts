import type { Content, Media } from "../core/content.ts";
import { publicId } from "../core/ids.ts";
import type { MediaSource } from "../core/inbound.ts";
import type { NewMedia } from "../storage/media.ts";
import type { RoutedChannel } from "../storage/routing.ts";

/** Gives each file of a content the id that it will be had by, and tells where each is to be fetched. */
export function withMediaIds(
  { newId }: { newId(): string },
  { content, media }: { content: Content; media: readonly MediaSource[] },
  messageId: string,
  { workspaceId, channel }: RoutedChannel,
): { content: Content; media: NewMedia[] } {
  if (media.length === 0) return { content, media: [] };
  const owner = { workspaceId, channelId: channel.id, messageId };
  const rows = media.map((source) => ({ ...source, ...owner, id: newId() }));
  const idOf = (part: number) => rows.find((row) => row.part === part)?.id;
  const named = withId(content, idOf(0));
  const { attachments } = content;
  if (attachments === undefined) return { content: named, media: rows };
  const all = attachments.map((each, at) => withId(each, idOf(at + 1)));
  return { content: { ...named, attachments: all }, media: rows };
}

function withId(content: Content, id: string | undefined): Content {
  if (id === undefined || !("media" in content) || content.media === undefined) return content;
  const media: Media = { ...content.media, id: publicId("med", id) };
  return { ...content, media };
}

import { parseId } from "../ids.ts";
import type { Content, Media } from "./content.ts";

/** An address of ours at which a file can be had until a time, ISO 8601. */
export interface MediaLink {
  readonly url: string;
  readonly expires_at: string;
}

/**
 * Makes the address of a file (its uuid) that is good for a while from `now` on. With a name it ends with
 * that: some providers call a file by the end of its address.
 */
export type LinkMedia = (id: string, now: number, filename?: string | null) => MediaLink;

/** How long a file is kept that was brought to be sent and was not. */
export const UNSENT_KEPT_MS = 24 * 3_600_000;

/** A file that is kept nowhere here, and all that is needed to have it from its provider. */
export interface DistantMedia {
  readonly id: string;
  readonly channelId: string;
  readonly messageId: string;
  /** The type of the content that it belongs to. */
  readonly kind: string;
  /** What its sender or the provider says that it is. */
  readonly declared: string | null;
  readonly filename: string | null;
  readonly providerMediaId: string | null;
  readonly url: string | null;
}

/** Makes the address at which a file is handed on, once: the address alone knows where it is. */
export type LinkOnce = (file: DistantMedia, now: number) => MediaLink;

/** Makes the links in a body that are good once one endpoint's own, by its serial. */
export type AddressBody = (body: string, endpoint: number) => string;

/** How files are addressed: those that are kept here, and those that are kept nowhere. */
export interface MediaAddresses {
  readonly link: LinkMedia;
  readonly once: LinkOnce;
}

/** A file in memory, whole; or none, where it can never be had. */
export type FetchedMedia =
  | { readonly kind: "inline"; readonly truth: MediaTruth; readonly base64: string }
  | { readonly kind: "failed" };

/** A content with an address of ours for each of its files; the same for a story or a post that is shared. */
export function linkedContent(content: Content, link: (id: string) => MediaLink): Content {
  const linked = linkedPart(content, link);
  const { attachments } = content;
  if (attachments === undefined) return linked;
  return { ...linked, attachments: attachments.map((each) => linkedContent(each, link)) };
}

function linkedPart(content: Content, link: (id: string) => MediaLink): Content {
  if (!("media" in content) || content.media === undefined) return content;
  const id = content.media.id === null ? null : parseId("med", content.media.id);
  if (id === null) return content;
  // What could not be fetched is not to be had.
  const isLost = content.media.state === "failed";
  const address = isLost ? { url: null, expires_at: null } : link(id);
  const linked = { ...content, media: { ...content.media, ...address } };
  switch (linked.type) {
    case "story_reply":
    case "story_mention":
      return { ...linked, story: { ...linked.story, ...address } };
    case "reel_share":
    case "post_share":
    case "media_share":
      return { ...linked, share: { ...linked.share, url: address.url } };
    default:
      return linked;
  }
}

/** A content in which what is known of one file is written down; null when it does not hold that file. */
export function withMedia(content: Content, id: string, facts: Partial<Media>): Content | null {
  if ("media" in content && content.media !== undefined && content.media.id === id) {
    return { ...content, media: { ...content.media, ...facts } } as Content; // the same type, other facts
  }
  const at = content.attachments?.findIndex((each) => withMedia(each, id, facts) !== null) ?? -1;
  if (at === -1) return null;
  const attachments = content.attachments?.map((each, n) =>
    n === at ? (withMedia(each, id, facts) ?? each) : each,
  );
  return { ...content, ...(attachments === undefined ? {} : { attachments }) };
}

/** What the sender called a file of a content; null where nobody says. */
export function filenameOf(content: Content, id: string): string | null {
  const own = "media" in content ? content.media : undefined;
  if (own?.id === id) return own.filename ?? null;
  const all = (content.attachments ?? []).map((each) => filenameOf(each, id));
  return all.find((name) => name !== null) ?? null;
}

/** Why a file cannot be had. */
export type MediaFailureCode =
  | "expired"
  | "too_large"
  | "type_refused"
  | "address_refused"
  | "credentials_refused"
  | "unreachable"
  | "unreadable"
  /** It was here, and was removed: with its message, by retention, by a purge. */
  | "removed";

export interface MediaFailure {
  readonly code: MediaFailureCode;
  readonly message: string;
}

/** What a file turned out to be, whatever its sender declared. */
export interface MediaTruth {
  readonly mime: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

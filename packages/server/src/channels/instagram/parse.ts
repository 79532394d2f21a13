import type { ChannelAddress, InboundItem } from "../../core/messages/inbound.ts";
import { wordsIn } from "../meta/details.ts";
import { idOfItem, type ParsedItem, unreadable } from "../meta/items.ts";
import { writeJson } from "../meta/json.ts";
import { readExchanges } from "../meta/messaging/entry.ts";
import { idOf, instantOf, type JsonObject, labelOf, objectOf, wordsOf } from "../meta/read.ts";

/** Reads an entry of `object: "instagram"`, whichever login the channel has. Never throws; gives at least one item. */
export function readInstagramEntry(entry: JsonObject): ParsedItem[] {
  return readExchanges({ kind: "instagram", identity: "igsid" }, entry, readChange);
}

function readChange(
  channel: ChannelAddress,
  field: string | null,
  value: JsonObject | null,
  entry: JsonObject,
): InboundItem | null {
  if (value === null) return null;
  switch (field) {
    case "comments":
    case "live_comments":
      return readComment(channel, value, entry, field === "live_comments");
    case "mentions":
      return readMention(channel, value, entry);
    case "story_insights":
      return readInsights(channel, value, entry);
    default:
      return null;
  }
}

function readComment(
  channel: ChannelAddress,
  value: JsonObject,
  entry: JsonObject,
  isLive: boolean,
): InboundItem {
  // Facebook's login calls it `id`, some documents of Instagram's `comment_id`.
  const commentId = idOf(value["id"]) ?? idOf(value["comment_id"]);
  if (commentId === null) return unreadable(channel, "no_provider_id", value);
  const from = objectOf(value["from"]);
  const media = objectOf(value["media"]);
  const authorId = idOf(from?.["id"]);
  return {
    kind: "comment",
    channel,
    // Comments on advertisements come twice.
    providerId: commentId,
    at: instantOf(value["created_time"]) ?? instantOf(entry["time"]),
    change: "added",
    text: wordsOf(value["text"]),
    author: {
      identities: authorId === null ? [] : [{ kind: "igsid", value: authorId }],
      name: null,
      username: labelOf(from?.["username"]),
    },
    isOwn: authorId === channel.externalId || idOf(from?.["self_ig_scoped_id"]) !== null,
    commentId,
    postId: idOf(media?.["id"]) ?? idOf(value["media_id"]),
    parentId: idOf(value["parent_id"]),
    isLive,
    isMention: false,
    adId: idOf(media?.["ad_id"]),
    permalink: null,
    raw: writeJson(value),
  };
}

/** Somebody named the account in a comment or a caption; what they wrote is to be asked for. */
function readMention(channel: ChannelAddress, value: JsonObject, entry: JsonObject): InboundItem {
  const commentId = idOf(value["comment_id"]);
  const postId = idOf(value["media_id"]);
  if (commentId === null && postId === null) return unreadable(channel, "no_provider_id", value);
  const raw = writeJson(value);
  return {
    kind: "comment",
    channel,
    providerId: idOfItem("mention", raw),
    at: instantOf(entry["time"]),
    change: "added",
    text: null,
    author: { identities: [], name: null, username: null },
    isOwn: false,
    commentId,
    postId,
    parentId: null,
    isLive: false,
    isMention: true,
    adId: null,
    permalink: null,
    raw,
  };
}

/** How a story did, told when it ends. */
function readInsights(channel: ChannelAddress, value: JsonObject, entry: JsonObject): InboundItem {
  const raw = writeJson(value);
  return {
    kind: "notice",
    channel,
    ofBusinessAccount: false,
    providerId: idOfItem("story_insights", raw),
    at: instantOf(entry["time"]),
    change: "updated",
    code: "story_insights",
    reason: null,
    details: wordsIn(value),
    raw,
  };
}

import type { ChannelAddress, InboundComment, InboundItem } from "../../core/messages/inbound.ts";
import { idOfItem, ignored, type ParsedItem, unreadable } from "../meta/items.ts";
import { writeJson } from "../meta/json.ts";
import { readExchanges } from "../meta/messaging/entry.ts";
import {
  idOf,
  instantOf,
  type JsonObject,
  labelOf,
  linkOf,
  objectOf,
  wordsOf,
} from "../meta/read.ts";

/** Fields that tell of a Page's own profile. Whoever ticks all fields in Meta's dashboard gets them. */
const OF_PAGE_ITSELF: ReadonlySet<string> = new Set(
  `affiliation attire awards bio birthday category checkins company_overview culinary_team
   current_location description email founded general_info general_manager hometown hours
   live_videos location members mission name parking payment_options personal_info
   personal_interests phone picture price_range products public_transit videos website`.split(
    /\s+/,
  ),
);

/** Reads an entry of `object: "page"`. Never throws; gives at least one item. */
export function readPageEntry(entry: JsonObject): ParsedItem[] {
  return readExchanges({ kind: "messenger", identity: "psid" }, entry, readChange);
}

function readChange(
  channel: ChannelAddress,
  field: string | null,
  value: JsonObject | null,
  entry: JsonObject,
): ParsedItem | null {
  if (field !== null && OF_PAGE_ITSELF.has(field)) return ignored(channel, { field, value });
  if (value === null) return null;
  if (field === "feed") {
    if (value["item"] === "comment") return readComment(channel, value, entry, false);
    return labelOf(value["item"]) === null ? null : ignored(channel, { field, value });
  }
  return field === "mention" ? readComment(channel, value, entry, true) : null;
}

/** Written under a post of the Page, or somewhere else with the Page's name in it. */
function readComment(
  channel: ChannelAddress,
  value: JsonObject,
  entry: JsonObject,
  isMention: boolean,
): InboundItem {
  const commentId = idOf(value["comment_id"]);
  const postId = idOf(value["post_id"]);
  if (commentId === null && !(isMention && postId !== null)) {
    return unreadable(channel, "no_provider_id", value);
  }
  const from = objectOf(value["from"]);
  const authorId = idOf(from?.["id"]) ?? idOf(value["sender_id"]);
  const raw = writeJson(value);
  const change = changeOf(labelOf(value["verb"]));
  const isNew = change === "added" && commentId !== null && !isMention;
  return {
    kind: "comment",
    channel,
    providerId: isNew ? commentId : idOfItem("comment", raw),
    at: instantOf(value["created_time"]) ?? instantOf(entry["time"]),
    change,
    text: wordsOf(value["message"]),
    author: {
      identities: authorId === null ? [] : [{ kind: "psid", value: authorId }],
      name: labelOf(from?.["name"]) ?? labelOf(value["sender_name"]),
      username: null,
    },
    isOwn: authorId === channel.externalId,
    commentId,
    postId,
    parentId: idOf(value["parent_id"]),
    isLive: false,
    isMention,
    adId: null,
    permalink: linkOf(objectOf(value["post"])?.["permalink_url"]),
    raw,
  };
}

function changeOf(verb: string | null): InboundComment["change"] {
  if (verb === "edited" || verb === "edit") return "edited";
  return verb === "remove" || verb === "delete" || verb === "hide" ? "removed" : "added";
}

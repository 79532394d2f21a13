import { type Content, purgedContent } from "../../core/messages/content.ts";
import type { InboundFact, InboundItem, InboundStatus } from "../../core/messages/inbound.ts";
import type { NewMessage } from "../../storage/conversations/messages.ts";

/**
 * What is kept of a message whose body is not: id, time, sender, direction, status, `ticket_ref`, and
 * the id of the message that it answers.
 */
export function keptOf(row: NewMessage): NewMessage {
  // The column holds only what JSON.stringify made of a content.
  const content = JSON.stringify(keptContent(JSON.parse(row.content) as Content));
  return { ...row, content, raw: null, referral: null, traits: null };
}

/** What is kept of a content: which kind of one it was. */
export function keptContent(content: Content): Content {
  return content.type === "purged" ? content : purgedContent(content.type);
}

/** What is kept of something that waits for the message it speaks of. */
export function keptItem<Item extends InboundStatus | InboundFact>(item: Item): Item;
export function keptItem(item: InboundStatus | InboundFact): InboundItem {
  switch (item.kind) {
    case "edit":
      return {
        ...item,
        content: item.content && purgedContent(item.content.type),
        media: [],
        raw: "",
      };
    case "reaction":
      return { ...item, emoji: null, name: null, raw: "" };
    case "consent":
      return { ...item, keyword: null, evidence: null, raw: "" };
    default:
      return { ...item, raw: "" };
  }
}

/** What stands in the place of something that nobody could read or place, and that nobody may read. */
export const KEPT_RAW = JSON.stringify({ body_purged: true });

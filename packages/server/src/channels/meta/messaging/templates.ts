import type { Content } from "../../../core/messages/content.ts";
import { idOf, type JsonObject, labelOf, linkOf, listOf, objectOf, sentenceOf } from "../read.ts";

/** What a structured message of Messenger's shows: a shared product, buttons, cards. Null for others. */
export function readTemplate(payload: JsonObject): Content | null {
  const [product] = objects(objectOf(payload["product"])?.["elements"]);
  if (product) {
    const title = sentenceOf(product["title"]);
    return {
      type: "media_share",
      share: { id: idOf(product["id"]), url: null, ...(title === null ? {} : { title }) },
    };
  }
  const cards = objects(payload["elements"] ?? objectOf(payload["generic"])?.["elements"]);
  if (cards.length > 0) {
    const actions = cards.map((card) => ({
      title: sentenceOf(card["title"]),
      subtitle: sentenceOf(card["subtitle"]),
      buttons: objects(card["buttons"]).map(readButton),
    }));
    const body = actions.flatMap(({ title }) => title ?? []).join("\n");
    return { type: "interactive", kind: "carousel", body, actions };
  }
  // A bill or a ticket is introduced by a sentence.
  const text = sentenceOf(payload["text"]) ?? sentenceOf(payload["intro_message"]);
  const buttons = objects(payload["buttons"]).map(readButton);
  if (text === null && buttons.length === 0) return null;
  return { type: "interactive", kind: "buttons", body: text ?? "", actions: buttons };
}

function readButton(button: JsonObject) {
  const url = linkOf(button["url"]);
  return {
    type: labelOf(button["type"]),
    title: labelOf(button["title"]),
    payload: labelOf(button["payload"]),
    ...(url === null ? {} : { url }),
  };
}

function objects(value: unknown): JsonObject[] {
  return listOf(value)
    .map(objectOf)
    .filter((each) => each !== null);
}

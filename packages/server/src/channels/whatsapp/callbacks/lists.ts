import type { Content } from "../../../core/messages/content.ts";
import {
  idOf,
  type JsonObject,
  labelOf,
  linkOf,
  listOf,
  numberOf,
  objectOf,
  stringOf,
} from "../../meta/read.ts";

const objects = (value: unknown): JsonObject[] =>
  listOf(value)
    .map(objectOf)
    .filter((each) => each !== null);

/** People's cards. A card that is none is left out; when none is left, there is nothing to tell. */
export function readCards(value: unknown): Content | null {
  const contacts = objects(value).map(readCard);
  return contacts.length === 0 ? null : { type: "contacts", contacts };
}

function readCard(card: JsonObject) {
  const org = labelOf(objectOf(card["org"])?.["company"]);
  return {
    name: nameOn(card),
    phones: objects(card["phones"]).flatMap((each) => {
      const phone = labelOf(each["phone"]);
      const [type, waId] = [labelOf(each["type"]), idOf(each["wa_id"])];
      const more = {
        ...(type === null ? {} : { type }),
        ...(waId === null ? {} : { wa_id: waId }),
      };
      return phone === null ? [] : [{ phone, ...more }];
    }),
    emails: objects(card["emails"]).flatMap((each) => {
      const [email, type] = [labelOf(each["email"]), labelOf(each["type"])];
      return email === null ? [] : [{ email, ...(type === null ? {} : { type }) }];
    }),
    ...(org === null ? {} : { org }),
    urls: objects(card["urls"]).flatMap((each) => linkOf(each["url"]) ?? []),
  };
}

function nameOn(card: JsonObject): string | null {
  const name = objectOf(card["name"]);
  const parts = [labelOf(name?.["first_name"]), labelOf(name?.["last_name"])];
  const joined = parts.filter((part) => part !== null).join(" ");
  if (labelOf(name?.["formatted_name"])) return labelOf(name?.["formatted_name"]);
  if (joined !== "") return joined;
  return labelOf(/^FN[^:\n]*:(.+)$/m.exec(stringOf(card["vcard"]) ?? "")?.[1]);
}

export function readOrder(order: JsonObject): Content | null {
  const items = objects(order["product_items"]).flatMap((each) => {
    const id = idOf(each["product_retailer_id"]);
    const quantity = numberOf(each["quantity"]);
    if (id === null || quantity === null) return [];
    return [
      { id, quantity, price: numberOf(each["item_price"]), currency: labelOf(each["currency"]) },
    ];
  });
  if (items.length === 0) return null;
  const text = labelOf(order["text"]);
  const catalog = idOf(order["catalog_id"]);
  return { type: "order", items, catalog, ...(text === null ? {} : { text }) };
}

import { isObject, type JsonObject } from "../../json.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";
import { checkInteractive } from "./interactive.ts";
import { checkMedia, type RuleContext } from "./media.ts";
import { limit, notOneOf, objectAt, textAt } from "./parameters.ts";

const TYPES = [
  "text",
  "image",
  "video",
  "audio",
  "document",
  "sticker",
  "location",
  "contacts",
  "interactive",
  "template",
  "reaction",
] as const;
export type MessageType = (typeof TYPES)[number];

const ENVELOPE = new Set<string>([
  "messaging_product",
  "recipient_type",
  "to",
  "recipient",
  "type",
  "context",
  "biz_opaque_callback_data",
  "message_activity_sharing",
]);
const MAX_TEXT = 4096;
const MAX_CALLBACK_DATA = 512;

/**
 * The type of a message that Meta would take, by its form alone.
 * Throws the GraphError that Meta documents for the first thing that is wrong.
 */
export function checkMessage(body: JsonObject, context: RuleContext): MessageType {
  checkProduct(body);
  const recipientType = body["recipient_type"] ?? "individual";
  if (recipientType !== "individual" && recipientType !== "group") {
    throw notOneOf("recipient_type", ["individual", "group"], recipientType);
  }
  const type = typeOf(body);
  for (const key of Object.keys(body)) {
    if (!ENVELOPE.has(key) && key !== type) {
      throw new GraphError(100, { message: `(#100) Unexpected key "${key}" on the message.` });
    }
  }
  const data = body["biz_opaque_callback_data"];
  if (data !== undefined && (typeof data !== "string" || data.length > MAX_CALLBACK_DATA)) {
    throw new GraphError(100, {
      message: `(#100) Param biz_opaque_callback_data must be at most ${MAX_CALLBACK_DATA} characters.`,
    });
  }
  if (body["context"] !== undefined) {
    const context = objectAt(body, "context");
    textAt(context, "message_id", "context.message_id");
  }
  checkContent(type, body, context);
  return type;
}

export function checkProduct(body: JsonObject): void {
  const product = body["messaging_product"];
  if (product === undefined) throw missing("messaging_product");
  if (product !== "whatsapp") throw notOneOf("messaging_product", ["WHATSAPP"], product);
}

function typeOf(body: JsonObject): MessageType {
  const given = body["type"] ?? "text";
  const type = TYPES.find((each) => each === given);
  if (type === undefined) throw notOneOf("type", TYPES, given);
  return type;
}

type ContentRule = (content: JsonObject, context: RuleContext) => void;

const RULES: Record<Exclude<MessageType, "contacts">, ContentRule> = {
  text: checkText,
  location: checkLocation,
  reaction: checkReaction,
  interactive: checkInteractive,
  // What a template may hold depends on the catalogue: template-rules.ts.
  template: () => {},
  image: mediaRule("image"),
  video: mediaRule("video"),
  audio: mediaRule("audio"),
  document: mediaRule("document"),
  sticker: mediaRule("sticker"),
};

function mediaRule(type: string): ContentRule {
  return (media, context) => checkMedia(type, media, context);
}

function checkContent(type: MessageType, body: JsonObject, context: RuleContext): void {
  const content = body[type];
  if (content === undefined) {
    throw new GraphError(131008, { details: `Message of type ${type} requires ${type}.` });
  }
  if (type === "contacts") checkContacts(content);
  else RULES[type](objectAt(body, type), context);
}

function checkText(text: JsonObject): void {
  for (const key of Object.keys(text)) {
    if (key !== "body" && key !== "preview_url") {
      throw new GraphError(100, { message: `(#100) Unexpected key "${key}" on param "text".` });
    }
  }
  const body = textAt(text, "body", "text.body");
  limit(body, MAX_TEXT, "text['body']");
  if (!["undefined", "boolean"].includes(typeof text["preview_url"])) {
    throw new GraphError(100, { message: "(#100) Param text['preview_url'] must be a boolean." });
  }
}

function checkLocation(location: JsonObject): void {
  for (const [name, bound] of [
    ["latitude", 90],
    ["longitude", 180],
  ] as const) {
    const value = location[name];
    if (value === undefined) throw missing(`location.${name}`);
    const number = typeof value === "string" ? Number(value) : value;
    if (typeof number !== "number" || !(Math.abs(number) <= bound)) {
      throw new GraphError(131009, { details: `location.${name} is not valid` });
    }
  }
}

function checkReaction(reaction: JsonObject): void {
  textAt(reaction, "message_id", "reaction.message_id");
  if (typeof reaction["emoji"] !== "string") throw missing("reaction.emoji");
}

function checkContacts(contacts: unknown): void {
  if (!Array.isArray(contacts) || contacts.length === 0) throw missing("contacts");
  for (const contact of contacts) {
    const name = isObject(contact) ? contact["name"] : undefined;
    if (!isObject(name) || typeof name["formatted_name"] !== "string") {
      throw missing("contacts.name.formatted_name");
    }
    if (Object.keys(name).length < 2) {
      throw new GraphError(131009, { details: "contacts.name needs a part beside formatted_name" });
    }
  }
}

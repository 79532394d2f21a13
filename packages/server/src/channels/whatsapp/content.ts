import { type Content, textContent, unsupportedContent } from "../../core/content.ts";
import { type JsonObject, labelOf, objectOf, stringOf } from "../meta/read.ts";

/** WhatsApp's own limit is 4,096 letters. As JSON, so that an event never grows beyond its limit. */
const MAX_TEXT_BYTES = 131_072;

const TEXT_MEMBERS: ReadonlySet<string> = new Set([
  "id",
  "from",
  "from_user_id",
  "timestamp",
  "type",
  "text",
  "context",
]);

/** What a message says. Every type that this version does not read is `unsupported`, by its own name. */
export function readContent(message: JsonObject): Content {
  const type = labelOf(message["type"]);
  switch (type) {
    case "text": {
      const text = stringOf(objectOf(message["text"])?.["body"]);
      if (text === null) return unsupportedContent(type, "malformed");
      return Buffer.byteLength(JSON.stringify(text)) > MAX_TEXT_BYTES
        ? unsupportedContent(type, "too_long")
        : textContent(text);
    }
    case "unsupported":
    case "unknown":
      return unsupportedContent(
        labelOf(objectOf(message["unsupported"])?.["type"]) ?? type,
        "provider",
      );
    default:
      return unsupportedContent(type, type === null ? "malformed" : "not_yet_read");
  }
}

/** Whether a text message says more than its text and what it answers: a referral, that it was forwarded. */
export function hasMoreThanText(message: JsonObject): boolean {
  return (
    Object.keys(message).some((name) => !TEXT_MEMBERS.has(name)) ||
    Object.keys(objectOf(message["text"]) ?? {}).some((name) => name !== "body") ||
    Object.keys(objectOf(message["context"]) ?? {}).some((name) => name !== "id" && name !== "from")
  );
}

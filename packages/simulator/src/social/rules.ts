import { isObject, type JsonObject } from "../json.ts";
import { GraphError } from "../meta/graph-error.ts";
import type { SocialAccount } from "./accounts.ts";

const TYPES = ["RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"];
const ATTACHMENTS = {
  page: ["image", "audio", "video", "file", "template"],
  instagram: ["image", "audio", "video", "file", "template", "like_heart", "MEDIA_SHARE"],
} as const;
const ACTIONS = ["typing_on", "typing_off", "mark_seen", "react", "unreact"];
const MAX_TEXT = 2_000;
const MAX_INSTAGRAM_BYTES = 1_000;
const MAX_METADATA = 1_000;
const MAX_IMAGES = 10;
const MAX_QUICK_REPLIES = 13;

/** A parameter of the Send API that it would not take. */
export function badParameter(message: string, subcode?: number): GraphError {
  const more = subcode === undefined ? {} : { subcode };
  return new GraphError(100, { message: `(#100) ${message}`, ...more });
}

/** What a request to send asks for, once its form has been checked. */
export type SocialRequest =
  | { kind: "message"; message: JsonObject; tag: string | null }
  | { kind: "action"; action: string; payload: JsonObject };

/** Checks the form of a request by Messenger's or Instagram's rules. Throws GraphError. */
export function checkRequest(account: SocialAccount, body: JsonObject): SocialRequest {
  const { message, sender_action: action } = body;
  if (message !== undefined && action !== undefined) {
    throw badParameter("sender_action must be sent alone: it cannot be combined with message");
  }
  if (action !== undefined) return checkAction(action, body["payload"]);
  if (!isObject(message)) throw badParameter("param message must be non-empty.");
  checkType(body);
  checkMessage(account, message);
  const tag = body["tag"];
  return { kind: "message", message, tag: typeof tag === "string" ? tag : null };
}

function checkAction(action: unknown, payload: unknown): SocialRequest {
  if (typeof action !== "string" || !ACTIONS.includes(action)) {
    throw badParameter(`Param sender_action must be one of {${ACTIONS.join(", ").toUpperCase()}}`);
  }
  const given = isObject(payload) ? payload : {};
  if (action.endsWith("react") && typeof given["message_id"] !== "string") {
    throw badParameter("Param payload[message_id] must be a message id.");
  }
  if (action === "react" && typeof given["reaction"] !== "string") {
    throw badParameter("Param payload[reaction] must be a string.");
  }
  return { kind: "action", action, payload: given };
}

function checkType({ messaging_type: type, tag }: JsonObject): void {
  if (type !== undefined && !TYPES.includes(String(type))) {
    throw badParameter(`Param messaging_type must be one of {${TYPES.join(", ")}}`);
  }
  // The others were retired on 27 April 2026.
  if (tag !== undefined && tag !== "HUMAN_AGENT") throw badParameter("Invalid parameter");
  if (type === "MESSAGE_TAG" && tag === undefined) throw badParameter("param tag is required.");
}

function checkMessage(account: SocialAccount, message: JsonObject): void {
  const { text, attachment, attachments, metadata, quick_replies: replies } = message;
  if (text === undefined && attachment === undefined && attachments === undefined) {
    throw badParameter("Message must contain text or an attachment.");
  }
  if (text !== undefined) checkText(account, text);
  if (metadata !== undefined && String(metadata).length > MAX_METADATA) {
    throw badParameter(`Length of param message[metadata] must be less than ${MAX_METADATA}`);
  }
  if (replies !== undefined && (!Array.isArray(replies) || replies.length > MAX_QUICK_REPLIES)) {
    throw badParameter(`param message[quick_replies] has too many elements.`);
  }
  if (attachment !== undefined) checkAttachment(account, attachment);
  if (attachments === undefined) return;
  if (account.kind === "page" || !Array.isArray(attachments) || attachments.length > MAX_IMAGES) {
    throw badParameter("Param message[attachments] must be a list of at most 10 images.");
  }
  for (const each of attachments) checkAttachment(account, each);
}

function checkText({ kind }: SocialAccount, text: unknown): void {
  if (typeof text !== "string" || text === "") {
    throw badParameter("param message[text] must be a non-empty UTF-8 encoded string");
  }
  const isTooLong =
    kind === "page" ? text.length > MAX_TEXT : Buffer.byteLength(text) > MAX_INSTAGRAM_BYTES;
  if (!isTooLong) return;
  const max = kind === "page" ? MAX_TEXT : MAX_INSTAGRAM_BYTES;
  throw badParameter(`Length of param message[text] must be less than or equal to ${max}`);
}

function checkAttachment({ kind }: SocialAccount, attachment: unknown): void {
  const type = isObject(attachment) ? attachment["type"] : undefined;
  const types: readonly string[] = ATTACHMENTS[kind];
  if (!isObject(attachment) || typeof type !== "string" || !types.includes(type)) {
    throw badParameter(`Param message[attachment][type] must be one of {${types.join(", ")}}`);
  }
  if (type === "like_heart") return;
  const payload = attachment["payload"];
  if (!isObject(payload)) throw badParameter("param message[attachment][payload] is required.");
  const { url, attachment_id: id } = payload;
  if (["image", "audio", "video", "file"].includes(type) && typeof id !== "string") {
    if (typeof url !== "string" || !/^https?:\/\//.test(url)) {
      throw badParameter("Param message[attachment][payload][url] is not a valid URL.", 2018047);
    }
  }
}

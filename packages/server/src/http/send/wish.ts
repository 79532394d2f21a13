import type { MediaKind, Outgoing, OutgoingMedia, Signal } from "../../core/sending/outgoing.ts";
import { fieldRefused } from "../api.ts";
import { isNative } from "./interactive.ts";
import type { SendBody } from "./send-body.ts";

/** What a request asks for, apart from whom it is about. */
export type Wish =
  | { kind: "message"; content: Exclude<Outgoing, { type: "reaction" }> }
  /** A message with a file that is here. */
  | { kind: "file"; file: { id: string } & Pick<OutgoingMedia, "kind" | "caption" | "filename"> }
  | { kind: "reaction"; target: string | number; emoji: string | null }
  | { kind: "signal"; signal: Signal["kind"] }
  | { kind: "act"; act: "resolve" | "reopen" };

const CONTENT = [
  "text",
  "media",
  "template_name",
  "interactive",
  "reaction",
  "typing",
  "action",
] as const satisfies (keyof SendBody)[];

/** Reads what is to be done. Refuses a request that says too much, or nothing. */
export function wishOf(body: SendBody): Wish {
  const [given, other] = CONTENT.filter((name) => body[name] !== undefined);
  if (given === undefined) throw fieldRefused("/text", `there is nothing to send: ${ONE_OF}`);
  if (other !== undefined) throw fieldRefused(`/${other}`, `goes without ${given}: ${ONE_OF}`);
  refuseStray(body, given);
  const { reaction, typing, action } = body;
  if (reaction) return { kind: "reaction", target: reaction.message_id, emoji: reaction.emoji };
  if (typing !== undefined) return { kind: "signal", signal: `typing_${typing}` };
  if (action === "mark_read") return { kind: "signal", signal: action };
  if (action !== undefined) return { kind: "act", act: action };
  const { media } = body;
  if (media?.id !== undefined) return { kind: "file", file: { id: media.id, ...sortOf(media) } };
  return { kind: "message", content: contentOf(body) };
}

const ONE_OF = "give one of text, media, template_name, interactive, reaction, typing and action";

/** What goes with a message only, or with a template only. */
function refuseStray(body: SendBody, given: (typeof CONTENT)[number]): void {
  const isTemplate = given === "template_name";
  for (const name of ["template_language", "template_components"] as const) {
    if (body[name] !== undefined && !isTemplate) {
      throw fieldRefused(`/${name}`, "goes with template_name only");
    }
  }
  if (isTemplate && body.template_language === undefined) {
    throw fieldRefused("/template_language", "is missing: a template is named with its language");
  }
  if (body.tag !== undefined && body.actor !== "agent") {
    throw fieldRefused("/tag", "is for what a person wrote: say actor agent");
  }
  const isMessage = given !== "reaction" && given !== "typing" && given !== "action";
  for (const name of ["reply_to", "tag", "comment_id"] as const) {
    if (body[name] !== undefined && !isMessage) {
      throw fieldRefused(`/${name}`, `does not go with ${given}`);
    }
  }
  for (const name of ["send_at", "fallback"] as const) {
    if (body[name] !== undefined && !isMessage) {
      throw fieldRefused(`/${name}`, `does not go with ${given}`);
    }
  }
}

function contentOf(body: SendBody): Exclude<Outgoing, { type: "reaction" }> {
  const { text, media, template_name, interactive } = body;
  if (text !== undefined) {
    if (text.trim() === "") throw fieldRefused("/text", "has no visible character");
    return { type: "text", text, previewUrl: false };
  }
  if (media) return { type: "media", url: media.url ?? "", ...sortOf(media) };
  if (interactive !== undefined) {
    return isNative(interactive)
      ? { type: "native", interactive }
      : { type: "interactive", interactive };
  }
  const { template_language: language = "", template_components: components = [] } = body;
  return { type: "template", name: template_name ?? "", language, components };
}

function sortOf({ type, caption, filename }: NonNullable<SendBody["media"]>) {
  const kind: MediaKind = type === "file" ? "document" : type;
  return { kind, caption: caption ?? null, filename: filename ?? null };
}

const RECIPIENTS = [
  "conversation_id",
  "platform_user_id",
  "to_phone",
  "wa_user_id",
  "comment_id",
] as const satisfies (keyof SendBody)[];
const WORDS = [
  "text",
  "media",
  "template_name",
  "template_language",
  "template_components",
  "interactive",
] as const satisfies (keyof SendBody)[];

/**
 * The requests that a request stands for, in the order in which they are tried. What an alternative
 * leaves out is the first one's: its recipient, its words. One that names another platform keeps no
 * recipient but the telephone number, if there is one.
 */
export function alternativesOf(body: SendBody, phone: string | null): SendBody[] {
  const { fallback = [], ...first } = body;
  return fallback.map((each): SendBody => {
    const rest: SendBody = { ...first, reply_to: undefined, tag: undefined, send_at: undefined };
    if (RECIPIENTS.some((name) => each[name] !== undefined)) {
      clear(rest, [...RECIPIENTS, "platform", "channel_id"]);
    } else if (each.platform !== undefined || each.channel_id !== undefined) {
      const number = first.to_phone ?? phone ?? undefined;
      if (number !== undefined) clear(rest, RECIPIENTS);
      clear(rest, ["platform", "channel_id"]);
      if (number !== undefined) rest.to_phone = number;
    }
    if (WORDS.some((name) => each[name] !== undefined)) clear(rest, WORDS);
    return Object.assign(rest, each);
  });
}

function clear(body: SendBody, names: readonly (keyof SendBody)[]): void {
  for (const name of names) delete body[name];
}

import type { InstagramLogin } from "../../core/messages/channel-kinds.ts";
import { unfitFile } from "../../core/sending/file-rules.ts";
import type { Letter, Outgoing, Unfit } from "../../core/sending/outgoing.ts";
import { unfitInteractive, unfitMedia, unsupported } from "../meta/limits.ts";
import { messageOf, needsHumanTag, recipientOf, renderReaction } from "../meta/messages.ts";
import { FILES } from "./files.ts";

/** UTF-8, not characters. */
const MAX_TEXT_BYTES = 1000;
const NAME = "Instagram";
const HEART = "❤";

export function unfit(content: Outgoing): Unfit | null {
  switch (content.type) {
    case "text":
      return tooManyBytes(content.text);
    case "media":
      if (content.kind === "sticker") {
        return unsupported("/media/type", `${NAME} takes no stickers`);
      }
      return unfitMedia(NAME, content) ?? unfitFile(NAME, FILES, content);
    case "interactive":
      return unfitInteractive(NAME, content.interactive);
    case "template":
      return unsupported("/template_name", "templates are WhatsApp's");
    case "native":
      return unsupported("/interactive/type", "this form is WhatsApp's: give a kind instead");
    case "reaction":
      return null;
  }
}

function tooManyBytes(text: string): Unfit | null {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEXT_BYTES) return null;
  const detail = `has ${bytes} bytes in UTF-8; ${NAME} takes ${MAX_TEXT_BYTES}, and counts bytes`;
  return { pointer: "/text", code: "text_too_long", detail };
}

/**
 * The body of `POST /{account}/messages`. With a Page's token the one reaction is called "love";
 * with Instagram's own any emoji stands for itself.
 */
export function render(letter: Letter, login: InstagramLogin): object {
  const { to, content, replyTo } = letter;
  if (content.type === "reaction") {
    const spell = (emoji: string) =>
      login === "facebook" && emoji.startsWith(HEART) ? "love" : emoji;
    return renderReaction(to, content, spell);
  }
  return {
    recipient: recipientOf(to),
    ...(needsHumanTag(letter) ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : {}),
    ...(replyTo === null ? {} : { reply_to: { mid: replyTo } }),
    message: messageOf(content),
  };
}

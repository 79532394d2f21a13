import { unfitFile } from "../../core/sending/file-rules.ts";
import type { Letter, Outgoing, Unfit } from "../../core/sending/outgoing.ts";
import { tooLong, unfitInteractive, unfitMedia, unsupported } from "../meta/limits.ts";
import { messageOf, needsHumanTag, recipientOf, renderReaction } from "../meta/messages.ts";
import { FILES } from "./files.ts";

const MAX_TEXT = 2000;
const NAME = "Messenger";

export function unfit(content: Outgoing): Unfit | null {
  switch (content.type) {
    case "text":
      return tooLong(NAME, "/text", content.text, MAX_TEXT);
    case "media":
      if (content.kind === "sticker") {
        return unsupported("/media/type", `${NAME} lets a Page send no stickers`);
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

/** The body of `POST /{page}/messages`. */
export function render(letter: Letter): object {
  const { to, content, replyTo, token } = letter;
  if (content.type === "reaction") return renderReaction(to, content, (emoji) => emoji);
  return {
    recipient: recipientOf(to),
    ...(needsHumanTag(letter)
      ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" }
      : { messaging_type: "RESPONSE" }),
    ...(replyTo === null ? {} : { reply_to: { mid: replyTo } }),
    // Comes back in the echo: by it a send whose answer was lost is found again.
    message: { ...messageOf(content), metadata: token },
  };
}

import type { IdentityName } from "../../core/messages/inbound.ts";
import type { Letter, Outgoing, OutgoingMedia, Signal } from "../../core/sending/outgoing.ts";
import { interactiveOf } from "./interactive.ts";

/** The body of `POST /{phone_number_id}/messages`. */
export function render({ to, content, replyTo, token }: Letter): object {
  return {
    messaging_product: "whatsapp",
    ...recipient(to),
    ...(replyTo === null ? {} : { context: { message_id: replyTo } }),
    ...said(content),
    // Comes back in every status: by it a send whose answer was lost is found again.
    biz_opaque_callback_data: token,
  };
}

/** The same address takes these; showing that somebody types marks what came before as read. */
export function renderSignal({ kind, lastReceived }: Signal): object {
  return {
    messaging_product: "whatsapp",
    status: "read",
    message_id: lastReceived,
    ...(kind === "typing_on" ? { typing_indicator: { type: "text" } } : {}),
  };
}

/**
 * Without the plus sign Meta puts the business's own country code in front of a number. A BSUID never
 * stands in `to`: Meta would take it and drop the message.
 */
function recipient(to: IdentityName): object {
  return to.kind === "wa_id"
    ? { recipient_type: "individual", to: `+${to.value}` }
    : { recipient: to.value };
}

function said(content: Outgoing): object {
  switch (content.type) {
    case "text":
      return { type: "text", text: { preview_url: content.previewUrl, body: content.text } };
    case "media":
      return media(content);
    case "template": {
      const { name, language, components } = content;
      const shown = components.length === 0 ? {} : { components };
      return { type: "template", template: { name, language: { code: language }, ...shown } };
    }
    case "interactive":
      return { type: "interactive", interactive: interactiveOf(content.interactive) };
    case "native":
      return { type: "interactive", interactive: content.interactive };
    case "reaction": {
      const { targetProviderId, emoji } = content;
      return { type: "reaction", reaction: { message_id: targetProviderId, emoji: emoji ?? "" } };
    }
  }
}

function media({ kind, url, caption, filename: given, file: kept }: OutgoingMedia): object {
  const type = kind === "voice" ? "audio" : kind;
  const filename = given ?? (kind === "document" ? (kept?.filename ?? null) : null);
  const file = {
    link: url,
    ...(caption === null ? {} : { caption }),
    ...(filename === null ? {} : { filename }),
    ...(kind === "voice" ? { voice: true } : {}),
  };
  return { type, [type]: file };
}

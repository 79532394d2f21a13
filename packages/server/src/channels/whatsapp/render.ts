/** Whom a message is for. A BSUID never stands in `to`: Meta would take it and drop the message. */
export type WhatsappAddress = { kind: "phone"; e164: string } | { kind: "bsuid"; bsuid: string };

export interface WhatsappText {
  address: WhatsappAddress;
  text: string;
  previewUrl: boolean;
  /** The provider's id of the message that this one answers. */
  replyTo: string | null;
  /** Comes back in every status: by it a send whose answer was lost is found again. */
  token: string;
}

/** The body of `POST /{phone_number_id}/messages` for a text. */
export function renderText(message: WhatsappText): object {
  const { address, replyTo } = message;
  return {
    messaging_product: "whatsapp",
    // Without the plus sign Meta puts the business's own country code in front.
    ...(address.kind === "phone"
      ? { recipient_type: "individual", to: address.e164 }
      : { recipient: address.bsuid }),
    ...(replyTo === null ? {} : { context: { message_id: replyTo } }),
    type: "text",
    text: { preview_url: message.previewUrl, body: message.text },
    biz_opaque_callback_data: message.token,
  };
}

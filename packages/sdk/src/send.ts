import type { Transport, WriteOptions } from "./transport.ts";

/** Whom a message is for: one of these. */
export type SendRecipient =
  | { conversation_id: string }
  | { platform_user_id: string }
  | { to_phone: string }
  /** A WhatsApp user who shows no phone number. */
  | { wa_user_id: string };

export type SendRequest = SendRecipient & {
  /** Needed beside `to_phone` for anything but a text message over the telephone network. */
  platform?: "messenger" | "instagram" | "whatsapp" | "sms";
  /** Needed where several channels could send it. */
  channel_id?: string;
  text: string;
  /** Answers the message with this id, ours or the provider's. */
  reply_to?: string;
  actor?: "bot" | "agent";
  /** Yours, at most 64 characters: kept on the message and its conversation. */
  ticket_ref?: string;
  metadata?: Readonly<Record<string, unknown>>;
  idempotency_key?: string;
  dry_run?: boolean;
};

export interface SendAnswer {
  id: string;
  /** `queued` and `sending` end in an event: sent, failed or unconfirmed. */
  status: string;
  platform: string;
  conversation_id: string;
  message_id: string;
  provider_message_id: string | null;
  window: { free_form_until: string | null } | null;
  /** The idempotency key was used before: this is the message of then. */
  duplicate: boolean;
}

export interface SendOptions extends WriteOptions {
  /** Answers as soon as the message is safe, without waiting for the provider. */
  respondAsync?: boolean;
}

export function sendCall(call: Transport) {
  return (body: SendRequest, options?: SendOptions): Promise<SendAnswer> => {
    const headers = options?.respondAsync ? { prefer: "respond-async" } : {};
    return call<SendAnswer>({ method: "POST", path: ["send"], body, headers, options });
  };
}

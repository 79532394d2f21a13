import { newIdempotencyKey } from "../calls/idempotency-key.ts";
import type { IdempotentOptions, Transport } from "../calls/transport.ts";
import type { MessageStatus } from "../webhooks/message.ts";
import type { ChannelKind } from "./channels.ts";

/** `facebook` is Messenger by its other name; answers call it `messenger`. */
export type SendPlatform = ChannelKind | "facebook";

/** Whom a message is for: one of these. */
export type SendRecipient =
  /** Its id, or its serial. */
  | { conversation_id: string | number }
  /** What the platform calls the customer: a PSID, IGSID, `wa_id` or BSUID. */
  | { platform_user_id: string }
  | { to_phone: string }
  /** A WhatsApp user who shows no phone number. */
  | { wa_user_id: string }
  /** A comment that is answered in private (Messenger, Instagram). */
  | { comment_id: string };

export type SendMedia = {
  type: "image" | "video" | "audio" | "voice" | "document" | "file" | "sticker";
  caption?: string;
  filename?: string;
} & (
  | {
      /** Public: the provider fetches it. */
      url: string;
    }
  | {
      /** A file that is here: of `media.upload`, or of another message. */
      id: string;
    }
);

interface Around {
  body: string;
  header?: { type: "text"; text: string } | { type: "image" | "video" | "document"; url: string };
  footer?: string;
}

/** Something to choose from, in words that every channel can be given; or WhatsApp's own object, verbatim. */
export type SendInteractive =
  | (Around & { kind: "buttons"; actions: readonly { id: string; title: string }[] })
  | (Around & {
      kind: "list";
      /** On the button that opens it. */
      button?: string;
      actions: readonly { id: string; title: string; description?: string; section?: string }[];
    })
  | (Around & { kind: "cta_url"; actions: readonly { title: string; url: string }[] })
  | { kind: "location_request"; body: string }
  | (Around & {
      kind: "flow";
      actions: readonly {
        title: string;
        flow_id: string;
        flow_token?: string;
        screen?: string;
        data?: Readonly<Record<string, unknown>>;
      }[];
    })
  | (Partial<Around> & {
      kind: "product";
      actions: readonly { catalog_id: string; product_id: string; section?: string }[];
    })
  | {
      kind: "carousel";
      actions: readonly {
        title: string;
        subtitle?: string;
        image_url?: string;
        buttons?: readonly ({ title: string; id: string } | { title: string; url: string })[];
      }[];
    }
  | { type: string; readonly [member: string]: unknown };

/** What a message says: one of these. */
export type SendContent =
  | { text: string }
  | { media: SendMedia }
  | {
      template_name: string;
      template_language: string;
      /** Meta's `components`, passed on verbatim. */
      template_components?: readonly unknown[];
    }
  | { interactive: SendInteractive };

/** What is done instead of a message: one of these. */
export type SendAct =
  /** Null takes the reaction away. */
  | { reaction: { message_id: string | number; emoji: string | null } }
  | { typing: "on" | "off" }
  | { action: "resolve" | "reopen" | "mark_read" };

interface Manner {
  /** Needed beside `to_phone` for anything but a text message over the telephone network. */
  platform?: SendPlatform;
  /** Needed where several channels could send it. */
  channel_id?: string;
  /** `agent` for what a person wrote: Messenger and Instagram give people longer to answer. */
  actor?: "bot" | "agent";
}

interface Said extends Manner {
  /** Answers the message with this id, ours or the provider's, or this serial. */
  reply_to?: string | number;
  tag?: "HUMAN_AGENT";
}

/** What is tried instead. What it leaves out is the request's own. */
export type SendAlternative = Partial<SendRecipient> & Partial<SendContent> & Said;

interface Common {
  /** Yours, at most 64 characters: kept on the message and its conversation. */
  ticket_ref?: string;
  metadata?: Readonly<Record<string, unknown>>;
  idempotency_key?: string;
  dry_run?: boolean;
}

export type SendRequest =
  | (SendRecipient &
      SendContent &
      Said &
      Common & {
        /** RFC 3339, at most thirty days ahead. */
        send_at?: string;
        /** Tried in turn when the message fails, under the same idempotency key. */
        fallback?: readonly SendAlternative[];
      })
  | (SendRecipient & SendAct & Manner & Common);

export interface SendAnswer {
  /** Null where no message was made. */
  id: string | null;
  /** `queued` and `sending` end in an event: sent, failed or unconfirmed. */
  status: MessageStatus | "done" | "dry_run";
  platform: ChannelKind;
  conversation_id: string | null;
  message_id: string | null;
  provider_message_id: string | null;
  segments?: number;
  quota?: { used: number; limit: number | null; unit: string };
  window: { free_form_until: string | null; human_agent_until: string | null };
  /** Of a dry run: what is to be expected, by what Curlew knows. */
  policy?: { allowed: boolean; rule: SendRule; next_allowed_at: string | null };
  /** The idempotency key was used before: this is the message of then. */
  duplicate: boolean;
}

/** What decides whether a message may be sent. */
export type SendRule =
  | "no_window"
  | "window_open"
  | "window_closed"
  | "human_agent"
  | "template"
  | "private_reply"
  | "opted_out"
  | "channel_paused";

export interface SendOptions extends IdempotentOptions {
  /** Answers as soon as the message is safe, without waiting for the provider. */
  respondAsync?: boolean;
}

export function sendCall(call: Transport) {
  return (body: SendRequest, options?: SendOptions): Promise<SendAnswer> => {
    const headers = options?.respondAsync ? { prefer: "respond-async" } : {};
    const idempotencyKey = options?.idempotencyKey ?? body.idempotency_key ?? newIdempotencyKey();
    const path = ["send"];
    return call<SendAnswer>({ method: "POST", path, body, headers, idempotencyKey, options });
  };
}

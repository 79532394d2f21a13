import { z } from "@hono/zod-openapi";
import { CHANNEL_KINDS, type ChannelKind } from "../core/channel-kinds.ts";
import { isoOf } from "../core/envelope.ts";
import { CurlewError } from "../core/errors.ts";
import { publicId } from "../core/ids.ts";
import { MESSAGE_STATUSES } from "../core/message-status.ts";
import type { SendError } from "../core/send-outcome.ts";
import { freeFormUntil } from "../core/window.ts";
import type { Sent } from "../storage/sending.ts";
import { shownId } from "./api.ts";
import type { Destination } from "./send-destination.ts";

export const SendAnswer = z
  .object({
    id: shownId("msg").nullable(),
    status: z.enum([...MESSAGE_STATUSES, "dry_run"]).openapi({ example: "sent" }),
    platform: z.enum(CHANNEL_KINDS).openapi({ example: "whatsapp" }),
    conversation_id: shownId("cnv").nullable(),
    message_id: shownId("msg").nullable(),
    provider_message_id: z.string().nullable().openapi({ example: "wamid.HBgLMTY1MDU1NTEyMzQ" }),
    segments: z.int().optional(),
    quota: z.object({ used: z.int(), limit: z.int().nullable(), unit: z.string() }).optional(),
    window: z.object({
      free_form_until: z
        .string()
        .nullable()
        .openapi({ format: "date-time", example: "2026-11-22T10:00:00.123Z" }),
    }),
    duplicate: z.boolean().openapi({
      description: "The idempotency key was used before: this is what came of it then",
    }),
  })
  .openapi("SendAnswer");

export type SendAnswer = z.infer<typeof SendAnswer>;

/** Whether the provider has taken the message, as far as is known. */
export function isWithProvider({ status }: Sent): boolean {
  return status === "sent" || status === "delivered" || status === "read" || status === "played";
}

export function showSent(sent: Sent): SendAnswer {
  const id = publicId("msg", sent.messageId);
  return {
    id,
    status: sent.status,
    platform: sent.channelKind,
    conversation_id: publicId("cnv", sent.conversationId),
    message_id: id,
    provider_message_id: sent.providerId,
    window: windowOf(sent.channelKind, sent.lastInboundAt),
    duplicate: false,
  };
}

export function showDryRun({ channel, target, lastInboundAt }: Destination): SendAnswer {
  return {
    id: null,
    status: "dry_run",
    platform: channel.kind,
    conversation_id: target.kind === "conversation" ? publicId("cnv", target.conversationId) : null,
    message_id: null,
    provider_message_id: null,
    window: windowOf(channel.kind, lastInboundAt),
    duplicate: false,
  };
}

function windowOf(kind: ChannelKind, lastInboundAt: number | null) {
  return { free_form_until: isoOf(freeFormUntil(kind, lastInboundAt)) };
}

/** The provider's refusal in its own words. */
export function refusalOf({ messageId, conversationId, error }: Sent): CurlewError {
  const said = error === null ? null : (JSON.parse(error) as SendError); // written by the outbox
  const words = [said?.message, said?.details].filter(
    (each) => each !== null && each !== undefined,
  );
  return new CurlewError("provider_refused", words.join(" ") || "The provider refused it.", {
    extra: {
      id: publicId("msg", messageId),
      message_id: publicId("msg", messageId),
      conversation_id: publicId("cnv", conversationId),
      provider: said && {
        code: said.provider_code,
        message: said.message,
        details: said.details,
      },
      reason: said?.code ?? null,
      retryable: said?.retryable ?? false,
      advice: said?.advice ?? null,
    },
  });
}

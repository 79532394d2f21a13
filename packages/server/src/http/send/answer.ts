import { z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { isoOf, windowObject } from "../../core/events/envelope.ts";
import { publicId } from "../../core/ids.ts";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import { MESSAGE_STATUSES } from "../../core/messages/message-status.ts";
import type { SendError } from "../../core/sending/send-outcome.ts";
import { POLICY_RULES, type PolicyVerdict } from "../../core/sending/send-policy.ts";
import type { Sent } from "../../storage/sending/sending.ts";
import { shownId, shownInstant } from "../api.ts";
import type { Destination } from "./destination.ts";

export const SendAnswer = z
  .object({
    id: shownId("msg").nullable(),
    status: z.enum([...MESSAGE_STATUSES, "done", "dry_run"]).openapi({ example: "sent" }),
    platform: z.enum(CHANNEL_KINDS).openapi({ example: "whatsapp" }),
    conversation_id: shownId("cnv").nullable(),
    message_id: shownId("msg").nullable(),
    provider_message_id: z.string().nullable().openapi({ example: "wamid.HBgLMTY1MDU1NTEyMzQ" }),
    segments: z.int().optional(),
    quota: z.object({ used: z.int(), limit: z.int().nullable(), unit: z.string() }).optional(),
    window: z.object({
      free_form_until: shownInstant.nullable(),
      human_agent_until: shownInstant.nullable().openapi({
        description: "Until when a person may answer, where people are given longer",
      }),
    }),
    policy: z
      .object({
        allowed: z.boolean(),
        rule: z.enum(POLICY_RULES),
        next_allowed_at: shownInstant.nullable().openapi({
          description: "When it would be allowed; null for now, and where nobody can say",
        }),
      })
      .optional()
      .openapi({ description: "Of a dry run: what is to be expected, by what is known here" }),
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
    window: windowObject(sent.channelKind, sent.lastInboundAt),
    duplicate: false,
  };
}

/** What was done without a message: `sent` where the provider has it, `done` where only we know of it. */
export function showDone(destination: Destination, status: "sent" | "done"): SendAnswer {
  return { ...showNoMessage(destination), status };
}

export function showDryRun(destination: Destination, policy: PolicyVerdict): SendAnswer {
  const { allowed, rule, allowedFrom } = policy;
  const shown = { allowed, rule, next_allowed_at: isoOf(allowedFrom) };
  return { ...showNoMessage(destination), status: "dry_run", policy: shown };
}

function showNoMessage({ channel, target, lastInboundAt }: Destination) {
  return {
    id: null,
    platform: channel.kind,
    conversation_id: target.kind === "conversation" ? publicId("cnv", target.conversationId) : null,
    message_id: null,
    provider_message_id: null,
    window: windowObject(channel.kind, lastInboundAt),
    duplicate: false,
  };
}

/** The provider's refusal in its own words. */
export function refusalOf({ messageId, conversationId, error }: Sent): CurlewError {
  const said = error === null ? null : (JSON.parse(error) as SendError); // written by the outbox
  return refusedWith(said, {
    id: publicId("msg", messageId),
    message_id: publicId("msg", messageId),
    conversation_id: publicId("cnv", conversationId),
  });
}

export function refusedWith(said: SendError | null, about: Record<string, unknown>): CurlewError {
  const words = [said?.message, said?.details].filter(
    (each) => each !== null && each !== undefined,
  );
  return new CurlewError("provider_refused", words.join(" ") || "The provider refused it.", {
    extra: {
      ...about,
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

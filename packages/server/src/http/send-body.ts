import { z } from "@hono/zod-openapi";
import { CHANNEL_KINDS } from "../core/channel-kinds.ts";
import { isE164 } from "../core/phone.ts";
import { fieldRefused, idSchema } from "./api.ts";

const MAX_METADATA_LENGTH = 4_096;

const id = z.string().trim().min(1).max(256);
const notYet = "Not in this version: refused with `unsupported_action`.";

/** What `POST /v1/send` takes. Members that this version cannot act on are known by their form. */
export const SendBody = z
  .strictObject({
    conversation_id: z
      .union([id, z.int().positive()])
      .optional()
      .openapi({ description: "`cnv_…` or the conversation's serial" }),
    platform_user_id: id.optional().openapi({
      description: "What the platform calls the customer: a `wa_id` or a business-scoped user id",
      example: "16505551234",
    }),
    to_phone: z
      .string()
      .refine(isE164, "must be a telephone number in E.164: + and 2 to 15 digits, nothing else")
      .optional()
      .openapi({
        description: 'E.164. Alone it means SMS; with `platform: "whatsapp"` WhatsApp',
        example: "+16505551234",
      }),
    wa_user_id: id.optional().openapi({
      description: "A WhatsApp business-scoped user id (BSUID)",
      example: "US.13491208655302741918",
    }),
    comment_id: id.optional().openapi({ description: notYet }),
    platform: z.enum(CHANNEL_KINDS).optional(),
    channel_id: idSchema("ch").optional(),
    text: z.string().max(100_000).optional().openapi({ example: "Your order is ready." }),
    media: z
      .strictObject({
        type: z.string(),
        url: z.string(),
        caption: z.string().optional(),
        filename: z.string().optional(),
      })
      .optional()
      .openapi({ description: notYet }),
    template_name: z.string().optional().openapi({ description: notYet }),
    template_language: z.string().optional().openapi({ description: notYet }),
    template_components: z.array(z.unknown()).optional().openapi({ description: notYet }),
    interactive: z.record(z.string(), z.unknown()).optional().openapi({ description: notYet }),
    reaction: z
      .strictObject({ message_id: z.string(), emoji: z.string().nullable() })
      .optional()
      .openapi({ description: notYet }),
    typing: z.enum(["on", "off"]).optional().openapi({ description: notYet }),
    action: z.enum(["resolve", "reopen", "mark_read"]).optional().openapi({ description: notYet }),
    tag: z.string().optional().openapi({ description: notYet }),
    send_at: z.string().optional().openapi({ description: notYet }),
    fallback: z.array(z.unknown()).optional().openapi({ description: notYet }),
    reply_to: z
      .union([id, z.int().positive()])
      .optional()
      .openapi({ description: "`msg_…`, the message's serial or the provider's message id" }),
    actor: z
      .enum(["bot", "agent"])
      .default("bot")
      .openapi({ description: "Who speaks: software or a person" }),
    ticket_ref: z.string().min(1).max(64).optional().openapi({
      description: "What your own system calls this; kept on message and conversation",
    }),
    metadata: z
      .record(z.string(), z.unknown())
      .refine((given) => JSON.stringify(given).length <= MAX_METADATA_LENGTH, {
        message: `may have ${MAX_METADATA_LENGTH} characters as JSON`,
      })
      .optional(),
    idempotency_key: z.string().optional().openapi({
      description: "The same as the header `Idempotency-Key`",
    }),
    dry_run: z
      .boolean()
      .default(false)
      .openapi({ description: "Checks everything and sends nothing" }),
  })
  .openapi("SendRequest", {
    example: { to_phone: "+16505551234", platform: "whatsapp", text: "Your order is ready." },
  });

export type SendBody = z.infer<typeof SendBody>;

const SENDER_FIELDS = ["from", "from_phone"] as const;

/** `SendBody`, but who tries to choose the sender is told why that cannot be. */
export const SendInput = z
  .unknown()
  .transform((value, ctx): SendBody => {
    const parsed = SendBody.safeParse(withoutSender(value, ctx.issues));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      // An issue of one schema is one of another; the type of a raw one does not say so.
      ctx.issues.push({ ...issue, input: value } as (typeof ctx.issues)[number]);
    }
    return z.NEVER;
  })
  .openapi({ allOf: [{ $ref: "#/components/schemas/SendRequest" }] });

function withoutSender(value: unknown, issues: unknown[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const rest: Record<string, unknown> = { ...value };
  for (const name of SENDER_FIELDS) {
    if (!(name in rest)) continue;
    delete rest[name];
    const message = "cannot be chosen: the channel's own address sends. Name a channel_id instead";
    issues.push({ code: "custom", path: [name], message, input: value });
  }
  return rest;
}

/** What a message may be besides text; one day this version's successor sends it. */
const CONTENT = [
  "text",
  "media",
  "template_name",
  "interactive",
  "reaction",
  "typing",
  "action",
] as const satisfies (keyof SendBody)[];
const NOT_YET = [
  ...CONTENT.filter((name) => name !== "text"),
  "template_language",
  "template_components",
  "comment_id",
  "tag",
  "send_at",
  "fallback",
] as const satisfies (keyof SendBody)[];

/** The text to send. Refuses what this version cannot do, and a request that says too much or nothing. */
export function requireText(body: SendBody): string {
  const unsupported = NOT_YET.find((name) => body[name] !== undefined);
  if (unsupported !== undefined) {
    const detail = "this version sends text only; the rest comes later";
    throw fieldRefused(`/${unsupported}`, detail, "unsupported_action");
  }
  if (body.text === undefined) {
    throw fieldRefused("/text", "there is nothing to send: give a text");
  }
  if (body.text.trim() === "") throw fieldRefused("/text", "has no visible character");
  return body.text;
}

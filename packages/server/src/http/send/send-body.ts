import { z } from "@hono/zod-openapi";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import { isE164 } from "../../core/messages/phone.ts";
import { MEDIA_KINDS } from "../../core/sending/outgoing.ts";
import { idSchema } from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";
import { InteractiveBody } from "./interactive.ts";

const MAX_METADATA_LENGTH = 4_096;
const MAX_COMPONENTS_LENGTH = 65_536;
const MOST_FALLBACKS = 5;

const id = z.string().trim().min(1).max(256);
const messageRef = z.union([id, z.int().positive()]);

const recipient = {
  conversation_id: z
    .union([id, z.int().positive()])
    .optional()
    .openapi({ description: "`cnv_…` or the conversation's serial" }),
  platform_user_id: id.optional().openapi({
    description: "What the platform calls the customer: a PSID, IGSID, `wa_id` or BSUID",
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
  comment_id: id.optional().openapi({
    description: "Answers a comment in private: Messenger and Instagram, once, within seven days",
  }),
  platform: z
    .enum([...CHANNEL_KINDS, "facebook"])
    .transform((named) => (named === "facebook" ? "messenger" : named))
    .optional()
    .openapi({ description: "`facebook` is `messenger`" }),
  channel_id: idSchema("ch").optional(),
};

const content = {
  text: z.string().max(100_000).optional().openapi({ example: "Your order is ready." }),
  media: z
    .strictObject({
      type: z.enum([...MEDIA_KINDS, "file"]).openapi({ description: "`file` is `document`" }),
      url: z
        .url({ protocol: /^https?$/, error: "is not an http(s) URL" })
        .max(2048)
        .optional(),
      id: idSchema("med").optional().openapi({
        description: "A file that is here: of `POST /v1/media`, or of another message",
      }),
      caption: z.string().min(1).max(4096).optional(),
      filename: z.string().min(1).max(240).optional(),
    })
    .refine(({ url, id }) => url !== undefined || id !== undefined, {
      path: ["url"],
      message: "is missing: give the file's address, or the id of a file that is here",
    })
    .refine(({ url, id }) => url === undefined || id === undefined, {
      path: ["id"],
      message: "goes without url",
    })
    .optional()
    .openapi({ description: "The provider fetches the file: from your URL, or from Curlew" }),
  template_name: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, "must be lower-case letters, digits and _")
    .optional()
    .openapi({ description: "A WhatsApp template", example: "order_ready" }),
  template_language: z.string().min(2).max(20).optional().openapi({ example: "en_US" }),
  template_components: z
    .array(z.unknown())
    .max(100)
    .refine((given) => JSON.stringify(given).length <= MAX_COMPONENTS_LENGTH, {
      message: `may have ${MAX_COMPONENTS_LENGTH} characters as JSON`,
    })
    .optional()
    .openapi({ description: "Meta's `components`, passed on verbatim" }),
  interactive: InteractiveBody.optional(),
};

const manner = {
  reply_to: messageRef.optional().openapi({
    description: "`msg_…`, the message's serial or the provider's message id",
  }),
  tag: z.enum(["HUMAN_AGENT"]).optional().openapi({
    description:
      "Messenger and Instagram, for `actor: agent`: sent as a person's answer also while the window is open",
  }),
};
const actor = z.enum(["bot", "agent"]).openapi({
  description:
    "Who speaks: software or a person. A person may answer on Messenger and Instagram for seven days",
});

/** What is tried instead. What it leaves out is the request's own. */
const Alternative = z
  .strictObject({ ...recipient, ...content, ...manner, actor: actor.optional() })
  .openapi("SendAlternative");

/** What `POST /v1/send` takes. */
export const SendBody = z
  .strictObject({
    ...recipient,
    ...content,
    reaction: z
      .strictObject({ message_id: messageRef, emoji: z.string().min(1).max(32).nullable() })
      .optional()
      .openapi({ description: "Null takes the reaction away" }),
    typing: z.enum(["on", "off"]).optional(),
    action: z.enum(["resolve", "reopen", "mark_read"]).optional(),
    ...manner,
    actor: actor.default("bot"),
    send_at: instantSchema.optional(),
    fallback: z.array(Alternative).min(1).max(MOST_FALLBACKS).optional().openapi({
      description: "What is tried in turn when the message fails, under the same idempotency key",
    }),
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
    dry_run: z.boolean().default(false).openapi({
      description: "Checks everything, says what is to be expected, and sends nothing",
    }),
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
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const rest: Record<string, unknown> = { ...value };
  for (const name of SENDER_FIELDS) {
    const isGiven = (rest[name] ?? null) !== null;
    delete rest[name];
    if (!isGiven) continue;
    const message = "cannot be chosen: the channel's own address sends. Name a channel_id instead";
    issues.push({ code: "custom", path: [name], message, input: value });
  }
  return rest;
}

import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import {
  isCatalogued,
  isOperational,
  isOwnType,
  MAX_TYPE_LENGTH,
  notAType,
} from "../../core/events/event-types.ts";
import { parseId } from "../../core/ids.ts";
import { canonicalJson } from "../../core/json/canonical-json.ts";
import { CHANNEL_KINDS, isChannelKind } from "../../core/messages/channel-kinds.ts";
import type { PublishItem } from "../../delivery/publishing/publish-request.ts";
import { foreignName } from "../../dialects/foreign-names.ts";
import { fieldRefused, idSchema } from "../api.ts";

const MOST_EVENTS = 1_000;
const MOST_EVENT_BYTES = 256 * 1024;
export const MOST_KEY_LENGTH = 255;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const channel = z
  .string()
  .transform((text, ctx) => {
    if (isChannelKind(text)) return { kind: text };
    const id = parseId("ch", text);
    if (id !== null) return { id };
    const kinds = CHANNEL_KINDS.join(", ");
    ctx.addIssue({ code: "custom", message: `is neither the id of a channel nor one of ${kinds}` });
    return z.NEVER;
  })
  .openapi({ type: "string", description: "A kind or an id", example: "sms" });

const CAMPAIGN = z.string().min(1).max(200);
/** A text here; a number at Genesy, and with whoever comes from there. */
const campaign = z.union([CAMPAIGN, z.int()]).transform(String);

export const NewEvent = z
  .strictObject({
    type: z.string().max(MAX_TYPE_LENGTH).openapi({
      description:
        "A type of your own in dotted lower case, or one of `GET /v1/event-types` that is not operational",
      example: "order.shipped",
    }),
    // Not a record: its members would be walked and copied, and nothing is asked of them.
    data: z
      .custom<Record<string, unknown>>(isObject, {
        error: ({ input }) => (input === undefined ? "is missing" : "must be an object"),
      })
      .openapi({ type: "object", additionalProperties: true }),
    account_id: idSchema("acc").nullable().optional(),
    campaign_id: campaign.nullable().optional().openapi({
      description:
        "Without it an event of the catalogue is of the campaign that `data.campaign.id` names",
    }),
    conversation_id: idSchema("cnv").nullable().optional(),
    channel: channel.nullable().optional(),
    idempotency_key: z.string().min(1).max(MOST_KEY_LENGTH).nullable().optional(),
  })
  .openapi("NewEvent");

type NewEvent = z.infer<typeof NewEvent>;

const NewEvents = z.array(NewEvent).min(1);
const ref = { $ref: "#/components/schemas/NewEvent" };

/**
 * One event or many. A union would say of what fits neither that it fits neither; this says what is
 * wrong with the one that was meant.
 */
export const PublishBody = z
  .unknown()
  .transform((value, ctx): NewEvent | NewEvent[] => {
    if (Array.isArray(value) && value.length > MOST_EVENTS) throw tooMany();
    const parsed = (Array.isArray(value) ? NewEvents : NewEvent).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      // An issue of one schema is one of another; the type of a raw one does not say so.
      ctx.issues.push({ ...issue, input: value } as (typeof ctx.issues)[number]);
    }
    return z.NEVER;
  })
  .openapi({ anyOf: [ref, { type: "array", items: ref, minItems: 1, maxItems: MOST_EVENTS }] });

function tooMany(): CurlewError {
  return new CurlewError("batch_too_large", `One request publishes ${MOST_EVENTS} events at most.`);
}

/** Refuses a body in which an event is larger than is kept. `text` is the body as it came. */
export function requireSizes(text: string, body: NewEvent | readonly NewEvent[]): void {
  // No character has more than three bytes for each of its units.
  if (text.length * 3 <= MOST_EVENT_BYTES || Buffer.byteLength(text) <= MOST_EVENT_BYTES) return;
  for (const [at, event] of [body].flat().entries()) {
    if (Buffer.byteLength(JSON.stringify(event)) <= MOST_EVENT_BYTES) continue;
    const pointer = Array.isArray(body) ? `/${at}` : "";
    const detail = `has more than ${MOST_EVENT_BYTES} bytes`;
    throw new CurlewError("event_too_large", `${pointer || "The event"} ${detail}.`, {
      errors: [{ pointer, detail }],
    });
  }
}

/** Refuses a type that is not for publishing. */
export function requireType(type: string, pointer: string): void {
  if (isOwnType(type) || (isCatalogued(type) && !isOperational(type))) return;
  const detail = isOperational(type)
    ? `${JSON.stringify(type)} is for Curlew itself to publish`
    : (foreignName(type) ?? notAType(type));
  throw fieldRefused(pointer, detail, "unknown_event_type");
}

/** An event as it is to be published. A confined key's idempotency keys are its account's own. */
export function publishItem(
  event: NewEvent,
  key: string | null,
  confinedTo: string | null,
): PublishItem {
  // Written out: an object that is spread into another is read slowly by everybody after it.
  const { type, data } = event;
  const accountId = event.account_id ?? null;
  const campaignId = event.campaign_id ?? campaignTold(event);
  const channel = event.channel ?? null;
  const conversationId = event.conversation_id ?? null;
  if (key === null) return { type, data, accountId, campaignId, channel, conversationId, key };
  const item = { type, data, accountId, campaignId, channel, conversationId };
  const hash = createHash("sha256").update(canonicalJson(item)).digest();
  return { ...item, key: { name: confinedTo === null ? key : `${confinedTo} ${key}`, hash } };
}

/** What a type of one's own calls a campaign is nobody's business. */
function campaignTold({ type, data }: NewEvent): string | null {
  if (!isCatalogued(type) || !Object.hasOwn(data, "campaign")) return null;
  const told = data["campaign"];
  return isObject(told) ? (campaign.safeParse(told["id"]).data ?? null) : null;
}

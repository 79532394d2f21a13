import { z } from "@hono/zod-openapi";
import type { NativeInteractive, Interactive as Offer } from "../../core/sending/outgoing.ts";

const words = z.string().trim().min(1).max(4096);
const url = z.url({ protocol: /^https?$/ }).max(2048);
const id = z.string().min(1).max(256);

const Header = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: words }),
  z.strictObject({ type: z.enum(["image", "video", "document"]), url }),
]);
const around = { header: Header.optional(), footer: words.optional() };
const asked = { body: words, ...around };
const some = <S extends z.ZodType>(action: S) => z.array(action).min(1).max(30);

const CardButton = z.union([
  z.strictObject({ title: words, id }),
  z.strictObject({ title: words, url }),
]);

/** Something to choose from, in words that every channel can be given. */
const Offered = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("buttons"),
    ...asked,
    actions: some(z.strictObject({ id, title: words })),
  }),
  z.strictObject({
    kind: z.literal("list"),
    ...asked,
    button: words.default("Choose"),
    actions: some(
      z.strictObject({
        id,
        title: words,
        description: words.optional(),
        section: words.optional(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("cta_url"),
    ...asked,
    actions: some(z.strictObject({ title: words, url })),
  }),
  z.strictObject({ kind: z.literal("location_request"), body: words }),
  z.strictObject({
    kind: z.literal("flow"),
    ...asked,
    actions: some(
      z.strictObject({
        title: words,
        flow_id: id,
        flow_token: id.optional(),
        screen: id.optional(),
        data: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("product"),
    body: z.string().max(4096).default(""),
    ...around,
    actions: some(z.strictObject({ catalog_id: id, product_id: id, section: words.optional() })),
  }),
  z.strictObject({
    kind: z.literal("carousel"),
    body: z.string().max(4096).default(""),
    actions: some(
      z.strictObject({
        title: words,
        subtitle: words.optional(),
        image_url: url.optional(),
        buttons: z.array(CardButton).min(1).max(10).optional(),
      }),
    ),
  }),
]) satisfies z.ZodType<Offer>;

const Native = z
  .looseObject({ type: z.string().min(1).max(64) })
  .refine((given) => JSON.stringify(given).length <= 65_536, "may have 65,536 characters as JSON")
  .openapi({ description: "WhatsApp's own `interactive` object, passed on as it is" });

/** The form of `InteractiveBody`, for the API's description. */
export const Interactive = z.union([Offered, Native]).openapi("Interactive", {
  description:
    "With `kind`: in words that every channel can be given. With `type`: WhatsApp's own object, verbatim.",
});

/** Read by its `kind`, or as WhatsApp's own: what is wrong with it is said of the one that was meant. */
export const InteractiveBody = z
  .unknown()
  .transform((value, ctx): z.infer<typeof Interactive> => {
    const isOffered = typeof value === "object" && value !== null && "kind" in value;
    const parsed = isOffered ? Offered.safeParse(value) : Native.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      // An issue of one schema is one of another; the type of a raw one does not say so.
      ctx.issues.push({ ...issue, input: value } as (typeof ctx.issues)[number]);
    }
    return z.NEVER;
  })
  .openapi({ allOf: [{ $ref: "#/components/schemas/Interactive" }] });

export function isNative(
  interactive: z.infer<typeof Interactive>,
): interactive is NativeInteractive {
  return !("kind" in interactive);
}

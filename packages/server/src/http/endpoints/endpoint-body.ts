import { z } from "@hono/zod-openapi";
import {
  headerProblem,
  ENDPOINT_LIMITS as LIMITS,
  repeatedHeader,
} from "../../core/endpoints/endpoint-rules.ts";
import { compileFilter } from "../../core/events/event-filter.ts";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import { idSchema } from "../api.ts";
import { insteadOf } from "../problems/refusal-words.ts";
import { AuthBody } from "./endpoint-auth.ts";
import { HoldKeyBody } from "./hold-key.ts";

const tag = z.string().min(1).max(64);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(LIMITS.filterEntries);

const headers = z
  .record(z.string(), z.string())
  .check((ctx) => {
    const names = Object.keys(ctx.value);
    if (names.length > LIMITS.headers) refuse([], `may hold ${LIMITS.headers} headers`);
    const repeated = repeatedHeader(names);
    if (repeated !== null) refuse([repeated], "stands there twice");
    for (const [name, value] of Object.entries(ctx.value)) {
      const problem = headerProblem(name, value);
      if (problem !== null) refuse([name], problem);
    }
    function refuse(path: string[], message: string): void {
      ctx.issues.push({ code: "custom", message, path, input: ctx.value });
    }
  })
  .transform((given) =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])),
  )
  .openapi({ type: "object", additionalProperties: { type: "string" } });

const metadata = z
  .record(
    z.string().min(1).max(LIMITS.metadataNameLength),
    z.string().max(LIMITS.metadataValueLength),
    {
      error: ({ code }) =>
        code === "invalid_key"
          ? `must have a name of 1 to ${LIMITS.metadataNameLength} characters`
          : undefined,
    },
  )
  .refine((given) => Object.keys(given).length <= LIMITS.metadataEntries, {
    message: `may hold ${LIMITS.metadataEntries} entries`,
  });

const smallObject = z
  .record(z.string(), z.unknown())
  .refine((given) => JSON.stringify(given).length <= LIMITS.objectLength, {
    message: `may have ${LIMITS.objectLength} characters as JSON`,
  });

const filter = smallObject
  .check((ctx) => {
    const compiled = compileFilter(ctx.value);
    for (const { path, detail } of compiled.ok ? compiled.vain : compiled.problems) {
      ctx.issues.push({ code: "custom", message: detail, path, input: ctx.value });
    }
  })
  .openapi({
    type: "object",
    additionalProperties: true,
    description: "Conditions on the event's native body, all of which must hold",
    example: { "data.order.total": { range: { gte: 100 } } },
  });

/** Fields that can be given when an endpoint is created and changed later. */
const changeable = {
  name: z.string().trim().min(1).max(LIMITS.nameLength),
  description: z.string().max(LIMITS.descriptionLength).nullable(),
  url: z.string().min(1).max(LIMITS.urlLength).openapi({ example: "https://example.com/hooks" }),
  dialect_options: z.record(z.string(), z.unknown()).openapi({
    type: "object",
    additionalProperties: true,
    description: "What the dialect leaves to the endpoint; the guide to dialects lists it",
  }),
  shadow_dialect: z.string().nullable().openapi({
    description:
      "A second dialect: `GET /v1/deliveries/{id}/shadow` shows what it would send. Nothing is sent in it",
  }),
  hold_key: HoldKeyBody.nullable().openapi({ type: ["object", "null"] }),
  events: list(z.string())
    .min(1)
    .openapi({
      description:
        "`*`, types of `GET /v1/event-types`, the dialect's own names, own types (`order.shipped`) and prefixes (`order.*`)",
      example: ["message.*"],
    }),
  channels: list(z.string()).openapi({
    description: `Kinds (${CHANNEL_KINDS.join(", ")}) or ids of channels; none stands for all`,
  }),
  account_ids: list(idSchema("acc")),
  campaign_ids: list(z.union([tag, z.int()]).transform(String)),
  custom_fields: list(tag),
  retry_schedule: z
    .array(z.int().min(1).max(LIMITS.retryWaitS))
    .min(1)
    .max(LIMITS.retries)
    .nullable()
    .openapi({
      description: "Seconds to wait after each failure; its length is the number of retries",
    }),
  timeout_ms: z.int().min(LIMITS.leastTimeoutMs).max(LIMITS.timeoutMs).nullable(),
  ordering: z.enum(["parallel", "conversation"]),
  rate_limit: z
    .int()
    .min(1)
    .max(LIMITS.rate)
    .nullable()
    .openapi({ description: "Requests a second" }),
  headers: headers.openapi({
    description:
      "Headers of your own. Their values are never shown again; `***`, given back, keeps a value",
  }),
  filter: filter.nullable().openapi({ type: ["object", "null"] }),
  auth: AuthBody.nullable(),
  metadata,
};

export const EndpointBody = z
  .strictObject(
    {
      ...changeable,
      ...z.object(changeable).partial().omit({ name: true, url: true }).shape,
      dialect: z.string().default("curlew"),
      secret: z.string().max(256).nullable().optional(),
      enabled: z.boolean().optional(),
    },
    { error: insteadOf({ state: "is not given: enabled says whether it begins at once" }) },
  )
  .openapi("EndpointDraft");

const STATES_ARE_ACTS =
  "is not changed here: POST /v1/endpoints/{id}/enable, /disable, /pause or /resume";
const CHANGED_ELSEWHERE = {
  dialect:
    "never changes: make another endpoint with POST /v1/endpoints (shadow_dialect shows beforehand what it will be sent)",
  secret:
    "is not changed here: POST /v1/endpoints/{id}/rotate-secret makes a new one, or takes yours",
  enabled: STATES_ARE_ACTS,
  state: STATES_ARE_ACTS,
};

export const EndpointPatch = z
  .strictObject(changeable, { error: insteadOf(CHANGED_ELSEWHERE) })
  .partial()
  .openapi("EndpointPatch");

export type EndpointChange = z.infer<typeof EndpointPatch>;

import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { MASKED, maskedHeaders } from "../../delivery/endpoints/masked-headers.ts";
import { chooseSample, writeSample } from "../../delivery/endpoints/sample-event.ts";
import type { Dialect, Letter } from "../../dialects/dialect.ts";
import { dialectNames, getDialect } from "../../dialects/registry.ts";
import { plainSpeech } from "../../dialects/speech.ts";
import {
  fieldRefused,
  jsonAnswer,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import type { UrlVerdict } from "./endpoint-change.ts";

const tags = ["Endpoints"];
const ANYWHERE = "https://example.com/hooks";

const ShownDialect = z
  .object({
    name: z.string().openapi({ example: "chatmefy" }),
    events: z
      .array(z.object({ name: z.string(), type: z.string() }))
      .nullable()
      .openapi({
        description: "Its own names and what they stand for; null where it speaks of our types",
      }),
    retry_schedule: z.array(z.int()).openapi({ description: "Seconds to wait after each failure" }),
    timeout_ms: z.int(),
    initial_state: z.enum(["pending", "enabled", "disabled"]),
    verifies: z
      .boolean()
      .openapi({ description: "An endpoint sends a token back before it gets anything" }),
    multiple_signatures: z.boolean(),
    signature_headers: z.array(z.string()).openapi({
      description: "Headers that come of the secret; the dialect's own first",
      example: ["x-chatmefy-signature", "webhook-signature"],
    }),
  })
  .openapi("Dialect");

const list = createRoute({
  tags,
  middleware: requireScope("endpoints:read"),
  method: "get",
  path: "/dialects",
  operationId: "listDialects",
  summary: "How endpoints can be spoken to",
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownDialect) })) },
});

const preview = createRoute({
  tags,
  middleware: requireScope("endpoints:write"),
  method: "get",
  path: "/dialects/{name}/preview",
  operationId: "previewRequest",
  summary: "The request that an endpoint would get, with a sample event; nothing is sent",
  request: {
    params: z.object({
      name: z.string().openapi({ param: { name: "name", in: "path" }, example: "chatmefy" }),
    }),
    query: z.strictObject({
      type: z.string().max(128).optional().openapi({
        description: "A type, or one of the dialect's own names; without it, its first",
      }),
      url: z.string().max(2048).optional(),
      custom_fields: z.string().max(1000).optional().openapi({
        description: "Names, with commas between",
      }),
    }),
  },
  responses: {
    200: jsonAnswer(
      "The request, and whether the address may be reached.",
      z
        .object({
          event_type: z.string(),
          request: z.object({
            method: z.literal("POST"),
            url: z.string(),
            headers: z.record(z.string(), z.string()),
            body: z.string(),
          }),
          url: z
            .object({
              ok: z.boolean(),
              detail: z
                .string()
                .nullable()
                .openapi({ description: "Why not, or what is in the way, in words" }),
            })
            .nullable()
            .openapi({ description: "What the address guard says; null without a URL" }),
        })
        .openapi("RequestPreview"),
    ),
    ...problems("not_found", "unknown_event_type"),
  },
});

export interface DialectRoutesDeps {
  clock: Pick<Clock, "now">;
  newId(): string;
  checkUrl(url: string): Promise<UrlVerdict>;
}

/** What there is to choose from before there is an endpoint. */
export function dialectRoutes({ clock, newId, checkUrl }: DialectRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(list, (c) =>
    c.json({ data: dialectNames.map((name) => showDialect(getDialect(name))) }, 200),
  );

  routes.openapi(preview, async (c) => {
    const { name } = c.req.valid("param");
    const { type, url, custom_fields: fields = "" } = c.req.valid("query");
    if (!dialectNames.includes(name)) {
      throw new CurlewError("not_found", `${name} is none of ${dialectNames.join(", ")}.`);
    }
    const dialect = getDialect(name);
    const speech = {
      ...plainSpeech(dialect),
      customFields: fields.split(",").filter((field) => field !== ""),
    };
    const choice = chooseSample({ dialect, speech, subscription: { events: [] } }, type);
    if ("refusal" in choice) throw fieldRefused("type", choice.refusal, "unknown_event_type");
    const eventId = newId();
    const now = clock.now();
    const { workspaceId } = c.var.principal;
    const native = writeSample(choice, { now, workspaceId, eventId });
    const body = dialect.render({ native, history: null }, speech, dialect.renderer);
    const letter = letterOf(dialect, {
      ...{ id: publicId("evt", eventId), type: choice.type, body },
      timestampS: Math.floor(now / 1000),
    });
    const verdict = url === undefined ? null : await checkUrl(url);
    return c.json(
      {
        event_type: choice.type,
        request: {
          method: "POST" as const,
          url: url ?? ANYWHERE,
          headers: maskedHeaders(dialect, letter),
          body,
        },
        url: verdict && {
          ok: verdict.ok,
          detail: verdict.ok ? (verdict.warning ?? null) : verdict.detail,
        },
      },
      200,
    );
  });

  return routes;
}

function showDialect(dialect: Dialect): z.infer<typeof ShownDialect> {
  const { name, events, schedule, timeoutMs, initialState, handshake, multipleSignatures } =
    dialect;
  const letter = letterOf(dialect, { id: "evt_", type: "", body: "{}", timestampS: 0 });
  const secret = Object.entries(maskedHeaders(dialect, letter))
    .filter(([, value]) => value === MASKED)
    .map(([header]) => header);
  return {
    name,
    events: events?.map((each) => ({ name: each.name, type: each.type })) ?? null,
    retry_schedule: [...schedule],
    timeout_ms: timeoutMs,
    initial_state: initialState,
    verifies: handshake !== null,
    multiple_signatures: multipleSignatures,
    signature_headers: secret.toSorted(
      (a, b) => Number(a.startsWith("webhook-")) - Number(b.startsWith("webhook-")),
    ),
  };
}

function letterOf(
  dialect: Dialect,
  about: Pick<Letter, "id" | "type" | "body" | "timestampS">,
): Omit<Letter, "secrets"> {
  return { ...about, attempt: 1, replayed: false, options: plainSpeech(dialect).options };
}

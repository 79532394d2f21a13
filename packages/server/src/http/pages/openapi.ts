import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ErrorCode } from "../../core/errors.ts";
import { EVENT_SCHEMAS } from "../../core/events/event-schemas.ts";
import { EVENT_TYPES } from "../../core/events/event-types.ts";
import { API_VERSION } from "../../core/events/native-body.ts";
import {
  type AppEnv,
  newRoutes,
  problemResponses,
  type Routes,
  shownId,
  shownInstant,
} from "../api.ts";

type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

/** What any route below `/v1` may refuse, whatever it does. */
const ANYWHERE: readonly ErrorCode[] = [
  "unauthorized",
  "forbidden",
  "not_found", // the workspace that the header names
  "invalid_request",
  "internal",
  "unavailable",
];
const WITH_A_BODY: readonly ErrorCode[] = [
  "malformed_json",
  "body_too_large",
  "unsupported_media_type",
];

const facts = z.record(z.string(), z.unknown());

const EventSchema = z
  .object({
    id: shownId("evt"),
    type: z.string().openapi({ example: "message.received" }),
    api_version: z.string().openapi({ example: API_VERSION }),
    occurred_at: shownInstant,
    workspace_id: shownId("ws"),
    account: facts.nullable(),
    channel: facts.nullable(),
    conversation: facts.nullable(),
    contact: facts.nullable(),
    data: facts,
  })
  .openapi("Event", { description: "The body of a webhook. Expect fields that are not listed." });

const webhookHeaders = z.object({
  "webhook-id": z.string().openapi({ description: "The event's id, the same in every retry" }),
  "webhook-timestamp": z.string().openapi({ description: "Seconds since 1970, of this attempt" }),
  "webhook-signature": z.string().openapi({
    description: "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; more than one in a row",
  }),
  "webhook-attempt": z.string().openapi({ description: "1 for the first request" }),
  "webhook-event": z.string().openapi({ description: "The event's type" }),
});

/** `GET /openapi.json`, made of the routes that `app` has once the first request for it comes. */
export function openApiRoutes(app: OpenAPIHono<AppEnv>, version: string): Routes {
  const routes = newRoutes();
  let text: string | undefined;
  routes.get("/openapi.json", (c) => {
    text ??= JSON.stringify(describe(app, version));
    return c.body(text, 200, { "content-type": "application/json" });
  });
  return routes;
}

function describe(app: OpenAPIHono<AppEnv>, version: string): Document {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key, or the instance's admin key",
  });
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
  });
  for (const { type, description } of EVENT_TYPES) {
    registry.registerWebhook({
      method: "post",
      path: type,
      operationId: `on.${type}`,
      summary: description,
      tags: ["Webhooks"],
      security: [],
      request: {
        headers: webhookHeaders,
        body: { required: true, content: { "application/json": { schema: bodyOf(type) } } },
      },
      responses: { "2XX": { description: "Received. Anything else is tried again." } },
    });
  }
  addCommonRefusals(app);
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Curlew",
      version,
      description:
        "A self-hosted gateway for business messaging: events out, messages in. In a request's body a member " +
        "that is null is the same as one that is absent, where null is not described as a value of it.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
  });
}

/** The native body of an event of this type: what all have, and its own `data`. */
function bodyOf(type: string) {
  const data = facts.openapi({ ...EVENT_SCHEMAS[type] });
  return z.intersection(EventSchema, z.object({ type: z.literal(type), data }));
}

function addCommonRefusals(app: OpenAPIHono<AppEnv>): void {
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route" || !definition.route.path.startsWith("/v1/")) continue;
    const { route } = definition;
    const common = problemResponses([...ANYWHERE, ...(route.request?.body ? WITH_A_BODY : [])]);
    const responses: typeof route.responses = { ...common, ...route.responses };
    for (const [status, { description }] of Object.entries(common)) {
      const own = route.responses[status];
      if (!own || !("description" in own) || own.description.includes(description)) continue;
      responses[status] = { ...own, description: `${description} ${own.description}` };
    }
    route.responses = responses;
  }
}

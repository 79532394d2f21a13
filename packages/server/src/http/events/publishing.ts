import { createRoute, z } from "@hono/zod-openapi";
import { publicId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Publish } from "../../delivery/publishing/publish.ts";
import type { Published, Refusal } from "../../delivery/publishing/publish-request.ts";
import { fieldRefused, jsonAnswer, jsonBody, problems, requireScope, shownId } from "../api.ts";
import {
  MOST_KEY_LENGTH,
  PublishBody,
  publishItem,
  requireSizes,
  requireType,
} from "./event-body.ts";
import type { SchemaCheck } from "./schema-check.ts";
import { ShownWarning, slipWarning } from "./type-warnings.ts";

export const PUBLISH_SCOPE = "events:write";

const ShownPublished = z.object({
  id: shownId("evt"),
  duplicate: z.boolean().openapi({
    description: "The idempotency key was used before: this is the event that it made then",
  }),
});

type ShownPublished = z.infer<typeof ShownPublished>;

const shownWarnings = {
  warnings: z.array(ShownWarning).optional().openapi({
    description:
      "Absent where there are none. Types of your own that look like another one: they are kept as they are",
  }),
};

type Warnings = { warnings?: z.infer<typeof ShownWarning>[] };

export const PublishHeaders = z.object({
  "idempotency-key": z.string().min(1).max(MOST_KEY_LENGTH).optional().openapi({
    description: "For a single event, instead of `idempotency_key`. Kept for a day.",
  }),
});

export const publishRoute = createRoute({
  tags: ["Events"],
  middleware: requireScope(PUBLISH_SCOPE),
  method: "post",
  path: "/events",
  operationId: "publishEvents",
  summary: "Publish an event of your own, or many: all of them or none",
  request: {
    headers: PublishHeaders,
    body: jsonBody(PublishBody),
  },
  responses: {
    202: jsonAnswer(
      "Kept, and on its way to every endpoint that wants it.",
      z.union([
        ShownPublished.extend(shownWarnings),
        z.object({ data: z.array(ShownPublished), ...shownWarnings }),
      ]),
    ),
    ...problems(
      "unknown_event_type",
      "event_schema",
      "event_too_large",
      "batch_too_large",
      "idempotency_key_reused",
      "too_many_requests",
      "unavailable",
    ),
  },
});

export interface PublishingDeps {
  publish: Publish;
  /** Refuses what the schema of its type does not allow, and answers whose type is probably a slip. */
  requireSchemas: SchemaCheck["require"];
  /** Counts what a batch holds beyond its first event, for the workspace's rate and its turns. */
  spend?(workspaceId: string, events: number): void;
}

export interface PublishAsked {
  principal: Principal;
  /** The body as it came. */
  text: string;
  body: z.infer<typeof PublishBody>;
  /** The Idempotency-Key header. */
  header: string | undefined;
}

export interface PublishAnswered {
  answer: (ShownPublished | { data: ShownPublished[] }) & Warnings;
  /** Its idempotency key was used before. */
  replayed: boolean;
}

/** Resolves when what a request publishes is committed. Throws what it is refused for. */
export type AnswerPublish = (asked: PublishAsked) => Promise<PublishAnswered>;

export function createPublishing(deps: PublishingDeps): AnswerPublish {
  return async ({ principal, text, body, header }) => {
    const { workspaceId, accountId: confinedTo } = principal;
    requireSizes(text, body);
    const isMany = Array.isArray(body);
    const pointer = (item: number, field: string) => (isMany ? `/${item}/${field}` : `/${field}`);
    const items = (isMany ? body : [body]).map((event, at) => {
      requireType(event.type, pointer(at, "type"));
      const key = keyOf(event.idempotency_key ?? undefined, header, isMany);
      return publishItem(event, key, confinedTo);
    });
    const slips = await deps.requireSchemas(
      workspaceId,
      items.map(({ type, data }, at) => ({ type, data, pointer: pointer(at, "data") })),
      text.length,
    );
    if (items.length > 1) deps.spend?.(workspaceId, items.length - 1);
    const published = await deps.publish({ workspaceId, confinedTo, items });
    if (published.kind === "refused") {
      const { field, detail, code }: Refusal = published.refusal;
      throw fieldRefused(pointer(published.item, field), detail, code);
    }
    const data = published.events.map(showPublished);
    const [single] = data;
    const answer = isMany || !single ? { data } : single;
    const replayed = !isMany && single?.duplicate === true;
    if (slips.length === 0) return { answer, replayed };
    const warnings = slips.map(({ at, type, meant }) =>
      slipWarning(pointer(at, "type"), { type, meant }),
    );
    return { answer: { ...answer, warnings }, replayed };
  };
}

/** The header is for a single event; where the body has a key too, they must agree. */
function keyOf(
  field: string | undefined,
  header: string | undefined,
  isMany: boolean,
): string | null {
  if (header === undefined) return field ?? null;
  if (isMany) {
    const detail = "is for a single event; give each event of a list its own idempotency_key";
    throw fieldRefused("idempotency-key", detail);
  }
  if (field === undefined || field === header) return header;
  throw fieldRefused("/idempotency_key", "is not the one of the Idempotency-Key header");
}

function showPublished({ id, duplicate }: Published): ShownPublished {
  return { id: publicId("evt", id), duplicate };
}

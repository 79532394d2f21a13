import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { isUuid } from "../../core/ids.ts";
import type { TemplateSync } from "../../inbox/asking/template-sync.ts";
import { findChannel } from "../../storage/channels/channels.ts";
import {
  type BusinessAccount,
  findBusinessAccounts,
  listTemplates,
  type Template,
} from "../../storage/channels/templates.ts";
import {
  fieldRefused,
  idSchema,
  jsonAnswer,
  listQuery,
  newRoutes,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownInstant,
  toPage,
} from "../api.ts";
import { ownerOf } from "../resource.ts";

const ShownTemplate = z
  .object({
    id: z.string().nullable().openapi({ description: "Meta's id", example: "594425479261596" }),
    waba_id: z.string(),
    name: z.string().openapi({ example: "order_ready" }),
    language: z.string().openapi({ example: "en_US" }),
    category: z.string().nullable().openapi({ example: "UTILITY" }),
    status: z.string().nullable().openapi({ example: "APPROVED" }),
    quality: z.string().nullable().openapi({ example: "GREEN" }),
    components: z.array(z.unknown()).openapi({ description: "As Meta gives them" }),
    synced_at: shownInstant,
  })
  .openapi("Template");

const list = createRoute({
  tags: ["Messages"],
  middleware: requireScope("channels:read"),
  method: "get",
  path: "/templates",
  operationId: "listTemplates",
  summary: "List the WhatsApp templates of your business accounts, by name",
  description:
    "Synced from Meta every few hours, when Meta tells of a change, and with `refresh=true` at once. " +
    "An account that Meta refuses keeps what was known of it.",
  request: {
    query: listQuery(
      {
        channel_id: idSchema("ch").optional(),
        name: z.string().min(1).max(512).optional(),
        status: z.string().min(1).max(64).optional().openapi({ example: "APPROVED" }),
        refresh: z.enum(["true", "false"]).default("false"),
      },
      (cursor) => findPlace(cursor) !== null,
    ),
  },
  responses: {
    200: jsonAnswer("A page.", pageSchema(ShownTemplate)),
    ...problems("invalid_request"),
  },
});

export interface TemplateRoutesDeps {
  db: Queryable;
  templates: Pick<TemplateSync, "sync">;
}

export function templateRoutes({ db, templates }: TemplateRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const { limit, cursor, channel_id: channelId, name, status, refresh } = c.req.valid("query");
    const owner = ownerOf(c.var.principal);
    const accounts = await findBusinessAccounts(db, owner, channelId ?? null);
    if (channelId !== undefined && accounts.length === 0) {
      const channel = await findChannel(db, owner, channelId);
      throw fieldRefused("channel_id", whyNone(channel?.kind ?? null));
    }
    const due = accounts.filter(({ syncedAt }) => refresh === "true" || syncedAt === null);
    if (cursor === undefined) {
      await Promise.all(due.map((account: BusinessAccount) => templates.sync(account)));
    }
    const rows = await listTemplates(db, owner.workspaceId, {
      limit: limit + 1,
      after: cursor === undefined ? null : findPlace(cursor),
      wabaIds: [...new Set(accounts.map(({ wabaId }) => wabaId))],
      name,
      status,
    });
    return c.json(
      toPage(rows, limit, (row) => `${row.name} ${row.id}`, show),
      200,
    );
  });

  return routes;
}

function whyNone(kind: string | null): string {
  if (kind === null) return "there is no such channel";
  if (kind !== "whatsapp") return "templates are WhatsApp's";
  return "the channel needs its waba_id and an access token: PATCH it";
}

function findPlace(cursor: string): { name: string; id: string } | null {
  const [name = "", id = ""] = cursor.split(" ");
  return isUuid(id) ? { name, id } : null;
}

function show(template: Template): z.infer<typeof ShownTemplate> {
  return {
    id: template.providerId,
    waba_id: template.wabaId,
    name: template.name,
    language: template.language,
    category: template.category,
    status: template.status,
    quality: template.quality,
    components: JSON.parse(template.components) as unknown[], // written by the sync alone
    synced_at: showInstant(template.syncedAt),
  };
}

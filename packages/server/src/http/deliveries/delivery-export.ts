import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { FoundDeliveries } from "../../storage/deliveries/delivery-search.ts";
import { newRoutes, problems, type Routes, requireScope } from "../api.ts";
import type { FairShare } from "../turns/fair-share.ts";
import { csvLine } from "./csv.ts";
import { deliveryFilters, findAsked } from "./delivery-query.ts";
import { DELIVERY_STATES, type ShownDelivery, showDelivery } from "./delivery-view.ts";

type Shown = z.infer<typeof ShownDelivery>;

/** So many are read at once, when those before them have left. */
const ROWS_AT_ONCE = 500;
/** Of one workspace, at a time. */
const MOST_EXPORTS = 20;

const COLUMNS = {
  id: ({ id }) => id,
  event_id: (row) => row.event_id,
  event_type: (row) => row.event_type,
  endpoint_id: (row) => row.endpoint_id,
  channel_id: ({ from }) => from?.channel_id ?? null,
  channel_kind: ({ from }) => from?.channel_kind ?? null,
  contact_name: ({ from }) => from?.name ?? null,
  state: ({ state }) => state,
  attempts: ({ attempts }) => attempts,
  round: ({ round }) => round,
  last_status: (row) => row.last_status,
  last_error: (row) => row.last_error,
  last_ms: (row) => row.last_ms,
  reason: ({ reason }) => reason,
  created_at: (row) => row.created_at,
  last_at: (row) => row.last_at,
  next_attempt_at: (row) => row.next_attempt_at,
} as const satisfies Record<string, (row: Shown) => string | number | null>;

const HEAD = csvLine(Object.keys(COLUMNS));

const FORMATS = {
  csv: {
    mime: "text/csv; charset=utf-8",
    head: HEAD,
    line: (row: Shown) => csvLine(Object.values(COLUMNS).map((value) => value(row))),
  },
  ndjson: {
    mime: "application/x-ndjson",
    head: "",
    line: (row: Shown) => `${JSON.stringify(row)}\n`,
  },
} as const;

const file = z.string().openapi({ example: HEAD });

const route = createRoute({
  tags: ["Deliveries"],
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/deliveries/export",
  operationId: "exportDeliveries",
  summary: "All deliveries that match, as one file",
  description: "Those of the newest events first. It is read as fast as it is taken.",
  request: {
    query: z.strictObject({
      ...deliveryFilters,
      state: z.enum(DELIVERY_STATES).optional(),
      format: z.enum(["csv", "ndjson"]).default("csv"),
    }),
  },
  responses: {
    200: {
      description: "The file.",
      content: { "text/csv": { schema: file }, "application/x-ndjson": { schema: file } },
    },
    ...problems("too_many_requests"),
  },
});

export interface DeliveryExportDeps {
  db: Queryable;
  longWork: Pick<FairShare, "pass">;
}

/** Lists of deliveries, to be kept or counted elsewhere. */
export function deliveryExportRoutes({ db, longWork }: DeliveryExportDeps): Routes {
  const routes = newRoutes();
  const open = new OpenExports();
  routes.openapi(route, async (c) => {
    const { format, ...given } = c.req.valid("query");
    const { mime, head, line } = FORMATS[format];
    const { principal } = c.var;
    const { workspaceId } = principal;
    const query = { ...given, state: given.state };
    const read = (before: FoundDeliveries["next"]) =>
      longWork.pass({ workspaceId }, () =>
        findAsked(db, principal, query, { before: before ?? undefined, limit: ROWS_AT_ONCE }),
      );
    const close = open.enter(workspaceId);
    try {
      // What is refused is refused before the file begins.
      const pieces = piecesOf(await read(null), read, { head, line });
      const isAsked = c.req.method !== "HEAD";
      if (!isAsked) close();
      return new Response(isAsked ? streamOf(pieces, close) : null, {
        headers: {
          "content-type": mime,
          "content-disposition": `attachment; filename="deliveries.${format}"`,
          "cache-control": "no-store",
        },
      }) as never; // a stream stands for the text that the description promises
    } catch (error) {
      close();
      throw error;
    }
  });
  return routes;
}

/** What each workspace is being given: every export holds a page in memory, for as long as its reader likes. */
class OpenExports {
  readonly #open = new Map<string, number>();

  /** Answers how it is closed, which does no harm twice. */
  enter(workspaceId: string): () => void {
    const open = this.#open.get(workspaceId) ?? 0;
    if (open >= MOST_EXPORTS) {
      throw new CurlewError(
        "too_many_requests",
        `${MOST_EXPORTS} exports of this workspace are under way, which is the most: read one of them to its end first.`,
        { retryAfterS: 10 },
      );
    }
    this.#open.set(workspaceId, open + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      const left = (this.#open.get(workspaceId) ?? 1) - 1;
      if (left > 0) this.#open.set(workspaceId, left);
      else this.#open.delete(workspaceId);
    };
  }
}

/** Reads a piece when it is asked for one. Its end is told, however it ends. */
function streamOf(pieces: AsyncGenerator<string>, onEnd: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(encoder.encode(value));
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        onEnd();
      },
      cancel: onEnd,
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(
  first: FoundDeliveries,
  read: (before: FoundDeliveries["next"]) => Promise<FoundDeliveries>,
  { head, line }: { head: string; line(row: Shown): string },
): AsyncGenerator<string, void, undefined> {
  if (head !== "") yield head;
  for (let found = first; ; found = await read(found.next)) {
    const text = found.rows.map((row) => line(showDelivery(row))).join("");
    if (text !== "") yield text;
    if (found.next === null) return;
  }
}

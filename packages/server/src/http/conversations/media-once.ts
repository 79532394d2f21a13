import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { DistantMedia } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { openPassage, type PassageDeps } from "../../inbox/media/media-passage.ts";
import type { OnceLinks } from "../../runtime/media/once-links.ts";
import {
  beginHandover,
  endHandover,
  giveUpHandover,
  type Handover,
  isMessageThere,
} from "../../storage/conversations/handovers.ts";
import { newRoutes, problems, type Routes } from "../api.ts";
import { fileHeaders } from "./file-headers.ts";

/** For the whole of it: whoever asks may be slow. */
const DEADLINE_MS = 10 * 60_000;
const RETRY_AFTER_S = 5;

const get = createRoute({
  tags: ["Media"],
  security: [] as Record<string, string[]>[],
  method: "get",
  path: "/media/once/{id}",
  operationId: "getMediaOnce",
  summary: "A file that is kept nowhere, once",
  description:
    "The address stands in events under Inbound Body Purge, `media.url` where `media.state` is `once`. The file is " +
    "passed on from its provider and not written anywhere here; when it has been read to its end, the address is spent. " +
    "Each endpoint has an address of its own.",
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ t: z.string().default("") }),
  },
  responses: {
    200: {
      description: "The file.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...problems(...(["link_refused", "media_failed", "media_gone", "media_fetching"] as const)),
  },
});

export interface MediaOnceDeps {
  db: Queryable;
  links: Pick<OnceLinks, "open">;
  passage: PassageDeps;
  maxBytes: number;
  clock: Pick<Clock, "now">;
  logger: Logger;
}

/** Files that are handed on without being kept. */
export function mediaOnceRoutes(deps: MediaOnceDeps): Routes {
  const routes = newRoutes();
  const { db, clock, passage, maxBytes } = deps;
  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const { file, handover } = requireLeave(deps, id, c.req.valid("query").t);
    // Whoever only looks has not fetched anything.
    if (c.req.method === "HEAD") return c.body(null, 200, NOT_TO_BE_KEPT);
    if (!(await isMessageThere(db, file.messageId))) throw gone("The file is to be had no longer.");
    await begin(deps, handover);
    let isOpen = false;
    try {
      const opened = await openPassage(passage, file, { maxBytes, deadlineMs: DEADLINE_MS });
      if (opened.kind === "failed") {
        const { code, message } = opened.failure;
        throw new CurlewError("media_failed", message, { extra: { reason: code } });
      }
      isOpen = true;
      const { mime, bytes, body } = opened;
      const onEnd = (isWhole: boolean) =>
        isWhole ? endHandover(db, handover, clock.now()) : giveUp(deps, handover);
      return new Response(streamTo(body, onEnd), {
        headers: {
          ...fileHeaders(mime, file.filename ?? id),
          ...NOT_TO_BE_KEPT,
          ...(bytes === null ? {} : { "content-length": String(bytes) }),
        },
      });
    } finally {
      if (!isOpen) await giveUp(deps, handover);
    }
  });
  return routes;
}

const NOT_TO_BE_KEPT = { "cache-control": "no-store" };

function requireLeave(
  { links, clock }: MediaOnceDeps,
  id: string,
  token: string,
): { file: DistantMedia; handover: Handover } {
  const opened = links.open(id, token, clock.now());
  if (opened.verdict === "good") {
    const { file, endpoint } = opened;
    return { file, handover: { mediaId: file.id, endpoint } };
  }
  throw new CurlewError(
    "link_refused",
    opened.verdict === "expired"
      ? "The link has ended."
      : "The link is not one of ours, or was changed.",
  );
}

async function begin({ db, clock }: MediaOnceDeps, handover: Handover): Promise<void> {
  const now = clock.now();
  const begun = await beginHandover(db, handover, { now, leasedUntil: now + DEADLINE_MS });
  if (begun === "handed") throw gone("The file was fetched already, and is handed on once.");
  if (begun === "busy") {
    const detail = "The file is being fetched by another request.";
    throw new CurlewError("media_fetching", detail, { retryAfterS: RETRY_AFTER_S });
  }
}

/** Never rejects: after its time it may be asked for again all the same. */
async function giveUp({ db, logger }: MediaOnceDeps, handover: Handover): Promise<void> {
  await giveUpHandover(db, handover).catch((error: unknown) => {
    logger.warn({ err: error }, "a file that was not handed on cannot be asked for at once");
  });
}

function gone(detail: string): CurlewError {
  return new CurlewError("media_gone", detail);
}

/** Says once whether all of it was read. */
function streamTo(
  body: AsyncGenerator<Uint8Array>,
  onEnd: (isWhole: boolean) => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await body.next();
          if (!done) return controller.enqueue(value);
          await onEnd(true);
          return controller.close();
        } catch (error) {
          await onEnd(false);
          return controller.error(error);
        }
      },
      async cancel() {
        await body.return(undefined);
        await onEnd(false);
      },
    },
    // Nothing is read ahead: what was read to its end was asked for to its end.
    { highWaterMark: 0 },
  );
}

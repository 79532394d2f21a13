import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { Content } from "../../core/messages/content.ts";
import { filenameOf, type MediaFailure } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { ByteRange, FileStore } from "../../core/outside/file-store.ts";
import type { MediaLinks } from "../../runtime/media/media-links.ts";
import { findContent, findMedia, type KeptMedia } from "../../storage/conversations/media.ts";
import { type AppEnv, newRoutes, problems, type Routes } from "../api.ts";
import { readRange } from "./byte-range.ts";
import { fileHeaders, isShown } from "./file-headers.ts";

/** How long a request waits for a file that is just being fetched. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 250;
const RETRY_AFTER_S = 5;

const get = createRoute({
  tags: ["Media"],
  security: [] as Record<string, string[]>[],
  method: "get",
  path: "/media/{id}",
  operationId: "getMedia",
  summary: "A file that a customer sent",
  description:
    "The address stands in events and messages, `media.url`, signed and good until `media.expires_at`; it needs no " +
    "key. While the file is being fetched the answer waits for up to ten seconds.",
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ exp: z.string().default(""), sig: z.string().default("") }),
  },
  responses: {
    200: {
      description: "The file.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    206: {
      description: "The part of it that `Range` asks for.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    304: { description: "You have it." },
    ...problems(
      ...([
        "link_refused",
        "media_failed",
        "media_gone",
        "media_fetching",
        "range_refused",
      ] as const),
    ),
  },
});

export interface MediaRoutesDeps {
  db: Queryable;
  store: FileStore;
  links: Pick<MediaLinks, "judge">;
  clock: Clock;
}

/** Files by links that carry their own leave. */
export function mediaRoutes(deps: MediaRoutesDeps): Routes {
  const routes = newRoutes();
  const serve = async (c: Context<AppEnv>, name: string, exp: string, sig: string) => {
    const id = requireLink(deps, name, exp, sig);
    const media = await whenFetched(deps, id, c.req.raw.signal);
    const { mime, bytes, sha256, messageId } = requireStored(media);
    const etag = `"${sha256}"`;
    const headers = {
      ...fileHeaders(mime, await filenameFor(deps.db, { mime, messageId, name })),
      ...cachingOf(etag, Number(exp) * 1000 - deps.clock.now()),
    };
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
    const isSame = (c.req.header("if-range") ?? etag) === etag;
    const range = isSame ? readRange(c.req.header("range"), bytes) : null;
    if (range === "none") throw noSuchPart(c, bytes);
    if (c.req.method === "HEAD")
      return c.body(null, 200, { ...headers, ...lengthOf(range, bytes) });
    const file = await deps.store.open(id, range);
    if (file === null) throw gone("The file is not where it was stored.");
    return new Response(streamOf(file.stream), {
      status: range === null ? 200 : 206,
      headers: { ...headers, ...lengthOf(range, bytes) },
    });
  };
  routes.openapi(get, (c) => {
    const { exp, sig } = c.req.valid("query");
    return serve(c, c.req.valid("param").id, exp, sig);
  });
  // The same address with a name at its end, for providers who call a file by that.
  routes.get("/media/:id{med_[0-9a-z]+}/:filename", (c) => {
    const { exp = "", sig = "" } = c.req.query();
    return serve(c, c.req.param("id"), exp, sig);
  });
  return routes;
}

function requireLink(
  { links, clock }: MediaRoutesDeps,
  name: string,
  exp: string,
  sig: string,
): string {
  const id = parseId("med", name);
  const verdict = id === null ? "wrong" : links.judge(name, exp, sig, clock.now());
  if (id !== null && verdict === "good") return id;
  throw new CurlewError(
    "link_refused",
    verdict === "expired" ? "The link has ended." : "The link is not one of ours, or was changed.",
  );
}

async function whenFetched(
  { db, clock }: MediaRoutesDeps,
  id: string,
  signal: AbortSignal,
): Promise<KeptMedia | null> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const media = await findMedia(db, id);
    if (media?.state !== "fetching" || clock.monotonic() >= until || signal.aborted) return media;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

interface StoredMedia {
  mime: string;
  bytes: number;
  sha256: string;
  messageId: string;
}

function requireStored(media: KeptMedia | null): StoredMedia {
  if (media === null) throw gone("The file is kept no longer.");
  if (media.state === "fetching") {
    const detail = "The file is still being fetched from its provider.";
    throw new CurlewError("media_fetching", detail, { retryAfterS: RETRY_AFTER_S });
  }
  if (media.failure !== null) {
    const { code, message } = JSON.parse(media.failure) as MediaFailure; // written by `endMedia` alone
    if (code === "removed") throw gone(message);
    throw new CurlewError("media_failed", message, { extra: { reason: code } });
  }
  const { mime, bytes, sha256 } = media;
  if (mime === null || bytes === null || sha256 === null) {
    throw new Error("a stored file is not described");
  }
  return { mime, bytes, sha256, messageId: media.messageId };
}

/** The name that a file is saved under: its sender's, else its id. */
async function filenameFor(
  db: Queryable,
  { mime, messageId, name }: { mime: string; messageId: string; name: string },
): Promise<string> {
  const content = isShown(mime) ? null : await findContent(db, messageId);
  // The cast is safe: the column holds only what JSON.stringify made of a content.
  return (content && filenameOf(JSON.parse(content) as Content, name)) ?? name;
}

function cachingOf(etag: string, leftMs: number): Record<string, string> {
  return {
    "accept-ranges": "bytes",
    "cache-control": `private, max-age=${Math.max(0, Math.floor(leftMs / 1000))}, immutable`,
    etag,
  };
}

function lengthOf(range: ByteRange | null, bytes: number): Record<string, string> {
  if (range === null) return { "content-length": String(bytes) };
  const { start, end } = range;
  return {
    "content-length": String(end - start + 1),
    "content-range": `bytes ${start}-${end}/${bytes}`,
  };
}

function noSuchPart(c: Context<AppEnv>, bytes: number): CurlewError {
  c.header("content-range", `bytes */${bytes}`);
  return new CurlewError("range_refused", `The file has ${bytes} bytes.`);
}

function gone(detail: string): CurlewError {
  return new CurlewError("media_gone", detail);
}

function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { providerOf } from "../../channels/registry.ts";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import { UNSENT_KEPT_MS } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { FileStore } from "../../core/outside/file-store.ts";
import { MEDIA_KINDS } from "../../core/sending/outgoing.ts";
import { refusalOf } from "../../inbox/media/media-verdicts.ts";
import { type ReceivedFile, receiveFile } from "../../runtime/media/receive-file.ts";
import { findChannel } from "../../storage/channels/channels.ts";
import { countUploadBytes, dropUpload, insertUpload } from "../../storage/conversations/uploads.ts";
import {
  type AppEnv,
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { bodyTooLarge } from "../problems/problem.ts";
import { ownerOf } from "../resource.ts";

/** Of the largest file that is taken: how much of a workspace's may wait to be sent. */
const MOST_WAITING = 20;
const MEGABYTE = 1024 * 1024;

const sending = { tags: ["Media"], middleware: requireScope("messages:send") };

const Uploaded = z
  .object({
    id: shownId("med"),
    mime: z.string().openapi({
      description: "What its bytes are, whatever `Content-Type` says",
      example: "image/jpeg",
    }),
    bytes: z.int(),
    sha256: z.string().openapi({ description: "Hexadecimal" }),
    filename: z.string().nullable(),
    expires_at: shownInstant.openapi({
      description: "When it goes, unless a message has taken it along by then",
    }),
  })
  .openapi("UploadedFile");

const filename = z
  .string()
  .min(1)
  .max(240)
  .regex(/^[^\p{Cc}/\\]+$/u, "must be a name without slashes and control characters")
  .optional()
  .openapi({ description: "What the customer is shown, where the channel shows it" });

const upload = createRoute({
  ...sending,
  method: "post",
  path: "/media",
  operationId: "uploadMedia",
  summary: "Bring a file, to send it",
  description:
    "The body is the file itself. Its id goes into `media.id` of `POST /v1/send`; the provider fetches the file from " +
    "Curlew. What no message takes along within a day is removed.",
  request: {
    query: z.strictObject({ filename }),
    body: {
      required: true,
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
  responses: {
    201: jsonAnswer("The file is here.", Uploaded),
    ...problems("file_refused", "body_too_large", "upload_limit"),
  },
});

const remove = createRoute({
  ...sending,
  method: "delete",
  path: "/media/{id}",
  operationId: "deleteMedia",
  summary: "Take a file back that no message has taken along",
  request: { params: idParams("med") },
  responses: { 204: { description: "It is gone." }, ...problems("not_found") },
});

const FileLimit = z
  .object({
    type: z.enum(MEDIA_KINDS).openapi({ description: "`media.type` of `POST /v1/send`" }),
    mimes: z.array(z.string()).openapi({
      description: "`video/*` is all of a family, `*` is anything",
      example: ["image/jpeg", "image/png"],
    }),
    max_bytes: z.int(),
    max_caption: z
      .int()
      .nullable()
      .openapi({ description: "Characters of `media.caption`; null where it goes without" }),
  })
  .openapi("FileLimit");

const limits = createRoute({
  tags: ["Channels"],
  middleware: requireScope("channels:read"),
  method: "get",
  path: "/channels/{id}/file-limits",
  operationId: "listFileLimits",
  summary: "What files a channel takes, the type that shows one best first",
  request: { params: idParams("ch") },
  responses: {
    200: jsonAnswer("All of them.", z.object({ data: z.array(FileLimit) })),
    ...problems("not_found"),
  },
});

/** Where files come in. */
export interface UploadRoom {
  store: Pick<FileStore, "put">;
  temporaryPath(): Promise<string>;
  discard(path: string): Promise<void>;
  /** What a file is, by its content. */
  typeOf(path: string, declared: string | null): Promise<string>;
  maxBytes: number;
}

export interface MediaUploadDeps extends UploadRoom {
  db: Queryable;
  newId(): string;
  clock: Pick<Clock, "now">;
}

/** Files that are brought to be sent. */
export function mediaUploadRoutes(deps: MediaUploadDeps): Routes {
  const { db, newId, clock, store, maxBytes } = deps;
  const routes = newRoutes();

  routes.openapi(upload, async (c) => {
    const { workspaceId, accountId } = ownerOf(c.var.principal);
    const { filename: name = null } = c.req.valid("query");
    const declared = c.req.header("content-type") ?? null;
    refuseForm(declared);
    await requireSpace(deps, workspaceId, lengthOf(c));
    const path = await deps.temporaryPath();
    try {
      const received = await receive(c, path, maxBytes);
      // Who comes in pieces has not said how many.
      await requireSpace(deps, workspaceId, received.bytes);
      const mime = plain(await deps.typeOf(path, declared));
      const refusal = refusalOf(mime, "document");
      if (refusal) throw new CurlewError("file_refused", refusal.failure.message);
      const [id, now] = [newId(), clock.now()];
      // Its place follows from the id: a crash between the two leaves a file that goes with its day.
      await store.put(id, { path, ...received });
      const row = { ...{ id, workspaceId, accountId, declared, mime }, ...received };
      const isKept = await insertUpload(db, { ...row, filename: name, createdAt: now });
      if (!isKept) throw new CurlewError("not_found", "The workspace is being deleted.");
      const expiresAt = showInstant(now + UNSENT_KEPT_MS);
      const shown = { id: publicId("med", id), mime, ...received };
      return c.json({ ...shown, filename: name, expires_at: expiresAt }, 201);
    } finally {
      await deps.discard(path);
    }
  });

  routes.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await dropUpload(db, ownerOf(c.var.principal), id, clock.now()))) {
      throw notFound("med", publicId("med", id));
    }
    return c.body(null, 204);
  });

  routes.openapi(limits, async (c) => {
    const { id } = c.req.valid("param");
    const channel = await findChannel(db, ownerOf(c.var.principal), id);
    if (!channel) throw notFound("ch", publicId("ch", id));
    const kind = CHANNEL_KINDS.find((each) => each === channel.kind);
    const files = (kind && providerOf(kind)?.files) ?? [];
    const data = files.map(({ type, mimes, maxBytes: most, maxCaption }) => ({
      ...{ type, mimes: [...mimes], max_caption: maxCaption },
      max_bytes: Math.min(most, maxBytes),
    }));
    return c.json({ data }, 200);
  });

  return routes;
}

function refuseForm(declared: string | null): void {
  if (!declared?.toLowerCase().startsWith("multipart/")) return;
  const detail = "The body must be the file itself, and not a form with it.";
  throw new CurlewError("invalid_request", detail);
}

/** Refuses before anything is written what would not find room. */
async function requireSpace(
  { db, maxBytes }: MediaUploadDeps,
  workspaceId: string,
  bytes: number,
): Promise<void> {
  if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
  const most = MOST_WAITING * maxBytes;
  const waiting = await countUploadBytes(db, workspaceId);
  if (waiting + bytes <= most) return;
  const [has, may] = [waiting, most].map((each) => Math.round(each / MEGABYTE));
  throw new CurlewError(
    "upload_limit",
    `Files with ${has} MB wait for a message to take them along; ${may} MB may.`,
  );
}

function lengthOf(c: Context<AppEnv>): number {
  const length = Number(c.req.header("content-length"));
  return Number.isFinite(length) ? length : 0;
}

async function receive(c: Context<AppEnv>, path: string, maxBytes: number): Promise<ReceivedFile> {
  const { body } = c.req.raw;
  const received = body && (await receiveFile(body, path, maxBytes).catch(brokenOff));
  if (received === "too_large") throw bodyTooLarge(maxBytes);
  if (!received || received.bytes === 0)
    throw new CurlewError("file_refused", "The file is empty.");
  return received;
}

/** A full disk is our fault; who hangs up is nobody's. */
function brokenOff(error: unknown): never {
  if (error instanceof Error && "syscall" in error) throw error;
  throw new CurlewError("invalid_request", "The file did not come whole.", { cause: error });
}

/** As providers call it. */
function plain(mime: string): string {
  return mime === "audio/x-m4a" ? "audio/mp4" : mime;
}

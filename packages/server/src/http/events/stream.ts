import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Followers } from "../../delivery/views/followers.ts";
import { type FeedEvent, readFeed, readFloor } from "../../storage/events/feed.ts";
import type { FeedFilter } from "../../storage/events/log-filter.ts";
import { newRoutes, problems, type Routes, requireScope } from "../api.ts";
import { feedFilters, filterOf, idOf, positionSchema } from "../parameters/feed-query.ts";
import { ownerOf } from "../resource.ts";

/** At most so many events are held for a reader that does not keep up. */
const PAGE = 50;
const HEARTBEAT_MS = 15_000;
/** A key that was revoked is noticed so soon. */
const CHECK_MS = 1_000;
/** Clients that lose the stream come back after so long. */
const COME_BACK_MS = 2_000;

const stream = createRoute({
  tags: ["Events"],
  middleware: requireScope("events:read"),
  method: "get",
  path: "/stream",
  operationId: "streamEvents",
  summary: "Follow the log live, as server-sent events",
  description:
    "Each event has its id, its type as `event` and its native body as `data`. `Last-Event-ID`, or `after`, goes on " +
    "where a stream ended; without either it begins now. Every 15 seconds a comment and the position are sent.",
  request: {
    query: z.strictObject({ ...feedFilters, after: positionSchema.optional() }),
    headers: z.object({
      "last-event-id": positionSchema.optional().openapi({ type: "string" }),
    }),
  },
  responses: {
    200: { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
    ...problems("cursor_expired", "too_many_requests", "unavailable"),
  },
});

const AGAIN = { retryAfterS: 5 };
const REFUSALS = {
  full: () => new CurlewError("unavailable", "This process follows for as many as it can.", AGAIN),
  share_full: () =>
    new CurlewError(
      "too_many_requests",
      "This workspace follows as often as one may, so that others can.",
      AGAIN,
    ),
};

export interface StreamRoutesDeps {
  db: Queryable;
  clock: Clock;
  retentionMs: number;
  followers: Followers;
}

export function streamRoutes(deps: StreamRoutesDeps): Routes {
  const { db, clock, retentionMs, followers } = deps;
  const routes = newRoutes();

  routes.openapi(stream, async (c) => {
    const query = c.req.valid("query");
    const asked = c.req.valid("header")["last-event-id"] ?? query.after ?? { at: "now" as const };
    const position = await idOf(asked, {
      ...{ now: clock.now(), retentionMs },
      readFloor: () => readFloor(db),
    });
    const leave = followers.enter(c.var.principal.workspaceId);
    if (typeof leave === "string") throw REFUSALS[leave]();
    const gone = new AbortController();
    const frames = follow(deps, {
      principal: c.var.principal,
      identify: c.var.identify,
      filter: filterOf(query),
      position,
      signal: AbortSignal.any([gone.signal, followers.closing]),
    });
    const body = streamOf(frames, {
      onEnd: leave,
      onGone: () => gone.abort(),
      closing: followers.closing,
    });
    return c.body(body, 200, {
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    }) as never; // a stream stands for the text that the description promises
  });

  return routes;
}

interface Follower {
  principal: Principal;
  identify: () => Promise<Principal>;
  filter: FeedFilter;
  position: string;
  signal: AbortSignal;
}

/** What a follower is sent, piece by piece; the next is read only when it has taken the last. */
async function* follow(
  { db, clock, followers }: StreamRoutesDeps,
  { principal, identify, filter, position: from, signal }: Follower,
): AsyncGenerator<string, void, undefined> {
  const owner = ownerOf(principal);
  let position = from;
  let saidAt = clock.monotonic();
  yield `retry: ${COME_BACK_MS}\n${positionFrame(position)}`;
  while (!signal.aborted && (await mayStillRead(identify, principal))) {
    const page = await readFeed(db, owner, { after: position, limit: PAGE, filter });
    position = page.position;
    const isQuiet = page.events.length === 0;
    if (!isQuiet || clock.monotonic() - saidAt >= HEARTBEAT_MS) {
      saidAt = clock.monotonic();
      yield isQuiet ? `: heartbeat\n${positionFrame(position)}` : page.events.map(frameOf).join("");
    }
    if (page.hasMore) continue;
    await followers.untilMoved(owner.workspaceId, position, { longestMs: CHECK_MS, signal });
  }
}

async function mayStillRead(
  identify: () => Promise<Principal>,
  { workspaceId, accountId }: Principal,
): Promise<boolean> {
  try {
    const now = await identify();
    return (
      now.workspaceId === workspaceId &&
      now.accountId === accountId &&
      now.scopes.has("events:read")
    );
  } catch (error) {
    if (error instanceof CurlewError) return false;
    throw error;
  }
}

/** A native body has no line breaks: `JSON.stringify` wrote it. */
function frameOf({ id, type, payload }: FeedEvent): string {
  return `id: ${publicId("evt", id)}\nevent: ${type}\ndata: ${payload}\n\n`;
}

/** Without data nothing is dispatched, but a client that comes back goes on from here. */
function positionFrame(position: string): string {
  return `id: ${publicId("evt", position)}\n\n`;
}

/** Reads a piece only when the one before has left. */
function streamOf(
  frames: AsyncGenerator<string, void, undefined>,
  o: { onEnd(): void; onGone(): void; closing: AbortSignal },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isOver = false;
  const end = () => {
    if (isOver) return false;
    isOver = true;
    o.onEnd();
    return true;
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // A reader that takes nothing must not hold up a process that stops.
        o.closing.addEventListener("abort", () => {
          if (end()) controller.close();
        });
      },
      async pull(controller) {
        try {
          const { value, done } = await frames.next();
          if (isOver) return;
          if (done === true) {
            end();
            controller.close();
          } else controller.enqueue(encoder.encode(value));
        } catch (error) {
          if (end()) controller.error(error);
        }
      },
      async cancel() {
        end();
        o.onGone();
        await frames.return();
      },
    },
    { highWaterMark: 0 },
  );
}

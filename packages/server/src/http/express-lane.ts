import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../core/workspaces/principal.ts";
import { isFault, problemAnswer } from "./problems/problem.ts";
import { noteAnswer, type RequestLogDeps, requestIdOf } from "./requests/request-log.ts";
import { type Guest, HUNG_UP, HungUp, whenClosed } from "./turns/turnstile.ts";

/** A request on the lane: all of it is there. */
export interface ExpressRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
  requestId: string;
  /** On whose behalf it acts, from when its route has found out. */
  principal: Principal | undefined;
  /** See `Guest`. */
  whenGone: NonNullable<Guest["whenGone"]>;
}

export interface ExpressAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What is asked so often that the framework would cost more than the work. Its Hono route stays the reference. */
export interface ExpressRoute {
  /** The whole of the address. */
  path: string;
  /** A longer body is left to Hono, which refuses it. */
  maxBytes: number;
  /** False for whatever is not quite ordinary: Hono's route answers it. */
  takes(headers: IncomingHttpHeaders): boolean;
  /** Throws what the request is refused for. */
  answer(request: ExpressRequest): Promise<ExpressAnswer>;
}

const NOBODY_WAITS: ExpressAnswer = { status: HUNG_UP, headers: {}, body: "" };

/** Takes the plain POSTs among the requests of a server; false for one that is left to Hono. */
export type ExpressLane = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/**
 * Answers some routes on Node's own request and response, as Hono's routes answer them: what these
 * send as native headers, streams and middlewares costs more than the whole rest of publishing an event.
 */
export function createExpressLane(
  deps: RequestLogDeps,
  routes: readonly ExpressRoute[],
): ExpressLane {
  const byPath = new Map(routes.map((route) => [route.path, route]));

  async function respond(
    route: ExpressRoute,
    request: ExpressRequest,
    startedAt: number,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { requestId } = request;
    const { status, headers, body } = await route.answer(request).catch((error: unknown) => {
      if (error instanceof HungUp) return NOBODY_WAITS;
      if (isFault(error)) {
        deps.logger.error({ err: error, request_id: requestId }, "a request met a fault of ours");
      }
      return problemAnswer(error, requestId);
    });
    const { principal } = request;
    outgoing.writeHead(status, {
      "x-request-id": requestId,
      "x-content-type-options": "nosniff",
      ...(principal === undefined ? {} : { "cache-control": "no-store" }),
      ...headers,
      "content-length": Buffer.byteLength(body),
    });
    outgoing.end(body);
    const { path } = route;
    noteAnswer(deps, {
      requestId,
      method: "POST",
      path,
      route: path,
      status,
      startedAt,
      principal,
    });
  }

  return (incoming, outgoing) => {
    if (incoming.method !== "POST") return false;
    const route = byPath.get(incoming.url ?? "");
    if (route === undefined) return false;
    const { headers } = incoming;
    if (!namesItsLength(headers, route.maxBytes) || !route.takes(headers)) return false;
    const startedAt = deps.clock.monotonic();
    const requestId = requestIdOf(one(headers["x-request-id"]), deps.newId);
    readAll(incoming, (body) => {
      const whenGone = (listener: () => void) => whenClosed(outgoing, listener);
      const request = { headers, body, requestId, principal: undefined, whenGone };
      void respond(route, request, startedAt, outgoing);
    });
    return true;
  };
}

/** Node holds a body to the length that it names. */
function namesItsLength(headers: IncomingHttpHeaders, maxBytes: number): boolean {
  const length = headers["content-length"];
  if (length === undefined || headers["transfer-encoding"] !== undefined) return false;
  return headers.expect === undefined && Number(length) <= maxBytes;
}

/** Never calls for a request that is cut off: there is nobody to answer. */
function readAll(incoming: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const [first] = chunks;
    then(chunks.length === 1 && first ? first : Buffer.concat(chunks));
  });
  incoming.on("error", () => {});
}

/** Node joins what comes more than once, but for a few names that we do not ask for. */
export function one(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

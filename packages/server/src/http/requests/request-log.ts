import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Metrics } from "../../runtime/telemetry/metrics.ts";
import type { AppEnv } from "../api.ts";

export interface RequestLogDeps {
  logger: Logger;
  clock: Pick<Clock, "monotonic">;
  newId(): string;
  metrics: Pick<Metrics, "http">;
}

/** A request that has been answered, as far as the log and the metrics may know it. */
export interface Answered {
  requestId: string;
  method: string;
  path: string;
  /** The route's pattern. */
  route: string;
  status: number;
  /** Of our monotonic clock. */
  startedAt: number;
  /** Undefined when it was refused before it was known whose it is. */
  principal: Principal | undefined;
}

/** What others may name a request: shown in answers and logs, so nothing that could break out there. */
const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** Asked for by machines all day, or recorded in the database anyway: in the log only when debugging. */
const BUSY = /^\/(healthz|readyz|metrics|in\/.*|catch\/.*|v1\/events|v1\/send)$/;
const UNMATCHED = "unmatched";

/** What a request is called: as its caller says, or by an id of ours. */
export function requestIdOf(given: string | undefined, newId: () => string): string {
  return given !== undefined && SAFE_REQUEST_ID.test(given) ? given : publicId("req", newId());
}

/**
 * Gives every request an id, which the answer carries, and every answer one line in the log and one
 * observation.
 */
export function requestLog(deps: RequestLogDeps): MiddlewareHandler<AppEnv> {
  const { clock } = deps;
  return async (c, next) => {
    const startedAt = clock.monotonic();
    const requestId = requestIdOf(c.req.header("x-request-id"), deps.newId);
    c.set("requestId", requestId);
    c.header("x-request-id", requestId);
    c.header("x-content-type-options", "nosniff");

    await next();

    const pattern = routePath(c, -1);
    noteAnswer(deps, {
      requestId,
      method: c.req.method,
      path: c.req.path,
      route: pattern === "" || pattern.endsWith("*") ? UNMATCHED : pattern,
      status: c.res.status,
      startedAt,
      principal: c.get("principal"),
    });
  };
}

/** Writes the line and the observation. Neither holds a query, a header or a body: tokens travel in them. */
export function noteAnswer({ logger, clock, metrics }: RequestLogDeps, answered: Answered): void {
  const { requestId, method, path, route, status, principal } = answered;
  const ms = clock.monotonic() - answered.startedAt;
  metrics.http(route, method, status, ms / 1000);
  const fields = { request_id: requestId, method, path, status, ms: Math.round(ms * 10) / 10 };
  if (status < 400 && BUSY.test(route)) {
    logger.debug(fields, "request answered");
    return;
  }
  const whole = { ...fields, ...onBehalfOf(principal) };
  if (status >= 500) logger.error(whole, "request failed");
  else logger.info(whole, status < 400 ? "request answered" : "request refused");
}

/** Nothing when the request was refused before it was known whose it is. */
function onBehalfOf(principal: Principal | undefined): { workspace?: string; key?: string } {
  if (principal === undefined) return {};
  return { workspace: publicId("ws", principal.workspaceId), key: showKey(principal.keyId) };
}

function showKey(keyId: string | null): string {
  return keyId === null ? "admin" : publicId("key", keyId);
}

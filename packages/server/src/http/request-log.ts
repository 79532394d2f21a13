import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Clock } from "../core/clock.ts";
import { publicId } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Principal } from "../core/principal.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { AppEnv } from "./api.ts";

export interface RequestLogDeps {
  logger: Logger;
  clock: Pick<Clock, "monotonic">;
  newId(): string;
  metrics: Pick<Metrics, "http">;
}

/** What others may name a request: shown in answers and logs, so nothing that could break out there. */
const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** Asked for by machines all day, or recorded in the database anyway: in the log only when debugging. */
const BUSY = /^\/(healthz|readyz|metrics|in\/.*|v1\/events|v1\/send)$/;
const UNMATCHED = "unmatched";

/**
 * Gives every request an id, which the answer carries, and every answer one line in the log and one
 * observation. Neither holds a query, a header or a body: tokens travel in them.
 */
export function requestLog(deps: RequestLogDeps): MiddlewareHandler<AppEnv> {
  const { logger, clock } = deps;
  return async (c, next) => {
    const startedAt = clock.monotonic();
    const given = c.req.header("x-request-id");
    const requestId =
      given !== undefined && SAFE_REQUEST_ID.test(given) ? given : publicId("req", deps.newId());
    c.set("requestId", requestId);
    c.header("x-request-id", requestId);
    c.header("x-content-type-options", "nosniff");

    await next();

    const { status } = c.res;
    const pattern = routePath(c, -1);
    const route = pattern === "" || pattern.endsWith("*") ? UNMATCHED : pattern;
    const ms = clock.monotonic() - startedAt;
    deps.metrics.http(route, c.req.method, status, ms / 1000);
    const fields = {
      request_id: requestId,
      method: c.req.method,
      path: c.req.path,
      status,
      ms: Math.round(ms * 10) / 10,
    };
    if (status < 400 && BUSY.test(route)) {
      logger.debug(fields, "request answered");
      return;
    }
    const whole = { ...fields, ...onBehalfOf(c.get("principal")) };
    if (status >= 500) logger.error(whole, "request failed");
    else logger.info(whole, status < 400 ? "request answered" : "request refused");
  };
}

/** Nothing when the request was refused before it was known whose it is. */
function onBehalfOf(principal: Principal | undefined): { workspace?: string; key?: string } {
  if (principal === undefined) return {};
  return { workspace: publicId("ws", principal.workspaceId), key: showKey(principal.keyId) };
}

function showKey(keyId: string | null): string {
  return keyId === null ? "admin" : publicId("key", keyId);
}

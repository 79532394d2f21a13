import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Tracing } from "../../core/outside/tracing.ts";
import type { AppEnv } from "../api.ts";

/** Asked for by machines all day: they would drown the rest. */
const NOT_TRACED = /^\/(healthz|readyz|metrics)$/;

/** Every request is a step of the trace that its headers name, or the first of one. */
export function traceRequests(tracing: Tracing): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { method, path } = c.req;
    if (NOT_TRACED.test(path)) return next();
    const step = tracing.begin(method, {
      kind: "server",
      within: tracing.from(c.req.header()),
      about: { "http.request.method": method },
    });
    await tracing.at(step.place, next);
    const route = routePath(c, -1);
    const { status } = c.res;
    step.end({
      name: `${method} ${route}`,
      about: { "http.route": route, "http.response.status_code": status },
      failure: status >= 500 ? `${status}` : null,
    });
  };
}

import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { CurlewError, type FieldError } from "../../core/errors.ts";
import type { AppEnv } from "../api.ts";

/**
 * Refuses parameters in the address of a route that takes none, as routes that take some refuse others: whoever writes
 * `?dry_run=true` there would have it done.
 */
export function refuseParameters(app: OpenAPIHono<AppEnv>): MiddlewareHandler<AppEnv> {
  let without: Map<string, RouteConfig> | undefined; // made when all routes are there
  return async (c, next) => {
    const names = c.req.url.includes("?") ? Object.keys(c.req.query()) : [];
    if (names.length > 0) {
      without ??= routesWithoutParameters(app);
      // The first answers: an address may be another route's as well, with a word of it for an id.
      const answering = matchedRoutes(c).find(({ method }) => method !== "ALL");
      const route = answering && without.get(`${answering.method} ${answering.path}`);
      if (route) throw refusal(names, route);
    }
    await next();
  };
}

function refusal(names: readonly string[], { request }: RouteConfig): CurlewError {
  const hint = request?.body ? ": what this takes stands in the body" : "";
  const errors = names.map(
    (pointer): FieldError => ({ pointer, detail: `is not known here${hint}` }),
  );
  const [first] = errors;
  const detail = `${first?.pointer}: ${first?.detail}`;
  return new CurlewError("invalid_request", detail, { errors });
}

function routesWithoutParameters(app: OpenAPIHono<AppEnv>): Map<string, RouteConfig> {
  const routes = new Map<string, RouteConfig>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route" || definition.route.request?.query) continue;
    const { method, path } = definition.route;
    routes.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`, definition.route);
  }
  return routes;
}

import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { CurlewError } from "../core/errors.ts";
import type { Tracing } from "../core/outside/tracing.ts";
import { type Authenticate, authentication } from "./access/authentication.ts";
import type { EnterSignedIn } from "./access/session-door.ts";
import type { AppEnv, Routes } from "./api.ts";
import { type HealthDeps, healthRoutes } from "./instance/health.ts";
import { type Outage, refuseInOutage } from "./outage.ts";
import { asksForPage, dashboardPage, dashboardRoutes } from "./pages/dashboard.ts";
import { docsRoutes } from "./pages/docs.ts";
import { openApiRoutes } from "./pages/openapi.ts";
import { createNearPath, type NearPath } from "./problems/near-path.ts";
import { answerProblem, isFault, isMalformed, malformedJson } from "./problems/problem.ts";
import { guardText, limitBody } from "./requests/body-guard.ts";
import { refuseParameters } from "./requests/known-parameters.ts";
import { type RequestLogDeps, requestLog } from "./requests/request-log.ts";
import { traceRequests } from "./requests/traced-requests.ts";
import { takeShare, takeTurns } from "./turns/taking-turns.ts";
import { requireWorkspaceRoom, type WorkspaceRoom } from "./turns/workspace-room.ts";
import { type Audit, auditing } from "./workspaces/audit-log.ts";

const API = "/v1";
/** Below it: what makes events. */
const EVENT_MAKERS = ["events", "send"];
/** And what looks through much of the log. An export takes a turn for each of its pages. */
const LONG_WORK = [
  ...["deliveries", "dead-letters", "dead-letters/causes", "dead-letters/replay"],
  ...["endpoints/:id/replay", "series", "ledger"],
];
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_LARGE_BODY_BYTES = 4 * 1024 * 1024;
/** Where batches come in: what providers send, and events published many at a time. */
const LARGE_BODIES = /^\/(in\/|v1\/events$)/;

export interface RouteGroup {
  /** `/v1` when absent: authenticated, JSON. Anything else stands open and judges its own bodies. */
  path?: string;
  app: Routes;
}

export interface HttpAppDeps extends RequestLogDeps, HealthDeps {
  metrics: RequestLogDeps["metrics"] & HealthDeps["metrics"];
  version: string;
  authenticate: Authenticate;
  /** The door for people; without it only keys are taken. */
  enterSignedIn?: EnterSignedIn;
  /** What keeps nobody waiting for a silent database; absent: nothing. */
  outage?: Outage;
  /** What keeps one workspace from taking what belongs to all; absent: nothing. */
  room?: WorkspaceRoom;
  /** The operator's tracing; absent where there is none. */
  tracing?: Tracing | null;
  /** Keeps who changed what. */
  audit?: Audit;
  routes: readonly RouteGroup[];
  /** False for a process that answers for its health and nothing else; true when absent. */
  servesApi?: boolean;
  /** The built dashboard, or null for a page that says where the documentation is. */
  dashboardDir: string | null;
}

/** The whole HTTP surface. It needs no port: `app.request(…)` drives it as a client would. */
export function createHttpApp(deps: HttpAppDeps): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  app.onError(async (thrown, c) => {
    const error = isMalformed(thrown) ? malformedJson(await c.req.text()) : thrown;
    const requestId = c.get("requestId");
    if (isFault(error)) {
      deps.logger.error({ err: error, request_id: requestId }, "a request met a fault of ours");
    }
    return answerProblem(c, error, requestId);
  });
  const { dashboardDir } = deps;
  const nothingAt = nowhere(app, deps.servesApi !== false);
  app.notFound((c) => {
    if (dashboardDir !== null && deps.servesApi !== false && asksForPage(c))
      return dashboardPage(c, dashboardDir);
    return answerProblem(c, nothingAt(c.req.path), c.get("requestId"));
  });

  if (deps.tracing) app.use("*", traceRequests(deps.tracing));
  app.use("*", requestLog(deps));
  app.use("*", refuseOtherMethods(app));
  if (deps.outage) app.use("*", refuseInOutage(deps.outage));
  app.use(`${API}/*`, authentication(deps.authenticate, deps.enterSignedIn));
  if (deps.audit) app.use(`${API}/*`, auditing(deps.audit, deps.logger));
  if (deps.room) {
    const room = requireWorkspaceRoom(deps.room);
    for (const path of EVENT_MAKERS) app.use(`${API}/${path}`, room);
  }
  app.use("*", limitBodies());
  app.use(`${API}/*`, refuseParameters(app));
  app.use(`${API}/*`, guardText);
  if (deps.room) {
    const turns = takeTurns(deps.room.turnstile);
    for (const path of EVENT_MAKERS) app.use(`${API}/${path}`, turns);
    const share = takeShare(deps.room.longWork);
    for (const path of LONG_WORK) app.use(`${API}/${path}`, share);
  }

  app.route("/", healthRoutes(deps));
  if (deps.servesApi === false) return app;
  for (const group of deps.routes) app.route(group.path ?? API, group.app);
  app.route("/", openApiRoutes(app, deps.version));
  app.route("/", docsRoutes({ dashboardDir }));
  if (dashboardDir !== null) app.route("/", dashboardRoutes(dashboardDir));
  return app;
}

function limitBodies(): MiddlewareHandler<AppEnv> {
  const ordinary = limitBody(MAX_BODY_BYTES);
  const large = limitBody(MAX_LARGE_BODY_BYTES);
  return (c, next) => (LARGE_BODIES.test(c.req.path) ? large : ordinary)(c, next);
}

/** What is told where nothing is: what was meant, if it is near, and where it stands what there is. */
function nowhere(app: OpenAPIHono<AppEnv>, hasReference: boolean): (path: string) => CurlewError {
  let near: NearPath | undefined; // made when all routes are there
  return (path) => {
    near ??= createNearPath(routesOf(app));
    const meant = near(path);
    const question = meant === null ? "." : `; did you mean ${meant}?`;
    const reference = hasReference ? " What there is stands at /docs and in /openapi.json." : "";
    return new CurlewError("not_found", `There is nothing at ${path}${question}${reference}`);
  };
}

function routesOf(app: OpenAPIHono<AppEnv>): string[] {
  return app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path);
}

function refuseOtherMethods(app: OpenAPIHono<AppEnv>): MiddlewareHandler<AppEnv> {
  return methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const allowed = methods.join(", ");
      c.header("allow", allowed);
      const detail = `${c.req.method} is not for ${c.req.path}; it takes ${allowed}.`;
      return answerProblem(c, new CurlewError("method_not_allowed", detail), c.get("requestId"));
    },
  });
}

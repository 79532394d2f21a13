import type { Principal } from "../../../src/core/workspaces/principal.ts";
import { SCOPES, type Scope } from "../../../src/core/workspaces/scopes.ts";
import type { Credentials } from "../../../src/http/access/authentication.ts";
import type { Routes } from "../../../src/http/api.ts";
import { createHttpApp, type HttpAppDeps } from "../../../src/http/app.ts";

const WORKSPACE = "01890a5d-ac96-774b-bcce-b302099a8057";

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  fields: object;
  message: string;
}

/** A logger that keeps what it was told. */
export function recordingLogger(lines: LogLine[] = []) {
  const at = (level: LogLine["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger = {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return logger;
}

export function principalWith(...scopes: Scope[]): Principal {
  return {
    kind: "key",
    workspaceId: WORKSPACE,
    accountId: null,
    scopes: new Set(scopes.length === 0 ? SCOPES : scopes),
    keyId: null,
  };
}

/** For rooms in which nobody has to wait. */
export const noTurnstile = { pass: <Answer>(_: unknown, work: () => Promise<Answer>) => work() };

/** The HTTP surface with these routes below `/v1`, and `open` ones; every request acts for `principal`. */
export function httpApp({
  principal = principalWith(),
  routes = [],
  open = [],
  ...rest
}: { principal?: Principal; routes?: readonly Routes[]; open?: readonly Routes[] } & Partial<
  Omit<HttpAppDeps, "routes">
> = {}) {
  let made = 0;
  return createHttpApp({
    logger: recordingLogger(),
    clock: { monotonic: () => 0 },
    newId: () => `01890a5d-ac96-774b-bcce-${String(made++).padStart(12, "0")}`,
    ready: async () => ({ ready: true, checks: {} }),
    metrics: { contentType: "text/plain; version=0.0.4", text: async () => "", http: () => {} },
    version: "0.0.0",
    authenticate: async (_: Credentials) => principal,
    dashboardDir: null,
    ...rest,
    routes: [...routes.map((app) => ({ app })), ...open.map((app) => ({ path: "/", app }))],
  });
}

export function jsonRequest(method: string, body: unknown): RequestInit {
  return {
    method,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
}

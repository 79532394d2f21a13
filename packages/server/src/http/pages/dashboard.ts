import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Context } from "hono";
import { newRoutes, type Routes } from "../api.ts";
import { guardPage } from "./page-policy.ts";

/** What lies beside the dashboard's page under a name of its own. */
const PAGE_FILE = "/:file{[\\w-]+\\.(?:js|css|svg|png|ico)}";
/** Where programs ask, not people: what is not there is told as a problem document. */
const FOR_PROGRAMS = /^\/(v1|in|auth|docs|problems|catch|assets|healthz|readyz|metrics)(\/|$)/;
/** Names of files hold a digest of what is in them. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** The files of the built dashboard in `root`, compressed when they were built. */
export function dashboardRoutes(root: string): Routes {
  const routes = newRoutes();
  routes.get("/", (c) => dashboardPage(c, root));
  routes.get(
    "/assets/*",
    serveStatic({
      root,
      precompressed: true,
      onFound: (_, c) => c.header("cache-control", FOR_EVER),
    }),
  );
  routes.get(
    PAGE_FILE,
    serveStatic({ root, onFound: (_, c) => c.header("cache-control", "no-cache") }),
  );
  return routes;
}

/** Whether somebody's browser asks for a page: each address of the dashboard answers the same one. */
export function asksForPage(c: Context): boolean {
  const isPage = c.req.header("accept")?.includes("text/html") ?? false;
  return isPage && c.req.method === "GET" && !FOR_PROGRAMS.test(c.req.path);
}

/** The one page, which then shows what the address names. */
export async function dashboardPage(c: Context, root: string): Promise<Response> {
  guardPage(c);
  c.header("cache-control", "no-cache");
  return c.html(await readFile(join(root, "index.html"), "utf8"));
}

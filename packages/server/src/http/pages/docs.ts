import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Context } from "hono";
import { html } from "hono/html";
import { CurlewError, ERRORS, type ErrorCode } from "../../core/errors.ts";
import { ADVICE } from "../../core/problem-types.ts";
import { newRoutes, type Routes } from "../api.ts";
import { guardPage } from "./page-policy.ts";

type Page = ReturnType<typeof html>;

const SWAGGER_FILES: Record<string, string> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const INIT = `window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
`;

/** The pages for people: the API's reference, a page for each error, and what stands at `/`. */
export function docsRoutes({ dashboardDir }: { dashboardDir: string | null }): Routes {
  const routes = newRoutes();
  routes.get("/docs", (c) => show(c, referencePage()));
  routes.get("/docs/init.js", (c) =>
    c.body(INIT, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  routes.get("/docs/assets/:file", async (c) => {
    const file = c.req.param("file");
    const contentType = SWAGGER_FILES[file];
    if (contentType === undefined) throw nothingAt(c);
    return c.body(await readFile(join(swaggerDir(), file)), 200, {
      "content-type": contentType,
      "cache-control": "public, max-age=3600",
    });
  });
  routes.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    if (!isErrorCode(code)) throw nothingAt(c);
    return show(c, problemPage(code));
  });
  if (dashboardDir === null) routes.get("/", (c) => show(c, homePage()));
  return routes;
}

function show(c: Context, page: Page) {
  guardPage(c);
  return c.html(page);
}

function nothingAt(c: Context): CurlewError {
  return new CurlewError("not_found", `There is nothing at ${c.req.path}.`);
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

function swaggerDir(): string {
  return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}

function referencePage(): Page {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Curlew: the API</title>
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>`;
}

function problemPage(code: ErrorCode): Page {
  const { status, title } = ERRORS[code];
  return html`<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>${code}</title><link rel="icon" href="data:," /></head>
  <body>
    <h1>${title}</h1>
    <p><code>${code}</code>, HTTP status ${status}</p>
    <p>${(ADVICE[code] ?? "").replaceAll("`", "")}</p>
    <p><a href="/docs">The API</a></p>
  </body>
</html>`;
}

function homePage(): Page {
  return html`<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Curlew</title><link rel="icon" href="data:," /></head>
  <body>
    <h1>Curlew is running</h1>
    <p>Events out, messages in.</p>
    <p><a href="/docs">The API</a>, and its description as <a href="/openapi.json">OpenAPI</a>.</p>
  </body>
</html>`;
}

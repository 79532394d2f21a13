import { expect, test } from "vitest";
import { usedDataDirectory } from "../../support/database/data-directory.ts";
import { startServer } from "../../support/processes/server-process.ts";
import {
  allDocuments,
  metricsIn,
  readDocument,
  routesIn,
} from "../../support/project/documents.ts";

/** A server is started, on cores that others use too. */
const LIMIT_MS = 60_000;

test(
  "a server has every route and every metric that the documents name",
  async () => {
    const { url } = await startServer({ dataDir: await usedDataDirectory() });
    const described = (await (await fetch(`${url}/openapi.json`)).json()) as Described;
    const paths = Object.fromEntries(
      Object.entries(described.paths).map(([path, methods]) => [
        path.replaceAll(/\{\w+\}/g, "{id}"),
        methods,
      ]),
    );
    const routes = allDocuments().flatMap((file) =>
      routesIn(readDocument(file)).map((route) => ({ file, ...route })),
    );
    expect(routes.map(({ path }) => path)).toContain("/v1/endpoints/{id}/replay");
    const isThere = ({ method, path }: (typeof routes)[number]) =>
      path in paths && (method === null || method.toLowerCase() in (paths[path] ?? {}));
    expect(routes.filter((route) => !isThere(route))).toEqual([]);

    const metrics = await (await fetch(`${url}/metrics`)).text();
    const names = allDocuments().flatMap((file) => metricsIn(readDocument(file)));
    expect(names).toContain("curlew_oldest_due_seconds");
    const watched = ["alerts.yaml", "grafana-dashboard.json"].flatMap((file) =>
      [
        ...readDocument(`deploy/monitoring/${file}`).matchAll(
          /\b(?:curlew|process|nodejs)_[a-z0-9_]+/g,
        ),
      ].map(([name]) => name.replace(/_(bucket|count|sum)$/, "")),
    );
    expect(watched.length).toBeGreaterThan(50);
    for (const name of [...names, ...watched]) {
      expect(metrics, name).toContain(`# TYPE ${name} `);
    }
  },
  LIMIT_MS,
);

/** As much of an OpenAPI document as is looked at. */
interface Described {
  paths: Record<string, Record<string, unknown>>;
}

test("the check sees routes in words and in commands, with ids of every form", () => {
  const text = [
    "`POST /v1/endpoints/<id>/test`, `/v1/deliveries?state=…`, `https://<your host>/in/meta`",
    "curl -s http://127.0.0.1:8400/v1/endpoints/$ENDPOINT/replay -d '{}'",
    "`GET /v1/messages/msg_01m7z4655jfhrtw0tfdcwq5m0z` and `/v1/…`",
  ].join("\n");
  expect(routesIn(text)).toEqual([
    { method: "POST", path: "/v1/endpoints/{id}/test" },
    { method: null, path: "/v1/deliveries" },
    { method: null, path: "/in/meta" },
    { method: null, path: "/v1/endpoints/{id}/replay" },
    { method: "GET", path: "/v1/messages/{id}" },
  ]);
});

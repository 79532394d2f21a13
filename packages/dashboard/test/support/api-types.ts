import openapiTS, { astToString } from "openapi-typescript";

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  webhooks?: unknown;
}

const HEAD = "// Written by `npm run api-types` from the server's own /openapi.json.\n\n";
/** What the dashboard never asks: other doors than the API, and a facade of it. */
const NOT_ASKED = /^\/(?!v1\/)|^\/v1\/webhooks(\/|$)/;

/**
 * TypeScript for openapi-fetch. Refusals are left out: all of them are problem documents, which
 * the dashboard reads in one place.
 */
export async function apiTypes(document: Document): Promise<string> {
  const paths = Object.entries(document.paths).filter(([path]) => !NOT_ASKED.test(path));
  const asked = {
    ...document,
    webhooks: undefined,
    paths: Object.fromEntries(
      paths.map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [
            method,
            { ...operation, responses: accepted(operation.responses) },
          ]),
        ),
      ]),
    ),
  };
  const nodes = await openapiTS(JSON.parse(JSON.stringify(asked)), { alphabetize: true });
  return `${HEAD}${astToString(nodes)}`;
}

function accepted(responses: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(responses).filter(([status]) => Number(status) < 400));
}

import createClient from "openapi-fetch";
import type { components, paths } from "./__generated__/schema.ts";
import { asRefused, refusedBy, unanswered } from "./problem.ts";
import { renewSession } from "./renewal.ts";
import { currentWorkspace, doubtWorkspace } from "./workspace.ts";

/** A named shape of the API, as its own description gives it: `Shape<"Endpoint">`. */
export type Shape<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** The public API, typed by its description. Wrap calls in `taken`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: asYou });

/** The same as yourself alone: in none of your workspaces, or the first one. */
export const apiAsYourself = createClient<paths>({ baseUrl: location.origin, fetch: answered });

/** Nothing that the API is asked takes longer: five seconds for a connection to the database, thirty for a statement. */
const LONGEST_ANSWER_MS = 45_000;

/**
 * What a call gave; throws `Refused` when it was refused.
 *
 *     const endpoint = await taken(api.GET("/v1/endpoints/{id}", { params: { path: { id } } }));
 */
export async function taken<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    throw asRefused(thrown);
  });
  if (!response.ok) throw refusedBy(response, error);
  return data as T; // a 204 has none, and its type says so
}

/** With the workspace that was chosen; a session that has ended is renewed, and the request made again. */
export async function asYou(request: Request): Promise<Response> {
  const workspace = currentWorkspace();
  if (workspace !== null) request.headers.set("curlew-workspace", workspace);
  const again = request.clone();
  const response = await answered(request);
  if (response.status === 403 && new URL(request.url).pathname !== "/v1/me") doubtWorkspace();
  if (response.status !== 401 || !(await renewSession())) return response;
  return answered(again);
}

/** Who only asks is told when nobody answers; what changes something may have been done all the same, and is waited for. */
async function answered(request: Request): Promise<Response> {
  if (request.method !== "GET") return fetch(request);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(unanswered()), LONGEST_ANSWER_MS);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, over.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

import type { Answer, ApiRequest } from "../http/api-request.ts";
import { isObject, type JsonObject, parseJson } from "../json.ts";

/** A request to the Graph API; its path comes without the version. */
export type GraphRequest = ApiRequest;

export type { Answer };

export function ok(body: JsonObject): Answer {
  return { status: 200, body };
}

/** The body as a JSON object. What is none counts as empty: Meta then misses its parameters. */
export function jsonBody(request: GraphRequest): JsonObject {
  const body = parseJson(request.body.toString("utf8"));
  return isObject(body) ? body : {};
}

import type { Answer, ApiRequest } from "./api-request.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Clock } from "./clock.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import type { Send, Sends } from "./sends.ts";
import type { World } from "./world.ts";

/** A request to the Graph API; its path comes without the version. */
export type GraphRequest = ApiRequest;

export type { Answer };

export interface GraphDeps {
  world: World;
  sends: Sends;
  callbacks: Callbacks;
  clock: Clock;
  /** Sends the statuses that follow an accepted message. */
  playStatuses: (send: Send) => Promise<void>;
}

export type GraphHandler = (request: GraphRequest) => Answer | Promise<Answer>;

/** The handler of a request by its method and the form of its path. */
export type GraphRoutes = Record<string, GraphHandler>;

export function ok(body: JsonObject): Answer {
  return { status: 200, body };
}

/** The body as a JSON object. What is none counts as empty: Meta then misses its parameters. */
export function jsonBody(request: GraphRequest): JsonObject {
  const body = parseJson(request.body.toString("utf8"));
  return isObject(body) ? body : {};
}

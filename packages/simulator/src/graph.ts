import { accountRoutes } from "./graph-account.ts";
import { GraphError } from "./graph-error.ts";
import { mediaRoutes } from "./graph-media.ts";
import { messageRoutes } from "./graph-messages.ts";
import type { Answer, GraphDeps, GraphRequest, GraphRoutes } from "./graph-request.ts";
import { unknownObject } from "./media.ts";

/** Answers one Graph request, or throws the GraphError that says why not. */
export function createGraph(deps: GraphDeps) {
  const routes: GraphRoutes = {
    ...messageRoutes(deps),
    ...mediaRoutes(deps),
    ...accountRoutes(deps),
  };
  return async (request: GraphRequest): Promise<Answer> => {
    const { method, segments, headers, query } = request;
    deps.world.tokens.check(headers.authorization, query.get("access_token"));
    const [id = "", edge, ...rest] = segments;
    const form = edge === undefined ? "{id}" : `{id}/${edge}`;
    const handler =
      routes[`${method} ${segments.join("/")}`] ??
      (rest.length === 0 ? routes[`${method} ${form}`] : undefined);
    if (handler) return handler(request);
    if (edge === undefined) throw unknownObject(id, method.toLowerCase());
    throw new GraphError(2500, {
      message: `Unknown path components: /${[edge, ...rest].join("/")}`,
    });
  };
}

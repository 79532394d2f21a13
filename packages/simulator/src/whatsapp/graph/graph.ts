import type { Answer, GraphRequest } from "../../meta/graph-request.ts";
import { accountRoutes } from "./account.ts";
import { mediaRoutes } from "./media.ts";
import { messageRoutes } from "./messages.ts";
import type { GraphDeps, GraphRoutes } from "./routes.ts";

/** The Graph API of WhatsApp's accounts and numbers. Answers null for a path that has no such form. */
export function createWhatsAppGraph(deps: GraphDeps) {
  const routes: GraphRoutes = {
    ...messageRoutes(deps),
    ...mediaRoutes(deps),
    ...accountRoutes(deps),
  };
  return async (request: GraphRequest): Promise<Answer | null> => {
    const { method, segments } = request;
    const [, edge, ...rest] = segments;
    const form = edge === undefined ? "{id}" : `{id}/${edge}`;
    const handler =
      routes[`${method} ${segments.join("/")}`] ??
      (rest.length === 0 ? routes[`${method} ${form}`] : undefined);
    return handler ? handler(request) : null;
  };
}

import type { Answer, Api } from "./api-request.ts";
import type { FaultTarget } from "./faults.ts";
import { accountRoutes } from "./graph-account.ts";
import { GraphError } from "./graph-error.ts";
import { fromCdn, mediaRoutes } from "./graph-media.ts";
import { messageRoutes } from "./graph-messages.ts";
import type { GraphDeps, GraphRequest, GraphRoutes } from "./graph-request.ts";
import { escapedJson, isObject, type JsonObject, parseJson } from "./json.ts";
import { CDN, unknownObject } from "./media.ts";

/** Meta's Graph API: whatever is nobody else's. */
export function createGraph(
  deps: GraphDeps & {
    /** Answers for Pages and Instagram accounts; null for what is not theirs. */
    social: (request: GraphRequest) => Promise<Answer | null>;
  },
): Api {
  const routes: GraphRoutes = {
    ...messageRoutes(deps),
    ...mediaRoutes(deps),
    ...accountRoutes(deps),
  };
  return {
    owns: () => true,
    subject: ({ method, segments, body }) => ({
      api: "graph",
      target: targetOf(method, segments, body),
      phoneNumberId: segments[0] ?? null,
      to: body === null ? null : recipientOf(body),
    }),
    readBody: (body) => parseJson(body.toString("utf8")),
    refuse: ({ code = 1, details, status, subcode }) =>
      new GraphError(code, {
        ...(subcode === undefined ? {} : { subcode }),
        ...(details === undefined ? {} : { details }),
        ...(status === undefined ? {} : { status }),
      }),
    write: escapedJson,
    answer: async (request: GraphRequest): Promise<Answer> => {
      const { method, segments, headers, query } = request;
      if (segments[0] === CDN) return fromCdn(deps, query);
      // The exchange of tokens carries the app's own leave.
      if (segments.join("/") !== "oauth/access_token") {
        deps.world.tokens.check(headers.authorization, query.get("access_token"));
      }
      const answered = await deps.social(request);
      if (answered) return answered;
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
    },
  };
}

function targetOf(
  method: string,
  segments: readonly string[],
  body: JsonObject | null,
): FaultTarget {
  if (method === "POST" && segments[1] === "messages") {
    const isAction = body !== null && ("status" in body || "sender_action" in body);
    return isAction ? "read" : "send";
  }
  const isMedia =
    segments[1] === "media" || segments[0] === "whatsapp_business" || segments[0] === CDN;
  return isMedia ? "media" : "management";
}

function recipientOf(body: JsonObject): string {
  const recipient = body["to"] ?? body["recipient"] ?? "";
  return isObject(recipient) ? String(recipient["id"] ?? "") : String(recipient);
}

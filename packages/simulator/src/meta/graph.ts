import type { Answer, Api } from "../http/api-request.ts";
import type { FaultTarget } from "../http/faults.ts";
import { escapedJson, isObject, type JsonObject, parseJson } from "../json.ts";
import { GraphError } from "./graph-error.ts";
import type { GraphRequest } from "./graph-request.ts";
import { CDN, type Media, unknownObject } from "./media.ts";
import type { Tokens } from "./tokens.ts";

/** Meta's Graph API: whatever is nobody else's. */
export function createGraph(given: {
  tokens: Tokens;
  media: Media;
  now: () => number;
  /** Asked one after the other; each answers null for what is not its own. */
  halves: readonly ((request: GraphRequest) => Promise<Answer | null>)[];
}): Api {
  const { tokens, media, now, halves } = given;
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
      if (segments[0] === CDN) return fromCdn(media, query, now());
      // The exchange of tokens carries the app's own leave.
      if (segments.join("/") !== "oauth/access_token") {
        tokens.check(headers.authorization, query.get("access_token"));
      }
      for (const half of halves) {
        const answered = await half(request);
        if (answered) return answered;
      }
      const [id = "", edge, ...rest] = segments;
      if (edge === undefined) throw unknownObject(id, method.toLowerCase());
      throw new GraphError(2500, {
        message: `Unknown path components: /${[edge, ...rest].join("/")}`,
      });
    },
  };
}

/** A link of Messenger's or Instagram's: good for whoever has it, for a day. */
function fromCdn(media: Media, query: URLSearchParams, now: number): Answer {
  const medium = media.open(query, now);
  return medium
    ? { status: 200, body: medium.bytes, contentType: medium.mimeType }
    : { status: 403, body: Buffer.from("URL signature expired"), contentType: "text/plain" };
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

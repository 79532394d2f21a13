import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "../core/workspaces/principal.ts";
import { type Authenticate, bringsKey } from "./access/authentication.ts";
import { invalidRequest, needScope } from "./api.ts";
import { PublishBody } from "./events/event-body.ts";
import { type AnswerPublish, PUBLISH_SCOPE, PublishHeaders } from "./events/publishing.ts";
import { type ExpressAnswer, type ExpressRequest, type ExpressRoute, one } from "./express-lane.ts";
import { TAKEN, takeFromMeta } from "./ingress/ingress.ts";
import { REPLAYED } from "./parameters/idempotency.ts";
import { malformedJson } from "./problems/problem.ts";
import { decodeJson, guardJson } from "./requests/body-guard.ts";
import { takeRoom, type WorkspaceRoom } from "./turns/workspace-room.ts";

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const PLAIN_JSON = /^application\/json(; ?charset=utf-8)?$/i;
const IDEMPOTENCY_KEY = "idempotency-key";

export interface PublishExpressDeps {
  authenticate: Authenticate;
  /** What keeps one workspace from taking what belongs to all. */
  room: WorkspaceRoom;
  answerPublish: AnswerPublish;
}

/** `POST /v1/events` with a key, as `events/publishing.ts` describes it and `app.ts` guards it. */
export function publishExpress({
  authenticate,
  room,
  answerPublish,
}: PublishExpressDeps): ExpressRoute {
  async function publish(
    { body: bytes, headers }: ExpressRequest,
    principal: Principal,
  ): Promise<ExpressAnswer> {
    const text = decodeJson(bytes);
    guardJson(text);
    needScope(principal, PUBLISH_SCOPE);
    const header = idempotencyKeyIn(headers);
    const parsed = PublishBody.safeParse(parseJson(text));
    if (!parsed.success) throw invalidRequest("json", parsed.error);
    const asked = { principal, text, body: parsed.data, header };
    const { answer, replayed } = await answerPublish(asked);
    return {
      status: 202,
      headers: replayed ? REPLAYED_JSON : JSON_TYPE,
      body: JSON.stringify(answer),
    };
  }

  return {
    path: "/v1/events",
    maxBytes: MAX_BODY_BYTES,
    takes: (headers) =>
      PLAIN_JSON.test(headers["content-type"] ?? "") && bringsKey(credentialsIn(headers)),
    async answer(request) {
      const { headers } = request;
      const principal = await authenticate({
        ...credentialsIn(headers),
        workspace: one(headers["curlew-workspace"]),
      });
      request.principal = principal;
      takeRoom(room, principal.workspaceId);
      const { workspaceId } = principal;
      const { body, whenGone } = request;
      const isList = body.find((byte) => !isBlank(byte)) === OPENING_BRACKET;
      const guest = { workspaceId, bytes: body.length, whenGone, isList };
      return room.turnstile.pass(guest, () => publish(request, principal));
    },
  };
}

/** `POST /in/meta`, as `ingress/ingress.ts` describes it. */
export function metaExpress(deps: Parameters<typeof takeFromMeta>[0]): ExpressRoute {
  return {
    path: "/in/meta",
    maxBytes: MAX_BODY_BYTES,
    takes: () => true,
    async answer({ headers, body, requestId }) {
      const signature = one(headers["x-hub-signature-256"]);
      await takeFromMeta(deps, { raw: body, signature, requestId });
      return { status: 200, headers: TEXT_TYPE, body: TAKEN };
    },
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const REPLAYED_JSON = { ...JSON_TYPE, [REPLAYED]: "true" };
const TEXT_TYPE = { "content-type": "text/plain; charset=UTF-8" };

const OPENING_BRACKET = 0x5b;

/** Of JSON: a tab, a line's end or a space. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function credentialsIn(headers: IncomingHttpHeaders) {
  return { authorization: headers.authorization, apiKey: one(headers["x-api-key"]) };
}

function idempotencyKeyIn(headers: IncomingHttpHeaders): string | undefined {
  const key = one(headers[IDEMPOTENCY_KEY]);
  if (key === undefined) return undefined;
  const parsed = PublishHeaders.safeParse({ [IDEMPOTENCY_KEY]: key });
  if (!parsed.success) throw invalidRequest("header", parsed.error);
  return key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformedJson(text);
  }
}

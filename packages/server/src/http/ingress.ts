import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { answerHandshake } from "../channels/meta/handshake.ts";
import { keptWhole, parseMeta } from "../channels/meta/parse.ts";
import { isSignedByMeta } from "../channels/meta/verify.ts";
import { CurlewError } from "../core/errors.ts";
import { parseId } from "../core/ids.ts";
import type { InboundOutcome, InboundRequest } from "../core/inbound.ts";
import type { Logger } from "../core/log.ts";
import type { Acceptor } from "../core/recording.ts";
import type { Secret } from "../core/secret.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { type AppEnv, newRoutes, problems, type Routes } from "./api.ts";

/** What proves that a request is Meta's. */
export interface MetaSecrets {
  /** Any of them may have signed. */
  appSecrets: readonly Secret[];
  /** Null where nobody may subscribe. */
  verifyToken: Secret | null;
}

export interface IngressDeps {
  /** Of the instance's own Meta app. */
  meta: MetaSecrets;
  /** Of a channel that brings its own app; null when there is no such channel, or it has none. */
  channelSecrets(channelId: string): Promise<MetaSecrets | null>;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  metrics: Pick<Metrics, "inbound" | "unroutable">;
  logger: Logger;
}

const NOBODY: MetaSecrets = { appSecrets: [], verifyToken: null };

const tags = ["Ingress"];
const security: Record<string, string[]>[] = [];
const HandshakeQuery = z.object({
  "hub.mode": z.string().optional(),
  "hub.verify_token": z.string().optional(),
  "hub.challenge": z.string().optional(),
});
const ChannelParams = z.object({ id: z.string() });
const plainText = (description: string, example: string) => ({
  description,
  content: { "text/plain": { schema: z.string().openapi({ example }) } },
});
const handshake = {
  method: "get",
  tags,
  security,
  responses: {
    200: plainText("The challenge.", "1158201444"),
    ...problems("verify_token_refused"),
  },
} as const;
const callback = {
  method: "post",
  tags,
  security,
  description: "Signed in `X-Hub-Signature-256` over the bytes of the body, which is Meta's own.",
  responses: {
    200: plainText("Everything in it is in the database.", "EVENT_RECEIVED"),
    ...problems("signature_refused", "body_too_large", "unavailable"),
  },
} as const;

const handshakeOfApp = createRoute({
  ...handshake,
  path: "/in/meta",
  operationId: "verifyMetaCallback",
  summary: "Meta proves who subscribed",
  request: { query: HandshakeQuery },
});
const callbackOfApp = createRoute({
  ...callback,
  path: "/in/meta",
  operationId: "takeMetaCallback",
  summary: "What Meta has to tell, for every channel",
});
const handshakeOfChannel = createRoute({
  ...handshake,
  path: "/in/channels/{id}",
  operationId: "verifyChannelCallback",
  summary: "Meta proves who subscribed, for a channel with its own app",
  request: { params: ChannelParams, query: HandshakeQuery },
});
const callbackOfChannel = createRoute({
  ...callback,
  path: "/in/channels/{id}",
  operationId: "takeChannelCallback",
  summary: "What Meta has to tell one channel with its own app",
  request: { params: ChannelParams },
});

/** Where providers call. Open to the world: a signature is what lets a request in. */
export function ingressRoutes(deps: IngressDeps): Routes {
  const routes = newRoutes();
  const secretsOf = async (channelId: string | null) =>
    (channelId && (await deps.channelSecrets(channelId))) || NOBODY;

  routes.openapi(handshakeOfApp, (c) =>
    c.text(challengeFor(c.req.valid("query"), deps.meta.verifyToken), 200),
  );
  routes.openapi(handshakeOfChannel, async (c) => {
    const { verifyToken } = await secretsOf(parseId("ch", c.req.valid("param").id));
    return c.text(challengeFor(c.req.valid("query"), verifyToken), 200);
  });
  routes.openapi(callbackOfApp, async (c) => {
    await take(deps, deps.meta, null, c);
    return c.text("EVENT_RECEIVED", 200);
  });
  routes.openapi(callbackOfChannel, async (c) => {
    const channelId = parseId("ch", c.req.valid("param").id);
    await take(deps, await secretsOf(channelId), channelId, c);
    return c.text("EVENT_RECEIVED", 200);
  });
  return routes;
}

function challengeFor(query: z.infer<typeof HandshakeQuery>, verifyToken: Secret | null): string {
  const challenge = answerHandshake(
    {
      mode: query["hub.mode"],
      token: query["hub.verify_token"],
      challenge: query["hub.challenge"],
    },
    verifyToken,
  );
  if (challenge !== null) return challenge;
  throw new CurlewError("verify_token_refused", "The verify token is not the one set here.");
}

/** Returns when everything in the request is committed. */
async function take(
  deps: IngressDeps,
  { appSecrets }: MetaSecrets,
  onlyChannelId: string | null,
  c: Context<AppEnv>,
): Promise<void> {
  const raw = new Uint8Array(await c.req.arrayBuffer());
  if (!isSignedByMeta(raw, c.req.header("x-hub-signature-256"), appSecrets)) {
    deps.metrics.inbound("meta", "failed", 1);
    deps.logger.warn({ request_id: c.var.requestId }, "a callback was not signed by Meta");
    throw new CurlewError("signature_refused", "X-Hub-Signature-256 does not match the body.");
  }
  const request: InboundRequest = { provider: "meta", items: parseMeta(raw), onlyChannelId };
  try {
    count(deps, request, await deps.inbox.accept(request));
  } catch (error) {
    if (error instanceof CurlewError) throw error;
    // Meta would bring it again for a week and then drop it: it is kept where somebody sees it.
    deps.logger.error({ err: error, request_id: c.var.requestId }, "a callback could not be taken");
    const whole: InboundRequest = { ...request, items: [keptWhole(raw, "internal_error")] };
    count(deps, whole, await deps.inbox.accept(whole));
  }
}

function count(
  { metrics }: IngressDeps,
  { items }: InboundRequest,
  { messages, unsupported, duplicates, statuses, unroutable }: InboundOutcome,
): void {
  const channel = items.find((item) => item.channel !== null)?.channel?.kind ?? "meta";
  metrics.inbound(channel, "accepted", messages - unsupported + statuses);
  metrics.inbound(channel, "unsupported", unsupported);
  metrics.inbound(channel, "duplicate", duplicates);
  metrics.inbound(channel, "unroutable", unroutable);
  metrics.unroutable(unroutable);
}

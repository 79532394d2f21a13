import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { answerHandshake } from "../../channels/meta/handshake.ts";
import { isIgnored, wanted } from "../../channels/meta/items.ts";
import { isSignedByMeta } from "../../channels/meta/verify.ts";
import { keptWhole, parseMeta } from "../../channels/parse-meta.ts";
import { CurlewError } from "../../core/errors.ts";
import { parseId } from "../../core/ids.ts";
import type { InboundRequest } from "../../core/messages/inbound.ts";
import type { Secret } from "../../core/secret.ts";
import { type AppEnv, newRoutes, problems, type Routes } from "../api.ts";
import { EMPTY_TWIML, takeFromTwilio } from "./ingress-twilio.ts";
import { acceptOrKeep, type TakingDeps } from "./taking.ts";
import type { TwilioChannels } from "./twilio-channels.ts";

/** What proves that a request is Meta's. */
export interface MetaSecrets {
  /** Any of them may have signed. */
  appSecrets: readonly Secret[];
  /** Null where nobody may subscribe. */
  verifyToken: Secret | null;
}

export interface IngressDeps extends TakingDeps {
  /** Of the instance's own Meta app. */
  meta: MetaSecrets;
  /** Of a channel that brings its own app; null when there is no such channel, or it has none. */
  channelSecrets(channelId: string): Promise<MetaSecrets | null>;
  twilioChannels: TwilioChannels;
  /** Where providers reach us, without a slash at the end; null where nobody has said it. */
  publicUrl: string | null;
}

/** What Meta is answered when everything is committed. */
export const TAKEN = "EVENT_RECEIVED";
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
    200: plainText("Everything in it is in the database.", TAKEN),
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
  description: "Twilio, where it calls by GET, is answered as it is by POST.",
  request: { params: ChannelParams, query: HandshakeQuery },
  responses: {
    200: {
      description: "The challenge, or an empty answer to Twilio.",
      content: {
        "text/plain": { schema: z.string().openapi({ example: "1158201444" }) },
        "text/xml": { schema: z.string().openapi({ example: EMPTY_TWIML }) },
      },
    },
    ...problems("verify_token_refused", "signature_refused", "channel_unknown", "unavailable"),
  },
});
const callbackOfChannel = createRoute({
  ...callback,
  path: "/in/channels/{id}",
  operationId: "takeChannelCallback",
  summary: "What Meta or Twilio has to tell one channel",
  description:
    "Signed by Meta with the channel's own app secret, or by Twilio with the channel's auth token.",
  request: { params: ChannelParams },
  responses: {
    200: {
      description: "Everything in it is in the database.",
      content: {
        "text/plain": { schema: z.string().openapi({ example: TAKEN }) },
        "text/xml": { schema: z.string().openapi({ example: EMPTY_TWIML }) },
      },
    },
    ...problems("signature_refused", "body_too_large", "unavailable"),
  },
});
const twilioCallback = {
  method: "post",
  tags,
  security,
  description:
    "Signed in `X-Twilio-Signature` over the address that Twilio calls, which `CURLEW_PUBLIC_URL` must " +
    "name, and the parameters. Whose it is says the number, `To` or `From`.",
  responses: {
    200: {
      description: "Everything in it is in the database. Nothing is answered to the customer.",
      content: { "text/xml": { schema: z.string().openapi({ example: EMPTY_TWIML }) } },
    },
    ...problems("signature_refused", "channel_unknown", "body_too_large", "unavailable"),
  },
} as const;
const callbackOfTwilio = createRoute({
  ...twilioCallback,
  path: "/in/twilio",
  operationId: "takeTwilioMessage",
  summary: "What somebody wrote to a Twilio number",
});
const statusOfTwilio = createRoute({
  ...twilioCallback,
  path: "/in/twilio/status",
  operationId: "takeTwilioStatus",
  summary: "How far a message that Twilio sends has come",
  request: {
    query: z.object({
      message: z.string().optional().openapi({ description: "Our id of the message." }),
    }),
  },
});

// Twilio's console lets people choose either method.
const callbackOfTwilioByGet = createRoute({
  ...twilioCallback,
  method: "get",
  path: "/in/twilio",
  operationId: "takeTwilioMessageByGet",
  summary: "The same where Twilio calls by GET",
});
const statusOfTwilioByGet = createRoute({
  ...twilioCallback,
  method: "get",
  path: "/in/twilio/status",
  operationId: "takeTwilioStatusByGet",
  summary: "The same where Twilio calls by GET",
});

/** Where providers call. Open to the world: a signature is what lets a request in. */
export function ingressRoutes(deps: IngressDeps): Routes {
  const routes = newRoutes();
  const secretsOf = async (channelId: string | null) =>
    (channelId && (await deps.channelSecrets(channelId))) || NOBODY;
  const twilio = { ...deps, channels: deps.twilioChannels };

  routes.openapi(handshakeOfApp, (c) => {
    const { verifyToken } = deps.meta;
    const why = verifyToken === null ? "CURLEW_META_VERIFY_TOKEN is not set here." : undefined;
    return c.text(challengeFor(c.req.valid("query"), verifyToken, why), 200);
  });
  routes.openapi(handshakeOfChannel, async (c) => {
    if (c.req.header("x-twilio-signature") !== undefined) {
      await takeFromTwilio(twilio, { channelId: parseId("ch", c.req.valid("param").id) }, c);
      return twiml(c);
    }
    const { verifyToken } = await secretsOf(parseId("ch", c.req.valid("param").id));
    return c.text(challengeFor(c.req.valid("query"), verifyToken), 200);
  });
  routes.openapi(callbackOfApp, async (c) => {
    await takeFromMeta(deps, await letterOf(c));
    return c.text(TAKEN, 200);
  });
  routes.openapi(callbackOfChannel, async (c) => {
    const channelId = parseId("ch", c.req.valid("param").id);
    if (c.req.header("x-twilio-signature") !== undefined) {
      await takeFromTwilio(twilio, { channelId }, c);
      return twiml(c);
    }
    await takeFromMeta(deps, await letterOf(c), await secretsOf(channelId), channelId);
    return c.text(TAKEN, 200);
  });
  for (const route of [
    callbackOfTwilio,
    statusOfTwilio,
    callbackOfTwilioByGet,
    statusOfTwilioByGet,
  ]) {
    routes.openapi(route, async (c) => {
      await takeFromTwilio(twilio, null, c);
      return twiml(c);
    });
  }
  return routes;
}

function twiml(c: Context<AppEnv>) {
  return c.body(EMPTY_TWIML, 200, { "content-type": "text/xml" });
}

function challengeFor(
  query: z.infer<typeof HandshakeQuery>,
  verifyToken: Secret | null,
  why = "The verify token is not the one set here.",
): string {
  const challenge = answerHandshake(
    {
      mode: query["hub.mode"],
      token: query["hub.verify_token"],
      challenge: query["hub.challenge"],
    },
    verifyToken,
  );
  if (challenge !== null) return challenge;
  throw new CurlewError("verify_token_refused", why);
}

/** A callback of Meta's, as it came. */
export interface MetaLetter {
  raw: Uint8Array;
  /** The `X-Hub-Signature-256` header. */
  signature: string | undefined;
  requestId: string;
}

async function letterOf(c: Context<AppEnv>): Promise<MetaLetter> {
  return {
    raw: new Uint8Array(await c.req.arrayBuffer()),
    signature: c.req.header("x-hub-signature-256"),
    requestId: c.get("requestId"),
  };
}

/** Resolves when everything in the letter is committed. For the instance's own app unless told otherwise. */
export async function takeFromMeta(
  deps: Pick<IngressDeps, "meta" | "inbox" | "metrics" | "logger">,
  { raw, signature, requestId }: MetaLetter,
  { appSecrets }: MetaSecrets = deps.meta,
  onlyChannelId: string | null = null,
): Promise<void> {
  if (!isSignedByMeta(raw, signature, appSecrets)) {
    deps.metrics.inbound("meta", "failed", 1);
    // Of a channel that brings its own app nobody is told whether it is there.
    const isOfInstance = appSecrets === deps.meta.appSecrets;
    const why =
      isOfInstance && appSecrets.length === 0
        ? "CURLEW_META_APP_SECRET is not set here."
        : "X-Hub-Signature-256 does not match the body.";
    deps.logger.warn({ request_id: requestId, why }, "a callback was not signed by Meta");
    throw new CurlewError("signature_refused", why);
  }
  const parsed = parseMeta(raw);
  for (const { channel } of parsed.filter(isIgnored)) {
    deps.metrics.inbound(channel.kind, "ignored", 1);
  }
  const items = wanted(parsed);
  if (items.length === 0) return;
  const request: InboundRequest = { provider: "meta", items, onlyChannelId };
  await acceptOrKeep(deps, request, requestId, () => keptWhole(raw, "internal_error"));
}

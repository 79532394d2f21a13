import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { LinkMedia } from "../../core/messages/media.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { SEND_ROUTE } from "../../outbox/request.ts";
import { type HeldKey, type KeyName, readKeys, storeAnswer } from "../../storage/idempotency.ts";
import { lastStandIn } from "../../storage/sending/fallbacks.ts";
import { findSent, type Sent } from "../../storage/sending/sending.ts";
import {
  type AppEnv,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import {
  hashOf,
  keyOf,
  nameOfKey,
  REPLAYED,
  requireSameRequest,
  stillRunning,
} from "../parameters/idempotency.ts";
import { ownerOf } from "../resource.ts";
import { smsFacts } from "../workspaces/sms-quota.ts";
import { perform } from "./act.ts";
import { isWithProvider, refusalOf, SendAnswer, showDryRun, showSent } from "./answer.ts";
import type { Destination } from "./destination.ts";
import { Interactive } from "./interactive.ts";
import { prepareAll, sendAtOf } from "./prepare.ts";
import { SendBody, SendInput } from "./send-body.ts";
import { policyOf } from "./send-policy.ts";
import { wishOf } from "./wish.ts";

/** How long a request waits for the provider. */
const WAIT_MS = 10_000;
/** A request that has not answered so long after it began never will. */
const RUNNING_MS = WAIT_MS + 2_000;

const route = createRoute({
  tags: ["Messages"],
  middleware: requireScope("messages:send"),
  method: "post",
  path: "/send",
  operationId: "sendMessage",
  summary: "Send a message to a customer, at most once",
  description:
    "Waits up to 10 seconds for the provider. 200: the provider has it, or what was asked for is done. " +
    "202: it waits (`queued`), or " +
    "whether the provider has it is not known yet (`sending`); events and `GET /v1/messages/{id}` tell. " +
    "422 `provider_refused`: the provider said no, in its own words.",
  request: {
    headers: z.object({
      "idempotency-key": z.string().optional().openapi({
        description: "1 to 255 visible characters. The same key and body send nothing twice.",
        example: "order-7-ready",
      }),
      prefer: z.string().optional().openapi({
        description: "`respond-async` answers 202 as soon as the message is kept",
      }),
    }),
    body: jsonBody(SendInput),
  },
  responses: {
    200: jsonAnswer("The provider has the message.", SendAnswer),
    202: jsonAnswer("The message is kept and on its way.", SendAnswer),
    ...problems(
      "trial_ended",
      "plan_feature",
      "invalid_request",
      "recipient_missing",
      "recipient_conflict",
      "recipient_unknown",
      "channel_missing",
      "ambiguous_channel",
      "unsupported_action",
      "text_too_long",
      "file_unfit",
      "opted_out",
      "quota_exceeded",
      "channel_paused",
      "provider_refused",
      "idempotency_key_reused",
      "idempotency_in_progress",
      "too_many_requests",
      "unavailable",
    ),
  },
});

export interface SendRoutesDeps {
  db: Queryable;
  outbox: Pick<Outbox, "accept" | "send" | "begin" | "act" | "signal">;
  clock: Clock;
  linkMedia: LinkMedia;
  logger: Logger;
}

type SendContext = Context<AppEnv>;
type Claim = { key: string; hash: Buffer } | null;

export function sendRoutes(deps: SendRoutesDeps): Routes {
  const { db, outbox, clock } = deps;
  const routes = newRoutes();
  routes.openAPIRegistry.register("SendRequest", SendBody);
  routes.openAPIRegistry.register("Interactive", Interactive);

  routes.openapi(route, async (c) => {
    const { principal } = c.var;
    const body = c.req.valid("json");
    const headers = c.req.valid("header");
    const key = keyOf(headers["idempotency-key"], body.idempotency_key);
    const claim: Claim =
      key === null || body.dry_run
        ? null
        : { key: nameOfKey(principal, key), hash: hashOf(await c.req.json<object>()) };
    const name = claim && { workspaceId: principal.workspaceId, route: SEND_ROUTE, key: claim.key };
    // Before anything else is looked at: what was sent then may be refused now.
    const [held] = name ? await readKeys(db, [name]) : [];
    if (held && claim) {
      if (!isUnanswered(held)) return replay(c, held, claim.hash);
      requireSameRequest(held, claim.hash);
    }

    const wish = wishOf(body);
    const owner = ownerOf(principal);
    if (wish.kind === "signal" || wish.kind === "act") {
      const now = clock.now();
      const redone = held ? null : claim;
      const done = await perform({ db, outbox, now }, owner, body, wish, redone);
      if ("held" in done) return replay(c, done.held, claim?.hash ?? Buffer.alloc(0));
      await keep(name, 200, done.answer);
      return c.json(done.answer, 200);
    }
    const sendAt = sendAtOf(body, clock.now());
    const at = { db, now: clock.now(), linkMedia: deps.linkMedia };
    const [first, ...others] = await prepareAll(at, owner, body, wish);
    if (!first) throw new Error("a message was prepared, and there is none");
    const { destination, message } = first;
    if (body.dry_run) {
      return c.json(showDryRun(destination, policyOf(destination, body, clock.now())), 200);
    }
    const fallback = others.map((each) => each.message);
    const answer = await outbox.accept({ ...message, sendAt, fallback, key: claim });
    if (answer.kind === "held") return replay(c, answer.held, claim?.hash ?? Buffer.alloc(0));
    const sent: Sent = {
      messageId: answer.messageId,
      conversationId: answer.conversationId,
      channelKind: destination.channel.kind,
      status: "queued",
      providerId: null,
      error: null,
      createdAt: clock.now(),
      lastInboundAt: destination.lastInboundAt,
    };
    if (isAsync(headers.prefer)) {
      outbox.begin(sent.messageId);
      c.header("preference-applied", "respond-async");
      return reply(c, sent, name);
    }
    return reply(c, await awaitProvider(c, sent, destination, sendAt), name);
  });

  /** How the message stands when the provider has spoken, or when waiting is over. */
  async function awaitProvider(
    c: SendContext,
    sent: Sent,
    { channel }: Destination,
    sendAt: number | null,
  ): Promise<Sent> {
    const isPaused = channel.state === "paused" && (channel.pausedUntil ?? Infinity) > clock.now();
    const settled = await outbox.send(sent.messageId, isPaused || sendAt !== null ? 0 : WAIT_MS);
    if (settled?.messageId === sent.messageId) {
      const { status, providerId, error } = settled;
      return { ...sent, status, providerId, error: error && JSON.stringify(error) };
    }
    const messageId = settled?.messageId ?? (await lastStandIn(db, sent.messageId));
    return (await findSent(db, ownerOf(c.var.principal), messageId)) ?? sent;
  }

  /** Answers the first request, and keeps the answer for those that repeat it. */
  async function reply(c: SendContext, sent: Sent, name: KeyName | null) {
    if (sent.status === "failed") {
      const refusal = refusalOf(sent);
      await keep(name, 422, { detail: refusal.message, extra: refusal.extra });
      throw refusal;
    }
    const shown = await showWhole(c, sent);
    const status = isWithProvider(sent) ? 200 : 202;
    await keep(name, status, shown);
    return c.json(shown, status);
  }

  async function showWhole(c: SendContext, sent: Sent): Promise<SendAnswer> {
    const shown = showSent(sent);
    if (sent.channelKind !== "sms") return shown;
    const { workspaceId } = c.var.principal;
    return { ...shown, ...(await smsFacts(db, workspaceId, sent.messageId, clock.now())) };
  }

  async function keep(name: KeyName | null, status: number, answer: object): Promise<void> {
    if (name === null) return;
    try {
      await storeAnswer(db, name, { status, body: JSON.stringify(answer) });
    } catch (error) {
      // The message's own state answers whoever repeats the request.
      deps.logger.warn({ err: error }, "an answer could not be kept for its idempotency key");
    }
  }

  /** What a request with a key that is held gets: the answer that was given, or how the message stands. */
  async function replay(c: SendContext, held: HeldKey, hash: Buffer) {
    requireSameRequest(held, hash);
    const [first] = held.refs;
    const messageId = first === undefined ? null : await lastStandIn(db, first);
    const sent = messageId && (await findSent(db, ownerOf(c.var.principal), messageId));
    const isFinal = held.answer !== null && held.status !== 202;
    if (!isFinal && sent) {
      const isUnderWay = sent.status === "queued" || sent.status === "sending";
      const isRunning = held.answer === null && clock.now() - held.createdAt < RUNNING_MS;
      if (isUnderWay && isRunning) throw stillRunning(1);
      c.header(REPLAYED, "true");
      if (sent.status === "failed") throw refusalOf(sent);
      const shown = await showWhole(c, sent);
      return c.json({ ...shown, duplicate: true }, isWithProvider(sent) ? 200 : 202);
    }
    if (held.answer === null) throw stillRunning(1);
    c.header(REPLAYED, "true");
    if (held.status === 422) {
      const kept = JSON.parse(held.answer) as { detail: string; extra: Record<string, unknown> }; // by `reply`
      throw new CurlewError("provider_refused", kept.detail, { extra: kept.extra });
    }
    const kept = JSON.parse(held.answer) as SendAnswer; // written by `reply`
    return c.json({ ...kept, duplicate: true }, held.status === 200 ? 200 : 202);
  }

  return routes;
}

function isAsync(prefer: string | undefined): boolean {
  return /(^|[,\s])respond-async\s*($|[,;])/i.test(prefer ?? "");
}

/** Something that leaves no message was begun under this key, and whoever did it never answered. */
function isUnanswered(held: HeldKey): boolean {
  return held.refs.length === 0 && held.answer === null;
}

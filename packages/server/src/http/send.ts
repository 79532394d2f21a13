import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Outgoing } from "../core/outgoing.ts";
import type { Queryable } from "../core/recording.ts";
import type { SendUnit } from "../outbox/accept-send.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { SEND_ROUTE } from "../outbox/request.ts";
import { type HeldKey, type KeyName, readKeys, storeAnswer } from "../storage/idempotency.ts";
import { findSent, type Sent } from "../storage/sending.ts";
import {
  type AppEnv,
  fieldRefused,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "./api.ts";
import {
  hashOf,
  keyOf,
  nameOfKey,
  REPLAYED,
  requireSameRequest,
  stillRunning,
} from "./idempotency.ts";
import { requireSendPlan } from "./plan-limits.ts";
import { ownerOf } from "./resource.ts";
import { isWithProvider, refusalOf, SendAnswer, showDryRun, showSent } from "./send-answer.ts";
import { requireText, SendBody, SendInput } from "./send-body.ts";
import { type Destination, findDestination, findReplyTo } from "./send-destination.ts";

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
    "Waits up to 10 seconds for the provider. 200: the provider has it. 202: it waits (`queued`), or " +
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
      "provider_refused",
      "idempotency_key_reused",
      "idempotency_in_progress",
      "unavailable",
    ),
  },
});

export interface SendRoutesDeps {
  db: Queryable;
  outbox: Pick<Outbox, "accept" | "send" | "begin">;
  clock: Clock;
  logger: Logger;
}

type SendContext = Context<AppEnv>;

export function sendRoutes(deps: SendRoutesDeps): Routes {
  const { db, outbox, clock } = deps;
  const routes = newRoutes();
  routes.openAPIRegistry.register("SendRequest", SendBody);

  routes.openapi(route, async (c) => {
    const { principal } = c.var;
    const body = c.req.valid("json");
    const headers = c.req.valid("header");
    const content: Outgoing = { type: "text", text: requireText(body), previewUrl: false };
    const key = keyOf(headers["idempotency-key"], body.idempotency_key);
    const claim =
      key === null || body.dry_run
        ? null
        : { key: nameOfKey(principal, key), hash: hashOf(await c.req.json<object>()) };
    const name = claim && { workspaceId: principal.workspaceId, route: SEND_ROUTE, key: claim.key };
    // Before anything else is looked at: what was sent then may be refused now.
    const [held] = name ? await readKeys(db, [name]) : [];
    if (held && claim) return replay(c, held, claim.hash);

    const destination = await findDestination(db, ownerOf(principal), body);
    await requireSendPlan(db, principal.workspaceId, destination.channel.kind, clock.now());
    const replyTo = await findReplyTo(db, destination, body.reply_to);
    requireFit(content, destination);
    if (body.dry_run) return c.json(showDryRun(destination), 200);

    const unit = unitOf(body, content, destination, replyTo, claim);
    const answer = await outbox.accept(unit);
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
    return reply(c, await awaitProvider(c, sent, destination), name);
  });

  /** How the message stands when the provider has spoken, or when waiting is over. */
  async function awaitProvider(
    c: SendContext,
    sent: Sent,
    { channel }: Destination,
  ): Promise<Sent> {
    const isHeld = channel.state === "paused" && (channel.pausedUntil ?? Infinity) > clock.now();
    const settled = await outbox.send(sent.messageId, isHeld ? 0 : WAIT_MS);
    if (settled) {
      const { status, providerId, error } = settled;
      return { ...sent, status, providerId, error: error && JSON.stringify(error) };
    }
    return (await findSent(db, ownerOf(c.var.principal), sent.messageId)) ?? sent;
  }

  /** Answers the first request, and keeps the answer for those that repeat it. */
  async function reply(c: SendContext, sent: Sent, name: KeyName | null) {
    if (sent.status === "failed") {
      const refusal = refusalOf(sent);
      await keep(name, 422, { detail: refusal.message, extra: refusal.extra });
      throw refusal;
    }
    const shown = showSent(sent);
    const status = isWithProvider(sent) ? 200 : 202;
    await keep(name, status, shown);
    return c.json(shown, status);
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
    const [messageId = ""] = held.refs;
    const sent = await findSent(db, ownerOf(c.var.principal), messageId);
    const isFinal = held.answer !== null && held.status !== 202;
    if (!isFinal && sent) {
      const isUnderWay = sent.status === "queued" || sent.status === "sending";
      const isRunning = held.answer === null && clock.now() - held.createdAt < RUNNING_MS;
      if (isUnderWay && isRunning) throw stillRunning(1);
      c.header(REPLAYED, "true");
      if (sent.status === "failed") throw refusalOf(sent);
      return c.json({ ...showSent(sent), duplicate: true }, isWithProvider(sent) ? 200 : 202);
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

/**
 * Refuses what the channel would never take, before anything is kept. Whether the window for free
 * messages is open is the provider's to say: calls, ads and what was written before the channel was
 * connected open it too, and nothing here knows of them.
 */
function requireFit(content: Outgoing, { provider }: Destination): void {
  const unfit = provider.unfit(content);
  if (unfit) throw fieldRefused(unfit.pointer, unfit.detail, unfit.code);
}

function unitOf(
  body: SendBody,
  content: Outgoing,
  { channel, target, to }: Destination,
  replyTo: SendUnit["replyTo"],
  key: SendUnit["key"],
): SendUnit {
  return {
    workspaceId: channel.workspaceId,
    accountId: channel.accountId,
    channelId: channel.id,
    target,
    to,
    content,
    actor: body.actor,
    tag: null,
    replyTo,
    ticketRef: body.ticket_ref ?? null,
    metadata: body.metadata === undefined ? null : JSON.stringify(body.metadata),
    key,
  };
}

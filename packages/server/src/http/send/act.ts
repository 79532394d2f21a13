import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Signal } from "../../core/sending/outgoing.ts";
import type { SendError, SendOutcome } from "../../core/sending/send-outcome.ts";
import type { ActUnit } from "../../outbox/act.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { lastReceivedId } from "../../storage/conversations/last-inbound.ts";
import type { HeldKey } from "../../storage/idempotency.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { fieldRefused } from "../api.ts";
import { requireSendPlan } from "../workspaces/plan-limits.ts";
import { refusedWith, type SendAnswer, showDone, showDryRun } from "./answer.ts";
import { type Destination, findDestination } from "./destination.ts";
import type { SendBody } from "./send-body.ts";
import { policyOf } from "./send-policy.ts";
import type { Wish } from "./wish.ts";

export interface ActDeps {
  db: Queryable;
  outbox: Pick<Outbox, "act" | "signal">;
  now: number;
}

type ActWish = Extract<Wish, { kind: "signal" | "act" }>;

/**
 * Does what leaves no message: closes a conversation, opens it again, or gives a passing sign.
 * Answers who holds the key where that is another request.
 */
export async function perform(
  { db, outbox, now }: ActDeps,
  owner: Owner,
  body: SendBody,
  wish: ActWish,
  key: ActUnit["key"],
): Promise<{ answer: SendAnswer } | { held: HeldKey }> {
  const destination = await findDestination(db, owner, body);
  await requireSendPlan(db, owner.workspaceId, destination.channel.kind, now);
  const signal = wish.kind === "signal" ? await signalTo(db, destination, wish.signal) : null;
  if (wish.kind === "act" && destination.target.kind === "stranger") {
    const detail = "There is no conversation with them.";
    throw new CurlewError("recipient_unknown", detail);
  }
  if (body.dry_run) return { answer: showDryRun(destination, policyOf(destination, body, now)) };

  const { channel, target } = destination;
  const { workspaceId, id: channelId } = channel;
  const conversationId = target.kind === "conversation" ? target.conversationId : null;
  const act = wish.kind === "act" ? wish.act : "sign";
  const unit = { workspaceId, channelId, conversationId, act, actor: body.actor, key } as const;
  if (wish.kind === "act" || key !== null) {
    const done = await outbox.act(unit);
    if (done.kind === "held") return { held: done.held };
  }
  if (signal === null) return { answer: showDone(destination, "done") };
  requireTaken(await outbox.signal(channelId, signal));
  return { answer: showDone(destination, "sent") };
}

async function signalTo(
  db: Queryable,
  { channel, provider, target, to }: Destination,
  kind: Signal["kind"],
): Promise<Signal> {
  const pointer = kind === "mark_read" ? "/action" : "/typing";
  if (!provider.signals) {
    const detail = `${channel.kind} can show neither typing nor that something was read`;
    throw fieldRefused(pointer, detail, "unsupported_action");
  }
  if (channel.state === "paused") {
    throw new CurlewError("channel_paused", "The channel is paused, and this cannot wait.");
  }
  const lastReceived =
    target.kind === "conversation" ? await lastReceivedId(db, target.conversationId) : null;
  const signal = { kind, to, lastReceived };
  const unfit = provider.signals.unfit(signal);
  if (unfit) throw fieldRefused(unfit.pointer, unfit.detail, unfit.code);
  return signal;
}

/** A sign that did not get through is refused: whoever gave it may give it again. */
function requireTaken(outcome: SendOutcome): void {
  if (outcome.kind === "accepted") return;
  throw refusedWith("error" in outcome ? outcome.error : unanswered(outcome.reason), {});
}

function unanswered(reason: string): SendError {
  return {
    code: "provider_unreachable",
    provider_code: null,
    message: "The provider did not answer.",
    details: reason,
    retryable: true,
    advice: "It may be given again at any time.",
  };
}

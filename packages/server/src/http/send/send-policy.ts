import { foresee, type PolicyVerdict } from "../../core/sending/send-policy.ts";
import type { Destination } from "./destination.ts";
import type { SendBody } from "./send-body.ts";

/** What is to be expected of a request, by what is known here. */
export function policyOf(
  { channel, lastInboundAt, isOptedOut }: Destination,
  body: SendBody,
  now: number,
): PolicyVerdict {
  const isPaused = channel.state === "paused";
  return foresee({
    kind: channel.kind,
    at: Math.max(now, body.send_at ?? now),
    lastInboundAt,
    isOptedOut,
    pausedUntil: isPaused ? (channel.pausedUntil ?? Number.POSITIVE_INFINITY) : null,
    isTemplate: body.template_name !== undefined,
    isPrivateReply: body.comment_id !== undefined,
    actor: body.actor,
  });
}

import type { ChannelKind } from "../messages/channel-kinds.ts";
import { hasWindow, humanAgentUntil, isWindowOpen } from "../messages/window.ts";

/** What decides whether a message may leave. */
export const POLICY_RULES = [
  "no_window",
  "window_open",
  "window_closed",
  "human_agent",
  "template",
  "private_reply",
  "opted_out",
  "channel_paused",
] as const;

export type PolicyRule = (typeof POLICY_RULES)[number];

export interface PolicyVerdict {
  allowed: boolean;
  rule: PolicyRule;
  /** When it would be, ms since the epoch; null when that is now, or nobody can say. */
  allowedFrom: number | null;
}

export interface Circumstances {
  kind: ChannelKind;
  /** When it is to leave. */
  at: number;
  lastInboundAt: number | null;
  isOptedOut: boolean;
  /** The channel stands still until then; null while it moves, infinite until somebody mends it. */
  pausedUntil: number | null;
  isTemplate: boolean;
  isPrivateReply: boolean;
  actor: "bot" | "agent";
}

/**
 * What is to be expected of a message, by what is known here. Only the opt-out is ours to insist on:
 * the provider knows of openings of its window that we do not.
 */
export function foresee(o: Circumstances): PolicyVerdict {
  const { kind, at, lastInboundAt } = o;
  if (o.isOptedOut) return no("opted_out");
  if (o.pausedUntil !== null && o.pausedUntil > at) {
    return no("channel_paused", Number.isFinite(o.pausedUntil) ? o.pausedUntil : null);
  }
  if (!hasWindow(kind)) return yes("no_window");
  if (o.isPrivateReply) return yes("private_reply");
  if (o.isTemplate) return yes("template");
  if (isWindowOpen(kind, lastInboundAt, at)) return yes("window_open");
  const personUntil = humanAgentUntil(kind, lastInboundAt);
  if (o.actor === "agent" && personUntil !== null && at < personUntil) return yes("human_agent");
  return no("window_closed");
}

function yes(rule: PolicyRule): PolicyVerdict {
  return { allowed: true, rule, allowedFrom: null };
}

function no(rule: PolicyRule, allowedFrom: number | null = null): PolicyVerdict {
  return { allowed: false, rule, allowedFrom };
}

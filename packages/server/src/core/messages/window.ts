import type { ChannelKind } from "./channel-kinds.ts";

const HOUR_MS = 3_600_000;

/** How long after a customer's message one may write freely. A kind that is not here has no window. */
const FREE_FORM_MS: Partial<Record<ChannelKind, number>> = {
  messenger: 24 * HOUR_MS,
  instagram: 24 * HOUR_MS,
  whatsapp: 24 * HOUR_MS,
};

/** How long a person may answer, where that is longer. */
const HUMAN_AGENT_MS: Partial<Record<ChannelKind, number>> = {
  messenger: 7 * 24 * HOUR_MS,
  instagram: 7 * 24 * HOUR_MS,
};

/**
 * Until when free-form messages are allowed (ms since the epoch), or null when the customer has not
 * written yet. Null too for a channel that has no window.
 */
export function freeFormUntil(kind: ChannelKind, lastInboundAt: number | null): number | null {
  return after(FREE_FORM_MS[kind], lastInboundAt);
}

/** Until when a person may answer, on channels that give people longer than software; else null. */
export function humanAgentUntil(kind: ChannelKind, lastInboundAt: number | null): number | null {
  return after(HUMAN_AGENT_MS[kind], lastInboundAt);
}

function after(lengthMs: number | undefined, lastInboundAt: number | null): number | null {
  return lengthMs === undefined || lastInboundAt === null ? null : lastInboundAt + lengthMs;
}

export function hasWindow(kind: ChannelKind): boolean {
  return FREE_FORM_MS[kind] !== undefined;
}

/** Whether a free-form message may leave at `now`. The last millisecond is already too late. */
export function isWindowOpen(
  kind: ChannelKind,
  lastInboundAt: number | null,
  now: number,
): boolean {
  if (!hasWindow(kind)) return true;
  const until = freeFormUntil(kind, lastInboundAt);
  return until !== null && now < until;
}

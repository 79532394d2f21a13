import { isoOf } from "../events/envelope.ts";
import type { EventDraft } from "../events/recording.ts";

/** How far a workspace's SMS of a month went with what has just been counted. */
export interface SmsTally {
  readonly workspaceId: string;
  readonly before: number;
  readonly after: number;
  /** Null: as many as wanted. */
  readonly limit: number | null;
}

const WARNED_AT = 0.8;

/** What is to be told of a quota when it is crossed: once a month each. */
export function quotaNews({
  before,
  after,
  limit,
}: SmsTally): "quota.warned" | "quota.exceeded" | null {
  if (limit === null) return null;
  if (before < limit && after >= limit) return "quota.exceeded";
  const warnedAt = Math.ceil(limit * WARNED_AT);
  return before < warnedAt && after >= warnedAt && after < limit ? "quota.warned" : null;
}

/** When the next calendar month begins, UTC, ms since the epoch. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The news as drafts of events: they concern the workspace, and no channel of it. */
export function quotaDrafts(tallies: readonly SmsTally[], now: number): EventDraft[] {
  return tallies.flatMap((tally) => {
    const type = quotaNews(tally);
    if (type === null) return [];
    const { workspaceId, after: used, limit } = tally;
    return [
      {
        workspaceId,
        type,
        occurredAt: now,
        accountId: null,
        channelId: null,
        channelKind: null,
        conversationId: null,
        campaignId: null,
        account: null,
        channel: null,
        conversation: null,
        contact: null,
        data: { meter: "sms", used, limit, resets_at: isoOf(nextMonth(now)) },
      },
    ];
  });
}

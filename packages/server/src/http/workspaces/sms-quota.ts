import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { nextMonth } from "../../core/sending/sms-quota.ts";
import { findSegments, findSmsUsage } from "../../storage/sending/sms-usage.ts";
import { showInstant } from "../api.ts";

/** Each message that Twilio took counts as one, whatever its segments. */
const UNIT = "messages";

/** Refuses an SMS for which the month has no room left, what is on its way counted too. */
export async function requireSmsQuota(
  db: Queryable,
  workspaceId: string,
  now: number,
): Promise<void> {
  const { used, pending, limit } = await findSmsUsage(db, workspaceId, now);
  if (limit === null || used + pending < limit) return;
  throw new CurlewError("quota_exceeded", `The plan has ${limit} SMS a month.`, {
    extra: { quota: { used, limit, unit: UNIT }, resets_at: showInstant(nextMonth(now)) },
  });
}

/** What the answer to a send says of an SMS beside the rest. */
export async function smsFacts(db: Queryable, workspaceId: string, messageId: string, now: number) {
  const { used, limit } = await findSmsUsage(db, workspaceId, now);
  const segments = await findSegments(db, messageId);
  return { ...(segments === null ? {} : { segments }), quota: { used, limit, unit: UNIT } };
}

import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { factsOf, findName } from "../../../core/events/event-names.ts";
import { genesy } from "../../../dialects/genesy/dialect.ts";
import type { LoggedAttempt } from "../../../storage/deliveries/attempt-log.ts";
import { showInstant, shownInstant } from "../../api.ts";

export const ShownLog = z
  .object({
    id: z.int().openapi({ description: "Made of the attempt: the same whenever it is asked for" }),
    eventType: z.string(),
    statusCode: z.int().nullable(),
    errorMessage: z.string().nullable(),
    attemptNumber: z.int(),
    durationMs: z.int(),
    createdAt: shownInstant,
  })
  .openapi("GenesyWebhookLog");

export function showLog(attempt: LoggedAttempt): z.infer<typeof ShownLog> {
  const { n, sentAt, ms, status, error, detail } = attempt;
  const isDelivered = status !== null && genesy.isDelivered(status);
  return {
    id: idOf(attempt),
    eventType: nameOf(attempt),
    statusCode: status,
    errorMessage: isDelivered ? null : (detail ?? error ?? `HTTP ${status}`),
    attemptNumber: n,
    durationMs: ms,
    createdAt: showInstant(sentAt),
  };
}

/** An attempt has no number of its own. Two share one of 2^48 as good as never. */
function idOf({ eventId, n, process }: LoggedAttempt): number {
  return createHash("sha256").update(`${eventId} ${n} ${process}`).digest().readUIntBE(0, 6);
}

/** What Genesy calls the event; its canonical type where it has no name for it. */
function nameOf({ type, payload }: LoggedAttempt): string {
  // A frozen native body: an object of ours.
  const body = JSON.parse(payload) as { channel: { kind: string } | null };
  const facts = factsOf({ type, channelKind: body.channel?.kind ?? null }, body);
  return findName(genesy.events ?? [], facts) ?? type;
}

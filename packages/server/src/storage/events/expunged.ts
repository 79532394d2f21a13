import { EXPUNGED } from "../../core/events/expunged-body.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { uuids } from "../connections/columns.ts";

/** Whether the body of the event with this id is gone: with its day, or by itself. */
export function isExpungedId(id: string): string {
  return `(${id} <= (select floor from expunge_floor)
    or exists (select from expunged_event x where x.event_id = ${id}))`;
}

/** The same as the event's own row says. */
export function hasExpungedBody(event: string): string {
  return `${event}.payload ~ '${EXPUNGED.source}'`;
}

/** Of these events, those whose bodies are gone. */
export async function findExpunged(
  db: Queryable,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>({
    text: `select k.id from unnest($1::uuid[]) as k (id) where ${isExpungedId("k.id")}`,
    values: [uuids(eventIds)],
  });
  return new Set(rows.map(({ id }) => id));
}

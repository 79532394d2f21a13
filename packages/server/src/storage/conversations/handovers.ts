import type { Queryable } from "../../core/events/recording.ts";

/** A file on its way to an endpoint. */
export interface Handover {
  mediaId: string;
  /** By its serial. */
  endpoint: number;
}

/**
 * Gives leave to hand a file on, to one request at a time until `leasedUntil`. Answers `handed` where that
 * has been done, `busy` while it is.
 */
export async function beginHandover(
  db: Queryable,
  { mediaId, endpoint }: Handover,
  { now, leasedUntil }: { now: number; leasedUntil: number },
): Promise<"begun" | "busy" | "handed"> {
  const begun = await db.query({
    name: "begin_handover",
    text: `insert into media_handover (media_id, endpoint, leased_until)
      values ($1, $2, to_timestamp($4::float8 / 1000))
      on conflict (media_id, endpoint) do update set leased_until = excluded.leased_until
        where media_handover.handed_at is null and media_handover.leased_until <= to_timestamp($3::float8 / 1000)`,
    values: [mediaId, endpoint, now, leasedUntil],
  });
  if (begun.rowCount === 1) return "begun";
  const { rows } = await db.query<{ isHanded: boolean }>({
    name: "find_handover",
    text: `select handed_at is not null as "isHanded" from media_handover where media_id = $1 and endpoint = $2`,
    values: [mediaId, endpoint],
  });
  return rows[0]?.isHanded ? "handed" : "busy";
}

/** The file is over there: nobody has it a second time. */
export async function endHandover(
  db: Queryable,
  { mediaId, endpoint }: Handover,
  now: number,
): Promise<void> {
  await db.query({
    name: "end_handover",
    text: `update media_handover set handed_at = to_timestamp($3::float8 / 1000)
      where media_id = $1 and endpoint = $2`,
    values: [mediaId, endpoint, now],
  });
}

/** It did not arrive: it may be asked for again. */
export async function giveUpHandover(
  db: Queryable,
  { mediaId, endpoint }: Handover,
): Promise<void> {
  await db.query({
    name: "give_up_handover",
    text: "delete from media_handover where media_id = $1 and endpoint = $2 and handed_at is null",
    values: [mediaId, endpoint],
  });
}

/** Whether a message is still kept and was not withdrawn: its files are to be had. */
export async function isMessageThere(db: Queryable, messageId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "is_message_there",
    text: "select 1 from message where id = $1 and deleted_at is null",
    values: [messageId],
  });
  return rowCount === 1;
}

/** Forgets what was handed on of messages that are kept no longer. */
export async function forgetHandovers(db: Queryable, firstKept: string): Promise<void> {
  await db.query({ text: "delete from media_handover where media_id < $1", values: [firstKept] });
}

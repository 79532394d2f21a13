import type { Queryable } from "../../core/events/recording.ts";

/** A connected SMS channel, as far as is needed to know what comes for it. */
export interface SmsChannel {
  id: string;
  /** E.164. */
  externalId: string;
  /** Sealed for `credentialsPlace`. */
  credentials: string | null;
}

const COLUMNS = `ch.id, ch.external_id as "externalId", ch.credentials`;
const LIVE = "ch.kind = 'sms' and ch.deleted_at is null";

/** The channel of this number; else one that sends by this messaging service, the oldest. */
export async function findSmsChannel(
  db: Queryable,
  { number, serviceSid }: { number: string | null; serviceSid: string | null },
): Promise<SmsChannel | null> {
  const { rows } = await db.query<SmsChannel>({
    name: "find_sms_channel",
    text: `select ${COLUMNS} from channel ch
      where ${LIVE} and (ch.external_id = $1 or ch.messaging_service_sid = $2)
      order by (ch.external_id = $1) desc nulls last, ch.id limit 1`,
    values: [number, serviceSid],
  });
  return rows[0] ?? null;
}

export async function findSmsChannelById(db: Queryable, id: string): Promise<SmsChannel | null> {
  const { rows } = await db.query<SmsChannel>({
    name: "find_sms_channel_by_id",
    text: `select ${COLUMNS} from channel ch where ${LIVE} and ch.id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** The channel that one of our messages left by. */
export async function findSmsChannelOfMessage(
  db: Queryable,
  messageId: string,
): Promise<SmsChannel | null> {
  const { rows } = await db.query<SmsChannel>({
    name: "find_sms_channel_of_message",
    text: `select ${COLUMNS} from message m join channel ch on ch.id = m.channel_id
      where m.id = $1 and m.direction = 'outbound' and ${LIVE}`,
    values: [messageId],
  });
  return rows[0] ?? null;
}

import { sql } from "kysely";
import type { Queryable } from "../../core/events/recording.ts";
import type { UnroutableReason } from "../../core/messages/inbound.ts";
import { floats, texts, uuids } from "../connections/columns.ts";
import { build, run } from "../connections/statement.ts";

/** Something authentic of a provider's that could not be placed. */
export interface Unroutable {
  id: string;
  provider: string;
  reason: UnroutableReason;
  channelKind: string | null;
  externalId: string | null;
  /** As it came: JSON, or whatever else it was. */
  payload: string;
  receivedAt: number;
}

export async function insertUnroutable(
  tx: Queryable,
  entries: readonly Unroutable[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.query({
    name: "insert_unroutable",
    text: `insert into unroutable (id, provider, reason, channel_kind, external_id, payload, received_at)
      select i.id, i.provider, i.reason, i.channel_kind, i.external_id, i.payload,
        to_timestamp(i.received_at / 1000)
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[])
        as i (id, provider, reason, channel_kind, external_id, payload, received_at)`,
    values: [
      uuids(entries.map((each) => each.id)),
      texts(entries.map((each) => each.provider)),
      texts(entries.map((each) => each.reason)),
      texts(entries.map((each) => each.channelKind)),
      texts(entries.map((each) => each.externalId)),
      texts(entries.map((each) => each.payload)),
      floats(entries.map((each) => each.receivedAt)),
    ],
  });
}

/** An entry as a list has it. */
export interface ListedUnroutable extends Unroutable {
  /** Of a long one `payload` has the beginning. */
  isWhole: boolean;
}

/** Of one payload; a request may bring one of megabytes, and a page holds many. */
const SHOWN_LETTERS = 65_536;

/** The newest first; those before `before` when it is given. */
export function listUnroutable(
  db: Queryable,
  page: { limit: number; before: string | undefined; reason: string | undefined },
): Promise<ListedUnroutable[]> {
  let query = build
    .selectFrom("unroutable")
    .select([
      "id",
      "provider",
      "reason",
      "channel_kind as channelKind",
      "external_id as externalId",
      sql<string>`left(payload, ${SHOWN_LETTERS})`.as("payload"),
      sql<boolean>`length(payload) <= ${SHOWN_LETTERS}`.as("isWhole"),
      "received_at as receivedAt",
    ])
    .$narrowType<Pick<Unroutable, "reason">>()
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  if (page.reason !== undefined) query = query.where("reason", "=", page.reason);
  return run(db, query);
}

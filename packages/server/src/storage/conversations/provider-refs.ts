import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";

/** A message by the name that its provider gave it, unique on a channel. */
export interface ProviderName {
  channelId: string;
  providerId: string;
}

export interface ProviderRef extends ProviderName {
  messageId: string;
}

export function keyOfName({ channelId, providerId }: ProviderName): string {
  return `${channelId} ${providerId}`;
}

/**
 * Takes the names that are free and answers which (`keyOfName`). Waits for transactions that are
 * taking the same ones; sorted, so that two never wait for each other. The first thing in its
 * transaction. `refs` holds each name once.
 */
export async function insertProviderRefs(
  tx: Queryable,
  refs: readonly ProviderRef[],
): Promise<Set<string>> {
  if (refs.length === 0) return new Set();
  const { rows } = await tx.query<ProviderName>({
    name: "insert_provider_refs",
    text: `insert into provider_ref (channel_id, kind, provider_id, message_id)
      select i.channel_id, 'message', i.provider_id, i.message_id
      from unnest($1::uuid[], $2::text[], $3::uuid[]) as i (channel_id, provider_id, message_id)
      order by i.channel_id, i.provider_id
      on conflict do nothing
      returning channel_id as "channelId", provider_id as "providerId"`,
    values: [
      uuids(refs.map((each) => each.channelId)),
      texts(refs.map((each) => each.providerId)),
      uuids(refs.map((each) => each.messageId)),
    ],
  });
  return new Set(rows.map(keyOfName));
}

/** The messages behind these names, by `keyOfName`; names that nobody has are left out. */
export async function findProviderRefs(
  db: Queryable,
  names: readonly ProviderName[],
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const { rows } = await db.query<ProviderRef>({
    name: "find_provider_refs",
    text: `select r.channel_id as "channelId", r.provider_id as "providerId", r.message_id as "messageId"
      from unnest($1::uuid[], $2::text[]) as i (channel_id, provider_id)
      join provider_ref r on r.channel_id = i.channel_id and r.kind = 'message'
        and r.provider_id = i.provider_id`,
    values: [
      uuids(names.map((each) => each.channelId)),
      texts(names.map((each) => each.providerId)),
    ],
  });
  return new Map(rows.map((row) => [keyOfName(row), row.messageId]));
}

/** A fact of a provider's that is told once. Comments are kept apart: they are found again by their names. */
export interface FactName extends ProviderName {
  kind: "fact" | "comment";
}

export function keyOfFact({ channelId, kind, providerId }: FactName): string {
  return `${channelId} ${kind} ${providerId}`;
}

/** Takes the facts that are new and answers which (`keyOfFact`); waits like `insertProviderRefs`. */
export async function takeFacts(
  tx: Queryable,
  facts: readonly (FactName & { id: string })[],
): Promise<Set<string>> {
  if (facts.length === 0) return new Set();
  const { rows } = await tx.query<FactName>({
    name: "take_facts",
    text: `insert into provider_ref (channel_id, kind, provider_id, message_id)
      select i.channel_id, i.kind, i.provider_id, i.id
      from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) as i (channel_id, kind, provider_id, id)
      order by i.channel_id, i.kind, i.provider_id
      on conflict do nothing
      returning channel_id as "channelId", kind, provider_id as "providerId"`,
    values: [
      uuids(facts.map((each) => each.channelId)),
      texts(facts.map((each) => each.kind)),
      texts(facts.map((each) => each.providerId)),
      uuids(facts.map((each) => each.id)),
    ],
  });
  return new Set(rows.map(keyOfFact));
}

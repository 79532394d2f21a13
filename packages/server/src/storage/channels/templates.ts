import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";
import type { Tx } from "../connections/connections.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** A WhatsApp template of a business account. */
export interface Template {
  id: string;
  wabaId: string;
  providerId: string | null;
  name: string;
  language: string;
  category: string | null;
  status: string | null;
  quality: string | null;
  /** JSON text. */
  components: string;
  syncedAt: number;
}

/** A business account, and a channel of it whose token may ask for it. */
export interface BusinessAccount {
  workspaceId: string;
  wabaId: string;
  channelId: string;
  /** Sealed for `credentialsPlace`. */
  credentials: string;
  /** Null when it was never synced. */
  syncedAt: number | null;
  error: string | null;
}

const ACCOUNTS = `select distinct on (ch.workspace_id, ch.waba_id) ch.workspace_id as "workspaceId",
    ch.waba_id as "wabaId", ch.id as "channelId", ch.credentials, s.synced_at as "syncedAt", s.error
  from channel ch
  left join template_sync s on s.workspace_id = ch.workspace_id and s.waba_id = ch.waba_id
  where ch.kind = 'whatsapp' and ch.deleted_at is null and ch.waba_id is not null
    and ch.credentials is not null`;
const ONE_EACH = `order by ch.workspace_id, ch.waba_id, (ch.state = 'paused'), ch.id`;

/** Accounts that were synced before an instant, or never. */
export async function findStaleAccounts(
  db: Queryable,
  o: { before: number; limit: number },
): Promise<BusinessAccount[]> {
  const { rows } = await db.query<BusinessAccount>({
    name: "stale_template_accounts",
    text: `${ACCOUNTS} and (s.synced_at is null or s.synced_at < to_timestamp($1::float8 / 1000))
      ${ONE_EACH} limit $2`,
    values: [o.before, o.limit],
  });
  return rows;
}

/** The accounts whose templates may be seen, or that of one channel. */
export async function findBusinessAccounts(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  channelId: string | null,
): Promise<BusinessAccount[]> {
  const { rows } = await db.query<BusinessAccount>({
    text: `${ACCOUNTS} and ch.workspace_id = $1 and ($2::uuid is null or ch.account_id = $2::uuid)
      and ($3::uuid is null or ch.id = $3::uuid) ${ONE_EACH}`,
    values: [workspaceId, accountId, channelId],
  });
  return rows;
}

/** Takes over what the provider has: what it does not tell of any more is gone. */
export async function replaceTemplates(
  tx: Tx,
  { workspaceId, wabaId }: { workspaceId: string; wabaId: string },
  templates: readonly Omit<Template, "wabaId" | "syncedAt">[],
  now: number,
): Promise<void> {
  await noteSync(tx, { workspaceId, wabaId, error: null }, now);
  await tx.query({
    text: `delete from template where workspace_id = $1 and waba_id = $2
      and (name, language) not in (select * from unnest($3::text[], $4::text[]))`,
    values: [
      workspaceId,
      wabaId,
      texts(templates.map((each) => each.name)),
      texts(templates.map((each) => each.language)),
    ],
  });
  await tx.query({
    text: `insert into template (id, workspace_id, waba_id, provider_id, name, language, category, status,
        quality, components, synced_at)
      select i.id, $1, $2, i.provider_id, i.name, i.language, i.category, i.status, i.quality, i.components,
        to_timestamp($11::float8 / 1000)
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[]) as i (id, provider_id, name, language, category, status, quality, components)
      on conflict (workspace_id, waba_id, name, language) do update set
        provider_id = excluded.provider_id, category = excluded.category, status = excluded.status,
        quality = excluded.quality, components = excluded.components, synced_at = excluded.synced_at`,
    values: [
      workspaceId,
      wabaId,
      uuids(templates.map((each) => each.id)),
      texts(templates.map((each) => each.providerId)),
      texts(templates.map((each) => each.name)),
      texts(templates.map((each) => each.language)),
      texts(templates.map((each) => each.category)),
      texts(templates.map((each) => each.status)),
      texts(templates.map((each) => each.quality)),
      texts(templates.map((each) => each.components)),
      now,
    ],
  });
}

/** Notes that an account was asked; two that ask at once wait for each other here. */
export async function noteSync(
  db: Queryable,
  o: { workspaceId: string; wabaId: string; error: string | null },
  now: number,
): Promise<void> {
  await db.query({
    text: `insert into template_sync (workspace_id, waba_id, synced_at, error)
      values ($1, $2, to_timestamp($3::float8 / 1000), $4)
      on conflict (workspace_id, waba_id) do update set synced_at = excluded.synced_at, error = excluded.error`,
    values: [o.workspaceId, o.wabaId, now, o.error],
  });
}

/** These business accounts have told of a change: they are asked anew at the next turn. */
export async function makeTemplatesStale(tx: Queryable, wabaIds: readonly string[]): Promise<void> {
  if (wabaIds.length === 0) return;
  await tx.query({
    name: "stale_templates",
    text: `update template_sync set synced_at = to_timestamp(0) where waba_id = any($1::text[])`,
    values: [texts(wabaIds)],
  });
}

export interface TemplateFilter {
  limit: number;
  /** The last one of the page before. */
  after: { name: string; id: string } | null;
  wabaIds: readonly string[];
  name: string | undefined;
  status: string | undefined;
}

/** By name. */
export async function listTemplates(
  db: Queryable,
  workspaceId: string,
  { limit, after, wabaIds, name, status }: TemplateFilter,
): Promise<Template[]> {
  const { rows } = await db.query<Template>({
    text: `select id, waba_id as "wabaId", provider_id as "providerId", name, language, category, status,
        quality, components, synced_at as "syncedAt"
      from template
      where workspace_id = $1 and waba_id = any($2::text[]) and ($3::text is null or name = $3)
        and ($4::text is null or upper(status) = upper($4)) and ($5::text is null or (name, id) > ($5, $6::uuid))
      order by name, id limit $7`,
    values: [
      workspaceId,
      texts(wabaIds),
      name ?? null,
      status ?? null,
      after?.name ?? null,
      after?.id ?? null,
      limit,
    ],
  });
  return rows;
}

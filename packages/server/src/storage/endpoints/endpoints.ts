import { sql } from "kysely";
import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "../workspaces/accounts.ts";

export type EndpointState = "pending" | "enabled" | "disabled" | "paused";

export interface Endpoint {
  id: string;
  serial: number;
  workspaceId: string;
  /** The account whose key made it; it gets nothing of any other. */
  ownerAccountId: string | null;
  name: string;
  description: string | null;
  url: string;
  dialect: string;
  /** JSON text: what it chose, the rest being as the dialect begins. */
  dialectOptions: string;
  /** A second dialect, in which its deliveries can be looked at. */
  shadowDialect: string | null;
  /** `HoldKey` as JSON text: what is kept of purged bodies for it is sealed to that. */
  holdKey: string | null;
  events: string[];
  channelKinds: string[];
  channelIds: string[];
  accountIds: string[];
  campaignIds: string[];
  customFields: string[];
  /** Seconds; null for the dialect's own. */
  retrySchedule: number[] | null;
  timeoutMs: number | null;
  ordering: "parallel" | "conversation";
  rateLimit: number | null;
  /** Sealed JSON; see `headersPlace`. What older versions wrote stands there in clear. */
  headers: string | null;
  /** Their names, which may be shown; null for headers that stand in clear. */
  headerNames: string[] | null;
  /** JSON text, as is `metadata`. */
  filter: string | null;
  /** Sealed JSON; see `authPlace`. */
  auth: string | null;
  /** What of it may be shown: JSON text. */
  authShown: string | null;
  metadata: string;
  state: EndpointState;
  stateReason: string | null;
  disabledBy: "user" | "failures" | "gone" | null;
  /** When it last sent its token back, at the URL that it has. */
  verifiedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

const columns = [
  "id",
  "serial",
  "workspace_id as workspaceId",
  "owner_account_id as ownerAccountId",
  "name",
  "description",
  "url",
  "dialect",
  "dialect_options as dialectOptions",
  "shadow_dialect as shadowDialect",
  "hold_key as holdKey",
  "events",
  "channel_kinds as channelKinds",
  "channel_ids as channelIds",
  "account_ids as accountIds",
  "campaign_ids as campaignIds",
  "custom_fields as customFields",
  "retry_schedule as retrySchedule",
  "timeout_ms as timeoutMs",
  "ordering",
  "rate_limit as rateLimit",
  "headers",
  "header_names as headerNames",
  "filter",
  "auth",
  "auth_shown as authShown",
  "metadata",
  "state",
  "state_reason as stateReason",
  "disabled_by as disabledBy",
  "verified_at as verifiedAt",
  "created_at as createdAt",
  "updated_at as updatedAt",
] as const;

/** Where a signing secret is sealed for. */
export function secretPlace(secretId: string) {
  return { table: "endpoint_secret", row: secretId, column: "sealed" };
}

/** Where an endpoint's own headers are sealed for. */
export function headersPlace(endpointId: string) {
  return { table: "endpoint", row: endpointId, column: "headers" };
}

/** Where what an endpoint asks of us to authenticate is sealed for. */
export function authPlace(endpointId: string) {
  return { table: "endpoint", row: endpointId, column: "auth" };
}

function visible({ workspaceId, accountId }: Owner) {
  const endpoints = build
    .selectFrom("endpoint")
    .select(columns)
    .where("workspace_id", "=", workspaceId)
    .where("deleted_at", "is", null);
  return accountId === null ? endpoints : endpoints.where("owner_account_id", "=", accountId);
}

/** It fails, or does not get what is meant for it, and nobody has disabled it. */
const isTroubled = sql<boolean>`(state in ('pending', 'paused') or disabled_by in ('failures', 'gone')
  or state = 'enabled' and exists (
    select from endpoint_health h where h.endpoint = endpoint.serial and h.state <> 'ok'))`;

/** The newest first; those before `before` when it is given. */
export function listEndpoints(
  db: Queryable,
  owner: Owner,
  page: {
    limit: number;
    before: string | undefined;
    state: EndpointState | undefined;
    troubled?: boolean;
  },
): Promise<Endpoint[]> {
  let query = visible(owner).orderBy("id", "desc").limit(page.limit);
  if (page.troubled === true) query = query.where(isTroubled);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  if (page.state !== undefined) query = query.where("state", "=", page.state);
  return run(db, query);
}

export async function findEndpoint(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Endpoint | null> {
  const [endpoint] = await run(db, visible(owner).where("id", "=", id));
  return endpoint ?? null;
}

/** Those of one dialect, the newest first. */
export function listEndpointsOf(
  db: Queryable,
  owner: Owner,
  dialect: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<Endpoint[]> {
  const query = visible(owner).where("dialect", "=", dialect).orderBy("id", "desc");
  return run(db, query.limit(limit).offset(offset));
}

export async function countEndpointsOf(
  db: Queryable,
  owner: Owner,
  dialect: string,
): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    text: `select count(*)::int as n from endpoint where workspace_id = $1 and deleted_at is null
      and ($2::uuid is null or owner_account_id = $2) and dialect = $3`,
    values: [owner.workspaceId, owner.accountId, dialect],
  });
  return rows[0]?.n ?? 0;
}

/** The endpoint with this number, if it is of this dialect. */
export async function findEndpointOf(
  db: Queryable,
  owner: Owner,
  dialect: string,
  serial: number,
): Promise<Endpoint | null> {
  const query = visible(owner).where("dialect", "=", dialect).where("serial", "=", serial);
  const [endpoint] = await run(db, query);
  return endpoint ?? null;
}

/** Everything that is written of an endpoint; its serial is the database's. */
export type EndpointDraft = Omit<Endpoint, "serial">;

function written(endpoint: EndpointDraft) {
  return {
    name: endpoint.name,
    description: endpoint.description,
    url: endpoint.url,
    dialect_options: endpoint.dialectOptions,
    shadow_dialect: endpoint.shadowDialect,
    hold_key: endpoint.holdKey,
    events: endpoint.events,
    channel_kinds: endpoint.channelKinds,
    channel_ids: endpoint.channelIds,
    account_ids: endpoint.accountIds,
    campaign_ids: endpoint.campaignIds,
    custom_fields: endpoint.customFields,
    retry_schedule: endpoint.retrySchedule,
    timeout_ms: endpoint.timeoutMs,
    ordering: endpoint.ordering,
    rate_limit: endpoint.rateLimit,
    headers: endpoint.headers,
    header_names: endpoint.headerNames,
    filter: endpoint.filter,
    auth: endpoint.auth,
    auth_shown: endpoint.authShown,
    metadata: endpoint.metadata,
    state: endpoint.state,
    state_reason: endpoint.stateReason,
    disabled_by: endpoint.disabledBy,
    verified_at: endpoint.verifiedAt === null ? null : new Date(endpoint.verifiedAt),
    updated_at: new Date(endpoint.updatedAt),
  };
}

export async function insertEndpoint(tx: Tx, draft: EndpointDraft): Promise<Endpoint> {
  const [endpoint] = await run(
    tx,
    build
      .insertInto("endpoint")
      .values({
        ...written(draft),
        id: draft.id,
        workspace_id: draft.workspaceId,
        owner_account_id: draft.ownerAccountId,
        dialect: draft.dialect,
        behind_from: null,
        behind_version: null,
        behind_until: null,
        created_at: new Date(draft.createdAt),
      })
      .returning(columns),
  );
  if (!endpoint) throw new Error("an insert gave no row");
  return endpoint;
}

/** Writes all of an endpoint but what never changes: whose it is, its dialect and its beginning. */
export async function updateEndpoint(tx: Tx, endpoint: Endpoint): Promise<void> {
  await run(tx, build.updateTable("endpoint").set(written(endpoint)).where("id", "=", endpoint.id));
}

/**
 * Takes an endpoint out of service that moves or is paused, under a configuration version of its
 * own; null when it is not that any more.
 */
export async function disableEndpoint(
  tx: Tx,
  id: string,
  why: { by: "failures" | "gone"; reason: string; version: number; now: number },
): Promise<Endpoint | null> {
  const [endpoint] = await run(
    tx,
    build
      .updateTable("endpoint")
      .set({
        state: "disabled",
        disabled_by: why.by,
        state_reason: why.reason,
        updated_at: new Date(why.now),
      })
      .where("id", "=", id)
      .where("state", "in", ["enabled", "paused"])
      .where("deleted_at", "is", null)
      .returning(columns),
  );
  if (!endpoint) return null;
  await insertEndpointVersion(tx, endpoint, { version: why.version, now: why.now });
  return endpoint;
}

/** Why the endpoints of a workspace stand still whose trial is over. */
const TRIAL_ENDED = "trial_ended";

/** Pauses every endpoint of a workspace that moves, or lets those go on which this had paused. */
export async function holdForTrial(
  tx: Tx,
  workspaceId: string,
  o: { isOver: boolean; version: number; now: number },
): Promise<void> {
  const [from, reason] = o.isOver
    ? (["enabled", null] as const)
    : (["paused", TRIAL_ENDED] as const);
  const held = await run(
    tx,
    build
      .updateTable("endpoint")
      .set({
        state: o.isOver ? "paused" : "enabled",
        state_reason: o.isOver ? TRIAL_ENDED : null,
        updated_at: new Date(o.now),
      })
      .where("workspace_id", "=", workspaceId)
      .where("state", "=", from)
      .where("state_reason", reason === null ? "is" : "=", reason)
      .where("deleted_at", "is", null)
      .returning(columns),
  );
  for (const endpoint of held) {
    await insertEndpointVersion(tx, endpoint, { version: o.version, now: o.now });
  }
}

/** The row stays for its deliveries; its secrets are gone. */
export async function deleteEndpoint(tx: Tx, id: string, now: number): Promise<void> {
  await tx.query({
    text: `update endpoint set deleted_at = $2, updated_at = $2, auth = null, headers = null where id = $1`,
    values: [id, new Date(now)],
  });
  await tx.query({
    text: `with h as (delete from endpoint_health where endpoint = (select serial from endpoint where id = $1))
      delete from endpoint_rate where endpoint = (select serial from endpoint where id = $1)`,
    values: [id],
  });
  await tx.query({ text: "delete from endpoint_secret where endpoint_id = $1", values: [id] });
}

/** Keeps how an endpoint stood under a configuration version: what is matched later goes by it. */
export async function insertEndpointVersion(
  tx: Tx,
  endpoint: Endpoint,
  { version, now, deleted = false }: { version: number; now: number; deleted?: boolean },
): Promise<void> {
  const { events, channelKinds, channelIds, accountIds, campaignIds, ownerAccountId } = endpoint;
  const { state, disabledBy, ordering, filter, customFields, dialectOptions } = endpoint;
  const snapshot = {
    ...{ events, channelKinds, channelIds, accountIds, campaignIds, ownerAccountId },
    ...{
      state: deleted ? "deleted" : state,
      disabledBy,
      ordering,
      filter,
      customFields,
      dialectOptions,
    },
  };
  await tx.query({
    text: `insert into endpoint_version (endpoint, config_version, snapshot, made_at)
      values ($1, $2, $3, $4)`,
    values: [endpoint.serial, version, JSON.stringify(snapshot), new Date(now)],
  });
}

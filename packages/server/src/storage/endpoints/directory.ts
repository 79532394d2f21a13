import type { Queryable } from "../../core/events/recording.ts";

/** One endpoint and one of its secrets, as matching and sending need them. */
export interface DirectoryRow {
  workspaceId: string;
  version: number;
  id: string | null;
  serial: number;
  name: string;
  ownerAccountId: string | null;
  url: string;
  dialect: string;
  /** JSON text. */
  dialectOptions: string;
  customFields: string[];
  events: string[];
  channelKinds: string[];
  channelIds: string[];
  accountIds: string[];
  campaignIds: string[];
  retrySchedule: number[] | null;
  timeoutMs: number | null;
  ordering: "parallel" | "conversation";
  rateLimit: number | null;
  /** Sealed, or as older versions wrote it in clear. */
  headers: string | null;
  auth: string | null;
  /** The content filter, JSON text. */
  filter: string | null;
  /** JSON text. */
  holdKey: string | null;
  /** It collects in the log alone. */
  isBehind: boolean;
  /** It moves again, and is still owed some of the log. */
  catchesUp: boolean;
  state: "pending" | "enabled" | "disabled" | "paused";
  disabledBy: "user" | "failures" | "gone" | null;
  secretId: string | null;
  sealed: string | null;
  stage: "staged" | "signing" | "retiring" | null;
  secretExpiresAt: number | null;
  /** Of a retiring one: on these answers a request is sent again signed with it. */
  resendOn: number[] | null;
}

/** A workspace's endpoints with its configuration version, in one snapshot. No row: no workspace. */
export async function readDirectory(db: Queryable, workspaceId: string): Promise<DirectoryRow[]> {
  const { rows } = await db.query<DirectoryRow>({
    name: "read_directory",
    text: `select w.id as "workspaceId", w.config_version::float8 as version, e.id, e.serial, e.name,
        e.owner_account_id as "ownerAccountId", e.url, e.dialect, e.dialect_options as "dialectOptions",
        e.custom_fields as "customFields", e.events, e.channel_kinds as "channelKinds",
        e.channel_ids as "channelIds", e.account_ids as "accountIds", e.campaign_ids as "campaignIds",
        e.retry_schedule as "retrySchedule", e.timeout_ms as "timeoutMs", e.ordering,
        e.rate_limit as "rateLimit", e.headers, e.auth, e.filter, e.hold_key as "holdKey", e.state,
        coalesce(e.behind_from is not null and e.behind_until is null, false) as "isBehind",
        coalesce(e.behind_from is not null and e.behind_until is not null, false) as "catchesUp",
        e.disabled_by as "disabledBy", s.id as "secretId", s.sealed, s.stage,
        (extract(epoch from s.expires_at) * 1000)::float8 as "secretExpiresAt", s.resend_on as "resendOn"
      from workspace w
      left join endpoint e on e.workspace_id = w.id and e.deleted_at is null
      left join endpoint_secret s on s.endpoint_id = e.id
      where w.id = $1 order by e.serial, s.stage = 'signing' desc, s.created_at desc, s.id desc`,
    values: [workspaceId],
  });
  return rows;
}

/** Which of these workspaces stand at which configuration version, and the instance's own. */
export async function readVersions(
  db: Queryable,
  workspaceIds: readonly string[],
): Promise<{ instance: number; workspaces: Map<string, number> }> {
  const { rows } = await db.query<{ id: string | null; version: number }>({
    name: "read_versions",
    text: `select null::uuid as id, config_version::float8 as version from instance
      union all select id, config_version::float8 from workspace where id = any($1::uuid[])`,
    values: [workspaceIds],
  });
  const workspaces = new Map<string, number>();
  let instance = 0;
  for (const { id, version } of rows) {
    if (id === null) instance = version;
    else workspaces.set(id, version);
  }
  return { instance, workspaces };
}

/** The workspace that an endpoint belongs to, or null when there never was such an endpoint. */
export async function findEndpointWorkspace(db: Queryable, serial: number): Promise<string | null> {
  const { rows } = await db.query<{ workspaceId: string }>({
    text: `select workspace_id as "workspaceId" from endpoint where serial = $1`,
    values: [serial],
  });
  return rows[0]?.workspaceId ?? null;
}

import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";

/** A level that says something about settings, with what the levels above it say. */
export interface SettingsLevel {
  level: "workspace" | "account" | "channel";
  id: string;
  name: string;
  /** Null but for a channel. */
  kind: ChannelKind | null;
  /** JSON texts, the widest level first; null where there is no such level above. */
  workspaceSettings: string;
  accountSettings: string | null;
  channelSettings: string | null;
}

/** The workspace, and of its accounts and channels those that say something themselves; the widest first. */
export async function listSettingsLevels(
  db: Queryable,
  workspaceId: string,
): Promise<SettingsLevel[]> {
  const { rows } = await db.query<SettingsLevel>({
    text: `select 'workspace' as level, w.id, w.name, null as kind, w.settings as "workspaceSettings",
        null as "accountSettings", null as "channelSettings"
      from workspace w where w.id = $1
      union all
      (select 'account', a.id, a.name, null, w.settings, a.settings, null
        from account a join workspace w on w.id = a.workspace_id
        where a.workspace_id = $1 and a.deleted_at is null and a.settings <> '{}' order by a.id)
      union all
      (select 'channel', c.id, c.name, c.kind, w.settings, a.settings, c.settings
        from channel c join workspace w on w.id = c.workspace_id left join account a on a.id = c.account_id
        where c.workspace_id = $1 and c.deleted_at is null and c.settings <> '{}' order by c.id)`,
    values: [workspaceId],
  });
  return rows;
}

/** Whether bodies are destroyed anywhere on this instance. */
export async function isPurgingAnywhere(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `select 1 where exists (select from workspace where settings like $1)
      or exists (select from account where settings like $1)
      or exists (select from channel where settings like $1)`,
    values: ['%"inbound_body_purge":true%'],
  });
  return rowCount === 1;
}

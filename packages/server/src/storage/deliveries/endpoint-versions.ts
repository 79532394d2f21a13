import type { Queryable } from "../../core/events/recording.ts";
import type { Owner } from "../workspaces/accounts.ts";
import { type DeliveryState, lookUps } from "./delivery-reads.ts";

/** An endpoint as an event met it, and what became of the event there. */
export interface EndpointMet {
  serial: number;
  id: string;
  name: string;
  dialect: string;
  /** How it stood under the event's configuration: JSON text, null when it was not there yet. */
  snapshot: string | null;
  isTargeted: boolean;
  state: DeliveryState;
  attempts: number;
  reason: string | null;
}

export interface MetQuery {
  eventId: string;
  configVersion: number;
  /** Only endpoints after this serial. */
  after: number;
  /** Only this one; null for all. */
  only: number | null;
  limit: number;
}

/**
 * The endpoints of a workspace as they stood under a configuration version. One that is deleted, and
 * was not there then, is left out unless it is asked for: in a year there are many of them.
 */
export async function readEndpointsMet(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { eventId, configVersion, after, only, limit }: MetQuery,
): Promise<EndpointMet[]> {
  const { rows } = await db.query<EndpointMet>({
    text: `select p.serial, p.id, p.name, p.dialect, p.snapshot, p.serial = any(e.targets) as "isTargeted",
        coalesce(d.state, 'pending') as state, coalesce(d.attempts, 0) as attempts, d.reason
      from (select id, targets from event where id = $3 and workspace_id = $1) e
      cross join lateral (select serial, id, name, dialect, snapshot from endpoint
        left join lateral (select snapshot from endpoint_version
          where endpoint = serial and config_version <= $4
          order by config_version desc limit 1) v on true
        where workspace_id = $1 and ($2::uuid is null or owner_account_id = $2)
          and serial > $5 and ($6::int is null or serial = $6)
          and ($6 is not null or deleted_at is null or snapshot::jsonb ->> 'state' <> 'deleted')
        order by serial limit $7) p
      ${lookUps("e.id", "p.serial")}
      order by p.serial`,
    values: [workspaceId, accountId, eventId, configVersion, after, only, limit],
  });
  return rows;
}

import type { Town } from "../engine/town.ts";

/** How an endpoint stood. */
export interface Standing {
  serial: number;
  /** Requests may be made. */
  moves: boolean;
  rateLimit: number | null;
  /** The secrets that a request is to be signed with, and until when, ms since the epoch. */
  secrets: { value: string; expiresAt: number | null }[];
  /** When its breaker opened; null where it is closed. */
  openedAt: number | null;
}

/** The configuration at one moment. */
export interface Outlook {
  /** Its place in the order of all requests' beginnings and ends. */
  moment: number;
  at: number;
  /** The instance's, and the workspace's. */
  version: number;
  workspaceVersion: number;
  /** Every living process has reported this version. */
  isApplied: boolean;
  endpoints: Standing[];
}

export async function lookAt(town: Town, moment: number): Promise<Outlook> {
  const [row] = await town.rows<Omit<Outlook, "moment" | "at">>(
    `select i.config_version::float8 as version,
      (select config_version::float8 from workspace) as "workspaceVersion",
      not exists (select from process p where p.state = 'living' and p.config_version < i.config_version) as "isApplied",
      (select json_agg(json_build_object('serial', e.serial, 'rateLimit', e.rate_limit,
          'moves', e.state = 'enabled' and e.deleted_at is null,
          'openedAt', (select extract(epoch from h.opened_at) * 1000 from endpoint_health h
            where h.endpoint = e.serial and h.state = 'open'),
          'secrets', (select coalesce(json_agg(json_build_object('value', s.sealed,
              'expiresAt', extract(epoch from s.expires_at) * 1000)), '[]')
            from endpoint_secret s where s.endpoint_id = e.id and s.stage <> 'staged')))
        from endpoint e) as endpoints
     from instance i`,
  );
  if (!row) throw new Error("there is no instance");
  return { moment, at: town.clock.now(), ...row };
}

import type { Queryable } from "../../core/events/recording.ts";

/** How an endpoint fares, as every process sees it. Instants are ms since the epoch. */
export interface EndpointHealth {
  endpoint: number;
  /** `open`: its breaker is. */
  state: "ok" | "failing" | "open";
  /** The first failure after its last success. */
  failingSince: number | null;
  /** The same of the streak before, once that is over. */
  missedSince: number | null;
  lastFailedAt: number | null;
  lastStatus: number | null;
  lastError: string | null;
  openedAt: number | null;
  /** Probes that have failed since it opened. */
  probes: number;
  /** When the next probe may be made. */
  probeAt: number | null;
  /** The process that makes the one probe now. */
  probeProcess: number | null;
  changedAt: number;
}

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const COLUMNS = `h.endpoint, h.state, ${ms("h.failing_since")} as "failingSince",
  ${ms("h.missed_since")} as "missedSince",
  ${ms("h.last_failed_at")} as "lastFailedAt", h.last_status as "lastStatus", h.last_error as "lastError",
  ${ms("h.opened_at")} as "openedAt", h.probes, ${ms("h.probe_at")} as "probeAt",
  h.probe_process as "probeProcess", ${ms("h.changed_at")} as "changedAt"`;
const at = (parameter: number) => `to_timestamp($${parameter}::float8 / 1000)`;

/** What has changed since; from the beginning of time, only what does not fare well. */
export async function changedHealth(db: Queryable, since: number): Promise<EndpointHealth[]> {
  const { rows } = await db.query<EndpointHealth>({
    name: "changed_health",
    text: `select ${COLUMNS} from endpoint_health h where h.changed_at >= ${at(1)} and ($1 > 0 or h.state <> 'ok')`,
    values: [since],
  });
  return rows;
}

export async function findHealth(db: Queryable, endpoint: number): Promise<EndpointHealth | null> {
  const { rows } = await db.query<EndpointHealth>({
    text: `select ${COLUMNS} from endpoint_health h where h.endpoint = $1`,
    values: [endpoint],
  });
  return rows[0] ?? null;
}

export interface Failure {
  endpoint: number;
  since: number;
  at: number;
  status: number | null;
  error: string | null;
}

/** Notes that an endpoint fails, and since when; where that is known, the latest failure. */
export async function noteFailing(db: Queryable, failure: Failure): Promise<void> {
  await db.query({
    name: "note_failing",
    text: `insert into endpoint_health as h
        (endpoint, state, failing_since, last_failed_at, last_status, last_error, changed_at)
      values ($1, 'failing', ${at(2)}, ${at(3)}, $4, $5, ${at(3)})
      on conflict (endpoint) do update set
        state = case when h.state = 'ok' then 'failing' else h.state end,
        failing_since = case when h.state = 'ok' then excluded.failing_since else h.failing_since end,
        last_failed_at = greatest(h.last_failed_at, excluded.last_failed_at),
        last_status = excluded.last_status, last_error = excluded.last_error, changed_at = excluded.changed_at`,
    values: [failure.endpoint, failure.since, failure.at, failure.status, failure.error],
  });
}

/** Opens the breaker of an endpoint that is noted as failing. */
export async function openBreaker(db: Queryable, failure: Failure, probeAt: number): Promise<void> {
  await db.query({
    name: "open_breaker",
    text: `update endpoint_health h set state = 'open', opened_at = ${at(2)}, probes = 0, probe_at = ${at(3)},
        probe_process = null, probe_until = null, last_failed_at = ${at(2)}, last_status = $4, last_error = $5,
        changed_at = ${at(2)}
      where h.endpoint = $1 and h.state = 'failing'`,
    values: [failure.endpoint, failure.at, probeAt, failure.status, failure.error],
  });
}

/** Whether this process may make the one probe now: none is under way, or its prober is no more. */
export async function claimProbe(
  db: Queryable,
  o: { endpoint: number; process: number; now: number; until: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "claim_probe",
    text: `update endpoint_health h set probe_process = $2, probe_until = ${at(4)}, changed_at = ${at(3)}
      where h.endpoint = $1 and h.state = 'open' and h.probe_at <= ${at(3)}
        and (h.probe_process is null or h.probe_until < ${at(3)}
          or not exists (select 1 from process p where p.id = h.probe_process and p.state = 'living'))`,
    values: [o.endpoint, o.process, o.now, o.until],
  });
  return (rowCount ?? 0) > 0;
}

/** A probe has failed, or was not made after all (`failure` is null): another may come at `probeAt`. */
export async function endProbe(
  db: Queryable,
  o: {
    endpoint: number;
    process: number;
    now: number;
    probeAt: number;
    failure: Pick<Failure, "status" | "error"> | null;
  },
): Promise<void> {
  const { endpoint, process, now, probeAt, failure } = o;
  await db.query({
    name: "end_probe",
    text: `update endpoint_health h set probe_process = null, probe_until = null, probe_at = ${at(4)},
        changed_at = ${at(3)}, probes = h.probes + $5::bool::int,
        last_failed_at = case when $5 then ${at(3)} else h.last_failed_at end,
        last_status = case when $5 then $6 else h.last_status end,
        last_error = case when $5 then $7 else h.last_error end
      where h.endpoint = $1 and h.state = 'open' and h.probe_process = $2`,
    values: [
      ...[endpoint, process, now, probeAt, failure !== null],
      ...[failure?.status ?? null, failure?.error ?? null],
    ],
  });
}

/** It answers, or is given a new chance: its breaker closes and its failures are forgotten. */
export async function forgetFailures(db: Queryable, endpoint: number, now: number): Promise<void> {
  await db.query({
    name: "forget_failures",
    text: `update endpoint_health h set state = 'ok', missed_since = h.failing_since,
        failing_since = null, opened_at = null, probes = 0,
        probe_at = null, probe_process = null, probe_until = null, changed_at = ${at(2)}
      where h.endpoint = $1 and h.state <> 'ok'`,
    values: [endpoint, now],
  });
}

/** Lets no probe be further off than `latest`. */
export async function boundProbes(
  db: Queryable,
  { now, latest }: { now: number; latest: number },
): Promise<void> {
  await db.query({
    text: `update endpoint_health set probe_at = ${at(1)}, changed_at = ${at(2)}
      where state = 'open' and probe_at > ${at(1)}`,
    values: [latest, now],
  });
}

/** Lets the next probe come at once. */
export async function hurryProbe(db: Queryable, endpoint: number, now: number): Promise<void> {
  await db.query({
    text: `update endpoint_health h set probe_at = ${at(2)}, changed_at = ${at(2)}
      where h.endpoint = $1 and h.state = 'open' and h.probe_at > ${at(2)}`,
    values: [endpoint, now],
  });
}

/** Endpoints of these dialects that are enabled and whose every request has failed for so long. */
export async function listFailing(
  db: Queryable,
  o: { forMs: number; dialects: readonly string[] },
): Promise<{ id: string; serial: number; workspaceId: string; failingSince: number }[]> {
  const { rows } = await db.query<{
    id: string;
    serial: number;
    workspaceId: string;
    failingSince: number;
  }>({
    text: `select e.id, e.serial, e.workspace_id as "workspaceId", ${ms("h.failing_since")} as "failingSince"
      from endpoint_health h join endpoint e on e.serial = h.endpoint
      where h.state <> 'ok' and h.last_failed_at - h.failing_since >= make_interval(secs => $1::float8 / 1000)
        and e.state = 'enabled' and e.deleted_at is null and e.dialect = any($2::text[])
      order by h.failing_since limit 100`,
    values: [o.forMs, o.dialects],
  });
  return rows;
}

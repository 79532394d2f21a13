/**
 * How endpoints fare, beside their rows, which every change of configuration reads: the breaker and
 * its one probe, the tokens of those that limit their rate, and what came of their requests by hour.
 */
export const up = `
create table endpoint_health (
  endpoint int primary key,
  state text not null check (state in ('ok', 'failing', 'open')),
  failing_since timestamptz,
  last_failed_at timestamptz,
  last_status int,
  last_error text,
  opened_at timestamptz,
  probes int not null default 0,
  probe_at timestamptz,
  probe_process int,
  probe_until timestamptz,
  changed_at timestamptz not null
) with (fillfactor = 70);
create index endpoint_health_changed on endpoint_health (changed_at);
create index endpoint_health_failing on endpoint_health (failing_since) where state <> 'ok';

create table endpoint_rate (
  endpoint int primary key,
  granted_to float8 not null,
  granted int not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

create table endpoint_hour (
  endpoint int not null,
  hour timestamptz not null,
  delivered bigint not null,
  failed bigint not null,
  slow bigint not null,
  ms bigint not null,
  primary key (endpoint, hour)
) with (fillfactor = 70);
create index endpoint_hour_hour on endpoint_hour (hour);
`;

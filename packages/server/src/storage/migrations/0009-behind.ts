/**
 * Endpoints that are behind: from when on they move again, and how far each process is with what it
 * has begun under older configurations. Lanes come and go with every event that keeps its order, so
 * that their table is kept small like `retry`.
 */
export const up = `
alter table endpoint add column behind_until bigint;
create index endpoint_behind on endpoint (serial) where behind_from is not null;
alter table process add column passed_version bigint not null default 0;
alter table lane set (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
`;

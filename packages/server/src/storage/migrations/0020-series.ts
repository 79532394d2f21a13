/**
 * The ledger's books by the hour, so that charts are read from the same rows and cannot differ from it;
 * and how long requests took, as histograms. Rows from before stand at the first hour of their day.
 */
export const up = `
alter table tally add column hour smallint not null default 0;
alter table tally drop constraint tally_pkey, add primary key (workspace_id, endpoint, day, hour);
alter table tally_event add column hour smallint not null default 0;
alter table tally_event drop constraint tally_event_pkey, add primary key (workspace_id, day, hour);
alter table tally_delta add column hour smallint not null default 0;

alter table endpoint_hour add column answers int[] not null default '{}';
alter table endpoint_hour add column arrivals int[] not null default '{}';
`;

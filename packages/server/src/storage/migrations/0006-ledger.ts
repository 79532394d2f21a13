/**
 * The ledger's own floor: `tally` holds what is known of events up to it. `tally_delta` is read by
 * workspace, as the ledger is.
 */
export const up = `
create table tally_floor (
  only_one boolean primary key default true check (only_one),
  floor uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into tally_floor default values;

create table tally_event (
  workspace_id uuid not null,
  day date not null,
  accepted bigint not null default 0,
  unwanted bigint not null default 0,
  primary key (workspace_id, day)
);
create index tally_day on tally (workspace_id, day, endpoint);
`;

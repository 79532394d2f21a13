/**
 * Bodies that go earlier than the log: up to which event they are gone by their day, which others are gone
 * by themselves, and of which days the files still hold what was there.
 */
export const up = `
create table expunge_floor (
  only_one boolean primary key default true check (only_one),
  floor uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into expunge_floor default values;

create table expunged_event (
  event_id uuid primary key,
  workspace_id uuid not null,
  expunged_at timestamptz not null
);
create table unswept_day (
  day date primary key,
  at timestamptz not null
);
`;

/**
 * What is to be told of endpoints: written together with what it tells, gone together with the event that
 * tells it. Dead letters stand one by one until those of an endpoint are told of together.
 */
export const up = `
create table notice (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  endpoint int not null,
  type text not null,
  data text not null,
  made_at timestamptz not null
);
create table untold_dead_letter (
  endpoint int not null,
  event_id uuid not null,
  workspace_id uuid not null,
  died_at timestamptz not null,
  last_status int,
  last_error text,
  primary key (endpoint, event_id)
);
`;

/** Receivers inside Curlew, and the last requests that each of them has caught. */
export const up = `
create table catcher (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  account_id uuid,
  name text not null,
  status int not null,
  delay_ms int not null,
  keep int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index catcher_workspace on catcher (workspace_id, id);

create table catcher_request (
  id uuid primary key,
  catcher_id uuid not null references catcher (id) on delete cascade,
  received_at timestamptz not null,
  method text not null,
  headers text not null,
  body bytea,
  body_bytes int not null,
  answered int not null,
  endpoint_id uuid,
  verdict text
);
create index catcher_request_newest on catcher_request (catcher_id, id);
`;

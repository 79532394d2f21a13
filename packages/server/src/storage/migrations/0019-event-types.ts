/** A workspace's own event types, where it has described them. What is not described may be published too. */
export const up = `
create table event_type (
  workspace_id uuid not null references workspace (id),
  type text not null,
  description text not null default '',
  schema text,
  example text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, type)
);
`;

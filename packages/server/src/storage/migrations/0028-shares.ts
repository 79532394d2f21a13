/** When a process was declared dead, and what each workspace writes a day. */
export const up = `
alter table process add column lost_at timestamptz;
create table workspace_bytes (
  workspace_id uuid not null,
  day date not null,
  bytes bigint not null,
  primary key (workspace_id, day)
) with (fillfactor = 50);
`;

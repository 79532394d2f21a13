/**
 * Messages of a workspace in their order, whichever conversation they are of. A large day that is there
 * already does without: its messages are found by their primary key until the day is dropped.
 */
export const up = `
create index message_workspace on only message (workspace_id, id);
do $$
declare
  day text;
  -- About as much as is read in a second or two.
  bytes bigint := 1000000000;
begin
  for day in select inhrelid::regclass::text from pg_inherits
    where inhparent = 'message'::regclass order by 1 desc
  loop
    bytes := bytes - pg_table_size(day::regclass);
    exit when bytes < 0;
    execute format('create index %1$s_workspace on %1$s (workspace_id, id)', day);
    execute format('alter index message_workspace attach partition %s_workspace', day);
  end loop;
end $$;
`;

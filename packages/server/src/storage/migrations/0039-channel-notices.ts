/**
 * What is to be told of channels: that one pauses, or goes on. Written together with what it tells, gone
 * together with the event that tells it.
 */
export const up = `
create table channel_notice (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  channel_id uuid not null,
  notice text not null,
  made_at timestamptz not null
);
`;

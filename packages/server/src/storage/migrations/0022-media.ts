/** Files of messages are fetched in their turn, kept with what they turned out to be, and removed. */
export const up = `
alter table media
  add column kind text,
  add column declared text,
  add column attempts int not null default 0,
  add column next_at timestamptz not null default '-infinity',
  add column mime text,
  add column bytes bigint,
  add column sha256 text,
  add column failure text;
drop index media_fetching;
create index media_due on media (next_at) where state = 'fetching';

create table media_removal (
  media_id uuid primary key,
  asked_at timestamptz not null
);
`;

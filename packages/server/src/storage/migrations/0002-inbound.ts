/**
 * What customers' words carry beside their content, what is to be fetched for it, what came before the
 * message that it speaks of, and who does not want to be written to.
 */
export const up = `
alter table channel add column login text check (login in ('facebook', 'instagram'));

alter table message add column referral text, add column traits text;

create table media (
  id uuid not null,
  workspace_id uuid not null,
  channel_id uuid not null,
  message_id uuid not null,
  part int not null,
  provider_media_id text,
  provider_url text,
  state text not null default 'fetching' check (state in ('fetching', 'stored', 'failed')),
  created_at timestamptz not null,
  primary key (id)
) partition by range (id);
create index media_message on media (message_id);
create index media_fetching on media (id) where state = 'fetching';

create table waiting_item (
  id uuid primary key,
  channel_id uuid not null references channel (id),
  target text not null,
  provider text not null,
  item text not null,
  received_at timestamptz not null,
  expires_at timestamptz not null
);
create index waiting_item_target on waiting_item (channel_id, target);
create index waiting_item_expiry on waiting_item (expires_at);

create table consent (
  workspace_id uuid not null,
  channel_id uuid not null references channel (id),
  contact_id uuid not null references contact (id),
  topic text not null default '',
  state text not null check (state in ('opted_in', 'opted_out')),
  changed_at timestamptz not null,
  primary key (channel_id, contact_id, topic)
);
`;

/**
 * What somebody unknown said first waits here, a moment, until the provider has said who that is; who it
 * does not say at once is asked for again.
 */
export const up = `
create table newcomer_item (
  id uuid primary key,
  channel_id uuid not null references channel (id),
  identity_kind text not null,
  value text not null,
  item text not null,
  attempts int not null default 0,
  next_at timestamptz not null,
  received_at timestamptz not null
);
create index newcomer_item_person on newcomer_item (channel_id, identity_kind, value);
create index newcomer_item_due on newcomer_item (next_at);

create table profile_wish (
  channel_id uuid not null references channel (id),
  identity_kind text not null,
  value text not null,
  attempts int not null default 0,
  next_at timestamptz not null,
  primary key (channel_id, identity_kind, value)
);
create index profile_wish_due on profile_wish (next_at);
`;

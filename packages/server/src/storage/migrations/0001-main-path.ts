/**
 * Everything the main path stands on. Tables that grow are partitioned by the UUIDv7 of what they
 * hold, a day each; their partitions are made by `storage/retention/partitions.ts`, never by a migration.
 * `endpoint` in the engine's tables is the endpoint's serial: 4 bytes instead of 16.
 */
export const up = `
create table instance (
  only_one boolean primary key default true check (only_one),
  config_version bigint not null default 1,
  system_identifier text,
  admin_digest bytea,
  created_at timestamptz not null default now()
);
insert into instance default values;

create table workspace (
  id uuid primary key,
  serial int generated always as identity unique,
  name text not null,
  plan text not null default 'unlimited',
  settings text not null default '{}',
  is_default boolean not null default false,
  config_version bigint not null default 1,
  created_at timestamptz not null,
  deleted_at timestamptz
) with (fillfactor = 50);
create unique index workspace_default on workspace (is_default) where is_default;

create table account (
  id uuid primary key,
  serial int generated always as identity unique,
  workspace_id uuid not null references workspace (id),
  name text not null,
  external_id text,
  settings text not null default '{}',
  created_at timestamptz not null,
  deleted_at timestamptz
);
create index account_workspace on account (workspace_id, id);

create table api_key (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  account_id uuid references account (id),
  name text not null,
  prefix text not null,
  last4 text not null,
  digest bytea not null unique,
  scopes text[] not null,
  rotated_from uuid references api_key (id),
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_key_workspace on api_key (workspace_id, id);

create table channel (
  id uuid primary key,
  serial int generated always as identity unique,
  workspace_id uuid not null references workspace (id),
  account_id uuid references account (id),
  kind text not null,
  name text not null,
  external_id text not null,
  waba_id text,
  messaging_service_sid text,
  credentials text,
  settings text not null default '{}',
  is_default boolean not null default false,
  state text not null default 'connected' check (state in ('connected', 'paused', 'degraded')),
  state_reason text,
  paused_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create unique index channel_address on channel (kind, external_id) where deleted_at is null;
create index channel_workspace on channel (workspace_id, id);

create table contact (
  id uuid primary key,
  serial int generated always as identity unique,
  workspace_id uuid not null references workspace (id),
  account_id uuid references account (id),
  name text,
  custom_fields text not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index contact_workspace on contact (workspace_id, id);

create table identity (
  id uuid primary key,
  workspace_id uuid not null,
  channel_id uuid not null references channel (id),
  contact_id uuid not null references contact (id),
  kind text not null,
  value text not null,
  username text,
  created_at timestamptz not null,
  unique (channel_id, kind, value)
);
create index identity_contact on identity (contact_id);
create index identity_value on identity (workspace_id, value);

create table conversation (
  id uuid primary key,
  serial int generated always as identity unique,
  workspace_id uuid not null references workspace (id),
  account_id uuid references account (id),
  channel_id uuid not null references channel (id),
  contact_id uuid not null references contact (id),
  status text not null default 'open' check (status in ('open', 'escalated', 'closed')),
  seq bigint not null default 0,
  last_event_id uuid not null default '00000000-0000-0000-0000-000000000000',
  last_inbound_at timestamptz,
  ticket_ref text,
  first_touch text,
  metadata text not null default '{}',
  created_at timestamptz not null,
  closed_at timestamptz,
  unique (channel_id, contact_id)
) with (fillfactor = 80);
create index conversation_workspace on conversation (workspace_id, id);

create sequence message_serial as int;
create table message (
  id uuid not null,
  serial int not null default nextval('message_serial'),
  workspace_id uuid not null,
  account_id uuid,
  channel_id uuid not null,
  conversation_id uuid not null,
  contact_id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  actor text not null,
  actor_id text,
  status text not null,
  content text not null,
  raw text,
  provider_id text,
  quoted text,
  ticket_ref text,
  metadata text,
  error text,
  created_at timestamptz not null,
  received_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (id)
) partition by range (id);
create index message_conversation on message (conversation_id, id);

create table provider_ref (
  channel_id uuid not null,
  kind text not null,
  provider_id text not null,
  message_id uuid not null,
  primary key (channel_id, kind, provider_id)
);
create index provider_ref_message on provider_ref (message_id);

create table unroutable (
  id uuid not null,
  provider text not null,
  reason text not null,
  channel_kind text,
  external_id text,
  payload text not null,
  received_at timestamptz not null,
  primary key (id)
) partition by range (id);

create table outbox (
  message_id uuid primary key,
  place bigint generated always as identity,
  workspace_id uuid not null,
  channel_id uuid not null,
  conversation_id uuid not null,
  state text not null check (state in ('queued', 'sending', 'in_doubt')),
  request text not null,
  attempts int not null default 0,
  next_at timestamptz not null,
  owner int,
  left_at timestamptz,
  doubt_until timestamptz,
  created_at timestamptz not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index outbox_due on outbox (next_at) where state = 'queued';
create index outbox_owner on outbox (owner) where owner is not null;
create index outbox_channel on outbox (channel_id, next_at);
create index outbox_conversation on outbox (conversation_id, place);
create index outbox_doubt on outbox (doubt_until) where state = 'in_doubt';

create table idempotency (
  workspace_id uuid not null,
  route text not null,
  key text not null,
  hash bytea not null,
  refs uuid[] not null,
  status int,
  answer text,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (workspace_id, route, key)
);
create index idempotency_expiry on idempotency (expires_at) where expires_at is not null;

create table endpoint (
  id uuid primary key,
  serial int generated always as identity unique,
  workspace_id uuid not null references workspace (id),
  owner_account_id uuid references account (id),
  name text not null,
  description text,
  url text not null,
  dialect text not null,
  events text[] not null,
  channel_kinds text[] not null default '{}',
  channel_ids uuid[] not null default '{}',
  account_ids uuid[] not null default '{}',
  campaign_ids text[] not null default '{}',
  custom_fields text[] not null default '{}',
  retry_schedule int[],
  timeout_ms int,
  ordering text not null default 'parallel' check (ordering in ('parallel', 'conversation')),
  rate_limit int,
  headers text,
  filter text,
  auth text,
  metadata text not null default '{}',
  state text not null check (state in ('pending', 'enabled', 'disabled', 'paused')),
  state_reason text,
  disabled_by text check (disabled_by in ('user', 'failures', 'gone')),
  behind_from uuid,
  behind_version bigint,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create index endpoint_workspace on endpoint (workspace_id, id);

create table endpoint_version (
  endpoint int not null,
  config_version bigint not null,
  snapshot text not null,
  made_at timestamptz not null,
  primary key (endpoint, config_version)
);

create table endpoint_secret (
  id uuid primary key,
  endpoint_id uuid not null references endpoint (id),
  sealed text not null,
  stage text not null check (stage in ('staged', 'signing', 'retiring')),
  created_at timestamptz not null,
  expires_at timestamptz
);
create index endpoint_secret_endpoint on endpoint_secret (endpoint_id);

create table event (
  id uuid not null,
  workspace_id uuid not null,
  type text not null,
  account_id uuid,
  channel_id uuid,
  conversation_id uuid,
  campaign_id text,
  seq bigint,
  occurred_at timestamptz not null,
  payload text not null,
  targets int[] not null,
  config_version bigint not null,
  owner int not null,
  primary key (id)
) partition by range (id);
create index event_workspace on event (workspace_id, id);

create table delivery (
  event_id uuid not null,
  endpoint int not null,
  workspace_id uuid not null,
  state text not null check (state in ('pending', 'delivered', 'dead', 'cancelled')),
  first_state text not null check (first_state in ('pending', 'delivered', 'dead', 'cancelled')),
  attempts int not null,
  round int not null default 1,
  delivered_round int,
  last_status int,
  last_error text,
  last_at timestamptz not null,
  reason text,
  is_gap boolean not null default false,
  renderer int not null,
  body text,
  primary key (event_id, endpoint)
) partition by range (event_id);
create index delivery_endpoint on delivery (workspace_id, endpoint, event_id);
create index delivery_endpoint_open on delivery (workspace_id, endpoint, event_id) where state <> 'delivered';
create index delivery_open on delivery (workspace_id, event_id) where state <> 'delivered';

create table attempt (
  event_id uuid not null,
  endpoint int not null,
  n int not null,
  process int not null,
  round int not null,
  sent_at timestamptz not null,
  ms int not null,
  dns_ms int,
  connect_ms int,
  tls_ms int,
  first_byte_ms int,
  status int,
  error text,
  detail text,
  response text,
  signed_by uuid,
  primary key (event_id, endpoint, n, process)
) partition by range (event_id);

create table retry (
  event_id uuid not null,
  endpoint int not null,
  workspace_id uuid not null,
  next_at timestamptz not null,
  n int not null,
  round int not null,
  round_n int not null,
  conversation_id uuid,
  seq bigint,
  owner int,
  primary key (event_id, endpoint)
) with (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2,
  autovacuum_vacuum_insert_threshold = 50000
);
create index retry_due on retry (endpoint, next_at);
create index retry_order on retry (endpoint, conversation_id, seq);
create index retry_owner on retry (owner) where owner is not null;

create table lane (
  endpoint int not null,
  conversation_id uuid not null,
  head_event_id uuid,
  head_seq bigint,
  primary key (endpoint, conversation_id)
);

create sequence process_id as int;
create table process (
  id int primary key,
  name text not null,
  role text not null check (role in ('all', 'api', 'worker')),
  state text not null check (state in ('living', 'dead', 'recovered', 'high_water')),
  heartbeat bigint not null default 0,
  insert_floor uuid not null,
  settled_floor uuid not null,
  config_version bigint not null default 0,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null
) with (fillfactor = 20);
insert into process (id, name, role, state, insert_floor, settled_floor, started_at, heartbeat_at)
  values (0, 'highest floor of all', 'all', 'high_water', '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-000000000000', now(), now());

create table tally (
  workspace_id uuid not null,
  endpoint int not null,
  day date not null,
  targeted bigint not null default 0,
  delivered bigint not null default 0,
  dead bigint not null default 0,
  cancelled bigint not null default 0,
  primary key (workspace_id, endpoint, day)
);
create table tally_delta (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  endpoint int not null,
  day date not null,
  from_state text not null,
  to_state text not null,
  n int not null
);

create table job (
  id uuid primary key,
  workspace_id uuid,
  kind text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'stopped', 'failed')),
  params text not null default '{}',
  cursor text,
  done bigint not null default 0,
  total bigint,
  rate int,
  stop boolean not null default false,
  process int,
  error text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz
);
create index job_open on job (created_at) where state in ('waiting', 'running');
create index job_workspace on job (workspace_id, id);
`;

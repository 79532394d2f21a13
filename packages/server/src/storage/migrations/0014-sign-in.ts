/**
 * People, how they sign in, what they may do, and who changed what. The first five tables are laid
 * out as better-auth reads and writes them; `http/access/better-auth.ts` names their columns.
 */
export const up = `
create table person (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sign_in (
  id text primary key,
  token text not null unique,
  person_id text not null references person (id) on delete cascade,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sign_in_person on sign_in (person_id);

create table credential (
  id text primary key,
  person_id text not null references person (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index credential_person on credential (person_id);

create table verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verification_identifier on verification (identifier);

create table two_factor (
  id text primary key,
  person_id text not null references person (id) on delete cascade,
  secret text not null,
  backup_codes text not null,
  verified boolean default true,
  failed_verification_count int default 0,
  locked_until timestamptz
);
create index two_factor_person on two_factor (person_id);

create table member (
  workspace_id uuid not null references workspace (id),
  person_id text not null references person (id) on delete cascade,
  role text not null check (role in ('owner', 'developer', 'agent', 'read_only')),
  created_at timestamptz not null,
  primary key (workspace_id, person_id)
);
create index member_person on member (person_id);

create table invitation (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  email text not null,
  role text not null check (role in ('owner', 'developer', 'agent', 'read_only')),
  digest bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index invitation_workspace on invitation (workspace_id, id);

create table audit_entry (
  id uuid primary key,
  workspace_id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('admin', 'key', 'member')),
  actor_id text,
  operation text not null,
  method text not null,
  path text not null,
  request_id text not null,
  ip text
);
create index audit_entry_workspace on audit_entry (workspace_id, id);

alter table instance add column sign_in_secret text;
`;

/** When a message is to leave at the earliest, what stands in for it when it fails, and WhatsApp's templates. */
export const up = `
alter table outbox add column send_at timestamptz,
  add column holds_in_doubt boolean not null default false;

create table message_fallback (
  message_id uuid primary key,
  workspace_id uuid not null,
  units text not null,
  idempotency_key text,
  failed_at timestamptz,
  next_id uuid,
  created_at timestamptz not null
);
create index message_fallback_failed on message_fallback (failed_at)
  where failed_at is not null and next_id is null;

create table template (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  waba_id text not null,
  provider_id text,
  name text not null,
  language text not null,
  category text,
  status text,
  quality text,
  components text not null default '[]',
  synced_at timestamptz not null,
  unique (workspace_id, waba_id, name, language)
);
create table template_sync (
  workspace_id uuid not null references workspace (id),
  waba_id text not null,
  synced_at timestamptz not null,
  error text,
  primary key (workspace_id, waba_id)
);
`;

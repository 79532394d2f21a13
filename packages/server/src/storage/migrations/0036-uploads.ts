/** Files that were brought to be sent, until a message takes them along: from then on they are `media`. */
export const up = `
create table upload (
  id uuid primary key,
  workspace_id uuid not null,
  account_id uuid,
  filename text,
  declared text,
  mime text not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz not null
);
create index upload_workspace on upload (workspace_id);
`;

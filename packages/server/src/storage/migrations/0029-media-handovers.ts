/** Files that are kept nowhere, and which endpoint has had which: each is handed on once. */
export const up = `
create table media_handover (
  media_id uuid not null,
  endpoint int not null,
  leased_until timestamptz not null,
  handed_at timestamptz,
  primary key (media_id, endpoint)
);
`;

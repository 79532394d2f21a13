/** Codes of second factors that have opened a door, for as long as they could open another. */
export const up = `
create table used_code (
  person_id text not null references person (id) on delete cascade,
  code text not null,
  expires_at timestamptz not null,
  primary key (person_id, code)
);
`;

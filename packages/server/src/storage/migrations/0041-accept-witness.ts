/**
 * Of each accept that appends no event, something to be looked for: a server that crashed gives the numbers of
 * transactions that it has lost to others. A row is deleted by the next such accept, or goes with its process.
 */
export const up = `
create table accept_witness (
  id uuid primary key,
  process int not null references process (id) on delete cascade
);
`;

/** The names of the master keys that a process has, the one that seals first. */
export const up = `
alter table process add column key_ids text[] not null default '{}';
`;

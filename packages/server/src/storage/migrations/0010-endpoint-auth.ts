/**
 * What may be shown of an endpoint's own headers and of how we authenticate to it: the values
 * themselves are sealed from now on. Headers that were written before stand in clear until they are
 * written again.
 */
export const up = `
alter table endpoint add column header_names text[];
alter table endpoint add column auth_shown text;
`;

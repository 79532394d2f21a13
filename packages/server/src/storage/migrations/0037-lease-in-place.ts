/**
 * What a lease changes is no longer indexed, so that PostgreSQL writes it into the row's own page and leaves
 * the other indexes alone. Who looks for leases reads the table, which is small.
 */
export const up = `
drop index retry_owner;
`;

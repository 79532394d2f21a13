/** Since when an endpoint had failed before it fared well again: what it may have missed. */
export const up = `
alter table endpoint_health add column missed_since timestamptz;
`;

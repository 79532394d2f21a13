/**
 * Set exactly where an event's body is kept nowhere: a JSON object of what is kept for endpoints that have
 * given a key, by their serial, sealed to that key.
 */
export const up = `
alter table event add column held text;
`;

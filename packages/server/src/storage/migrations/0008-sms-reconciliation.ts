/** When a number's messages are next compared with its provider's log, and until when they have been. */
export const up = `
alter table channel add column reconcile_at timestamptz, add column reconciled_until timestamptz;
`;

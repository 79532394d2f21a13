/** When an endpoint last sent its token back; null for one that was never asked, or failed. */
export const up = `
alter table endpoint add column verified_at timestamptz;
`;

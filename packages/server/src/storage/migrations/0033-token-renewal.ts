/** Access tokens that end: when, when they are renewed next, and why that failed last. */
export const up = `
alter table channel
  add column token_expires_at timestamptz,
  add column token_renew_at timestamptz,
  add column token_error text;
`;

/** SMS that a workspace has sent in a calendar month, and how many its plan lets it. */
export const up = `
alter table plan add column sms_per_month int;
create table sms_usage (
  workspace_id uuid not null,
  month date not null,
  calls bigint not null,
  segments bigint not null,
  primary key (workspace_id, month)
) with (fillfactor = 50);
`;

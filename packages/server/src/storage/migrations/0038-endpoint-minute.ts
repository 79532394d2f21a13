/** What came of requests by the minute, for charts of the last hours: kept for a few of them. */
export const up = `
create table endpoint_minute (
  endpoint int not null,
  minute timestamptz not null,
  delivered bigint not null,
  failed bigint not null,
  slow bigint not null,
  answers int[] not null default '{}',
  arrivals int[] not null default '{}',
  primary key (endpoint, minute)
) with (fillfactor = 70);
create index endpoint_minute_minute on endpoint_minute (minute);
`;

/** What an endpoint chose about its dialect, and the dialect that it looks at beside its own. */
export const up = `
alter table endpoint add column dialect_options text not null default '{}';
alter table endpoint add column shadow_dialect text;
`;

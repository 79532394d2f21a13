/** Whose a contact's addresses are now that it turned out to be somebody else. */
export const up = `
alter table contact add column merged_into uuid references contact (id) on delete set null;
create index contact_merged on contact (merged_into) where merged_into is not null;
`;

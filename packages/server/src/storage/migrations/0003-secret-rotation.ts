/**
 * While an old secret retires: on which answers a request is sent again signed with it, and which
 * attempts needed that.
 */
export const up = `
alter table endpoint_secret add column resend_on int[];
alter table attempt add column resent_after int;
create index attempt_resent on attempt (endpoint, signed_by) where resent_after is not null;
`;

/**
 * Receipts that are owed: for each event that told of a purged message, until `message.purged` is written.
 * What a process that ended owes is told by another.
 */
export const up = `
create table purge_receipt (
  event_id uuid primary key,
  workspace_id uuid not null,
  message_id text not null,
  process int not null,
  created_at timestamptz not null
);
`;

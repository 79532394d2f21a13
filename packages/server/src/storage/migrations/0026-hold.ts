/**
 * Since when nothing leaves this instance until somebody says so, and why: what was restored may have
 * been sent already. And which queued messages an operator has cancelled.
 */
export const up = `
alter table instance
  add column deliveries_held_at timestamptz,
  add column messages_held_at timestamptz,
  add column held_reason text;
alter table outbox add column cancelled_at timestamptz;
create index outbox_cancelled on outbox (message_id) where cancelled_at is not null;
`;

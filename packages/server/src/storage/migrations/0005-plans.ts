/** The operator's table of plans, and what a workspace has been given of it. */
export const up = `
create table plan (
  name text primary key,
  title text not null,
  endpoints int,
  features text[] not null
);
insert into plan (name, title, endpoints, features) values
  ('free', 'Free', 1, '{webhooks}'),
  ('starter', 'Starter', 3, '{webhooks,send}'),
  ('pro', 'Pro', 10, '{webhooks,send,sms,whatsapp}'),
  ('business', 'Business', null, '{webhooks,send,sms,whatsapp}'),
  ('unlimited', 'Unlimited', null, '{webhooks,send,sms,whatsapp}');
alter table workspace
  add column add_ons text[] not null default '{}',
  add column trial_ends_at timestamptz,
  add column is_trial_over boolean not null default false;
create index workspace_trial on workspace (trial_ends_at) where trial_ends_at is not null and not is_trial_over;
`;

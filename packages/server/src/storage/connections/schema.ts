import type { ColumnType, Generated } from "kysely";
import type { InstagramLogin } from "../../core/messages/channel-kinds.ts";

/** Read as milliseconds since the epoch, written as a Date. */
export type Instant = ColumnType<number, Date, Date>;
export type MaybeInstant = ColumnType<number | null, Date | null | undefined, Date | null>;

/** The tables that ordinary queries know. The engine's statements are written by hand beside them. */
export interface Database {
  instance: InstanceTable;
  workspace: WorkspaceTable;
  account: AccountTable;
  api_key: ApiKeyTable;
  channel: ChannelTable;
  contact: ContactTable;
  identity: IdentityTable;
  conversation: ConversationTable;
  message: MessageTable;
  provider_ref: ProviderRefTable;
  unroutable: UnroutableTable;
  outbox: OutboxTable;
  message_fallback: MessageFallbackTable;
  template: TemplateTable;
  template_sync: TemplateSyncTable;
  idempotency: IdempotencyTable;
  endpoint: EndpointTable;
  endpoint_version: EndpointVersionTable;
  endpoint_secret: EndpointSecretTable;
  event: EventTable;
  delivery: DeliveryTable;
  attempt: AttemptTable;
  retry: RetryTable;
  process: ProcessTable;
  job: JobTable;
}

interface InstanceTable {
  only_one: Generated<boolean>;
  config_version: Generated<number>;
  system_identifier: string | null;
  admin_digest: Buffer | null;
  deliveries_held_at: MaybeInstant;
  messages_held_at: MaybeInstant;
  held_reason: string | null;
}

interface WorkspaceTable {
  id: string;
  serial: Generated<number>;
  name: string;
  plan: Generated<string>;
  settings: Generated<string>;
  is_default: Generated<boolean>;
  config_version: Generated<number>;
  created_at: Instant;
  deleted_at: MaybeInstant;
  add_ons: Generated<string[]>;
  trial_ends_at: MaybeInstant;
  is_trial_over: Generated<boolean>;
}

interface AccountTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  name: string;
  external_id: string | null;
  settings: Generated<string>;
  created_at: Instant;
  deleted_at: MaybeInstant;
}

interface ApiKeyTable {
  id: string;
  workspace_id: string;
  account_id: string | null;
  name: string;
  prefix: string;
  last4: string;
  digest: Buffer;
  scopes: string[];
  rotated_from: string | null;
  created_at: Instant;
  expires_at: MaybeInstant;
  revoked_at: MaybeInstant;
  last_used_at: MaybeInstant;
}

interface ChannelTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  account_id: string | null;
  kind: string;
  name: string;
  external_id: string;
  waba_id: string | null;
  messaging_service_sid: string | null;
  login: InstagramLogin | null;
  credentials: string | null;
  settings: Generated<string>;
  is_default: Generated<boolean>;
  state: Generated<"connected" | "paused" | "degraded">;
  state_reason: string | null;
  paused_until: MaybeInstant;
  /** Instagram's own login: when its token ends, when it is renewed next, and why that failed last. */
  token_expires_at: MaybeInstant;
  token_renew_at: MaybeInstant;
  token_error: string | null;
  /** SMS: when it is next compared with its provider's log, and until when it has been. */
  reconcile_at: MaybeInstant;
  reconciled_until: MaybeInstant;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: MaybeInstant;
}

interface ContactTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  account_id: string | null;
  name: string | null;
  custom_fields: Generated<string>;
  created_at: Instant;
  updated_at: Instant;
}

interface IdentityTable {
  id: string;
  workspace_id: string;
  channel_id: string;
  contact_id: string;
  kind: string;
  value: string;
  username: string | null;
  created_at: Instant;
}

interface ConversationTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  account_id: string | null;
  channel_id: string;
  contact_id: string;
  status: Generated<"open" | "escalated" | "closed">;
  seq: Generated<number>;
  last_event_id: Generated<string>;
  last_inbound_at: MaybeInstant;
  ticket_ref: string | null;
  first_touch: string | null;
  metadata: Generated<string>;
  created_at: Instant;
  closed_at: MaybeInstant;
}

interface MessageTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  account_id: string | null;
  channel_id: string;
  conversation_id: string;
  contact_id: string;
  direction: "inbound" | "outbound";
  actor: string;
  actor_id: string | null;
  status: string;
  content: string;
  raw: string | null;
  provider_id: string | null;
  quoted: string | null;
  ticket_ref: string | null;
  metadata: string | null;
  error: string | null;
  referral: string | null;
  traits: string | null;
  created_at: Instant;
  received_at: MaybeInstant;
  sent_at: MaybeInstant;
  delivered_at: MaybeInstant;
  read_at: MaybeInstant;
  failed_at: MaybeInstant;
  edited_at: MaybeInstant;
  deleted_at: MaybeInstant;
}

interface ProviderRefTable {
  channel_id: string;
  kind: string;
  provider_id: string;
  message_id: string;
}

interface UnroutableTable {
  id: string;
  provider: string;
  reason: string;
  channel_kind: string | null;
  external_id: string | null;
  payload: string;
  received_at: Instant;
}

interface OutboxTable {
  message_id: string;
  place: Generated<number>;
  workspace_id: string;
  channel_id: string;
  conversation_id: string;
  state: "queued" | "sending" | "in_doubt";
  request: string;
  attempts: Generated<number>;
  next_at: Instant;
  owner: number | null;
  left_at: MaybeInstant;
  doubt_until: MaybeInstant;
  created_at: Instant;
  send_at: MaybeInstant;
  holds_in_doubt: Generated<boolean>;
}

interface MessageFallbackTable {
  message_id: string;
  workspace_id: string;
  units: string;
  idempotency_key: string | null;
  failed_at: MaybeInstant;
  next_id: string | null;
  created_at: Instant;
}

interface TemplateTable {
  id: string;
  workspace_id: string;
  waba_id: string;
  provider_id: string | null;
  name: string;
  language: string;
  category: string | null;
  status: string | null;
  quality: string | null;
  components: Generated<string>;
  synced_at: Instant;
}

interface TemplateSyncTable {
  workspace_id: string;
  waba_id: string;
  synced_at: Instant;
  error: string | null;
}

interface IdempotencyTable {
  workspace_id: string;
  route: string;
  key: string;
  hash: Buffer;
  refs: string[];
  status: number | null;
  answer: string | null;
  created_at: Instant;
  expires_at: MaybeInstant;
}

interface EndpointTable {
  id: string;
  serial: Generated<number>;
  workspace_id: string;
  owner_account_id: string | null;
  name: string;
  description: string | null;
  url: string;
  dialect: string;
  dialect_options: Generated<string>;
  shadow_dialect: string | null;
  hold_key: string | null;
  events: string[];
  channel_kinds: Generated<string[]>;
  channel_ids: Generated<string[]>;
  account_ids: Generated<string[]>;
  campaign_ids: Generated<string[]>;
  custom_fields: Generated<string[]>;
  retry_schedule: number[] | null;
  timeout_ms: number | null;
  ordering: Generated<"parallel" | "conversation">;
  rate_limit: number | null;
  headers: string | null;
  header_names: string[] | null;
  filter: string | null;
  auth: string | null;
  auth_shown: string | null;
  metadata: Generated<string>;
  state: "pending" | "enabled" | "disabled" | "paused";
  state_reason: string | null;
  disabled_by: "user" | "failures" | "gone" | null;
  behind_from: string | null;
  behind_version: number | null;
  behind_until: number | null;
  verified_at: MaybeInstant;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: MaybeInstant;
}

interface EndpointVersionTable {
  endpoint: number;
  config_version: number;
  snapshot: string;
  made_at: Instant;
}

interface EndpointSecretTable {
  id: string;
  endpoint_id: string;
  sealed: string;
  stage: "staged" | "signing" | "retiring";
  created_at: Instant;
  expires_at: MaybeInstant;
  resend_on: number[] | null;
}

interface EventTable {
  id: string;
  workspace_id: string;
  type: string;
  account_id: string | null;
  channel_id: string | null;
  /** Null in events of before it was kept, too. */
  channel_kind: string | null;
  conversation_id: string | null;
  campaign_id: string | null;
  seq: number | null;
  occurred_at: Instant;
  payload: string;
  targets: number[];
  config_version: number;
  owner: number;
  history: string | null;
  held: string | null;
}

interface DeliveryTable {
  event_id: string;
  endpoint: number;
  workspace_id: string;
  state: "pending" | "delivered" | "dead" | "cancelled";
  first_state: "pending" | "delivered" | "dead" | "cancelled";
  attempts: number;
  round: Generated<number>;
  delivered_round: number | null;
  last_status: number | null;
  last_error: string | null;
  last_at: Instant;
  reason: string | null;
  is_gap: Generated<boolean>;
  renderer: number;
  body: string | null;
}

interface AttemptTable {
  event_id: string;
  endpoint: number;
  n: number;
  process: number;
  round: number;
  sent_at: Instant;
  ms: number;
  dns_ms: number | null;
  connect_ms: number | null;
  tls_ms: number | null;
  first_byte_ms: number | null;
  status: number | null;
  error: string | null;
  detail: string | null;
  response: string | null;
  signed_by: string | null;
  resent_after: number | null;
}

interface RetryTable {
  event_id: string;
  endpoint: number;
  workspace_id: string;
  next_at: Instant;
  n: number;
  round: number;
  round_n: number;
  conversation_id: string | null;
  seq: number | null;
  owner: number | null;
}

interface ProcessTable {
  id: number;
  name: string;
  role: "all" | "api" | "worker";
  state: "living" | "dead" | "recovered" | "high_water";
  heartbeat: Generated<number>;
  insert_floor: string;
  settled_floor: string;
  config_version: Generated<number>;
  passed_version: Generated<number>;
  started_at: Instant;
  heartbeat_at: Instant;
  followed_until: MaybeInstant;
}

interface JobTable {
  id: string;
  workspace_id: string | null;
  kind: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  params: Generated<string>;
  cursor: string | null;
  done: Generated<number>;
  total: number | null;
  rate: number | null;
  stop: Generated<boolean>;
  process: number | null;
  error: string | null;
  created_at: Instant;
  updated_at: Instant;
  finished_at: MaybeInstant;
}

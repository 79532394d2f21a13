import type { MediaFile } from "./content.ts";
import type { EventMessage, MessageError } from "./message.ts";

/** An id of yours may be a number. */
type Id = string | number;
type AnyObject = Record<string, unknown>;

/**
 * What the `data` of each type of the catalogue holds. Events that you publish yourself under such a type
 * hold what you gave them, so that most of their members may be absent; more may always be there.
 */
export interface EventData {
  /** A customer wrote to one of your channels. */
  "message.received": { message: EventMessage };
  /** A message left for a customer, whoever wrote it. */
  "message.sent": { message: EventMessage };
  /** A message reached the customer's device. */
  "message.delivered": MessageStatusData;
  /** The customer has seen a message. */
  "message.read": MessageStatusData;
  /** A message could not be delivered; the error says why and what helps. */
  "message.failed": OfMessage & { at?: string; error: MessageError };
  /** Nobody knows whether a message left: its provider did not say so within fifteen minutes. */
  "message.unconfirmed": OfMessage & { at?: string };
  /** A file of a message could not be fetched from its provider; the error says why. */
  "message.media_failed": OfMessage & { at?: string; media?: Partial<MediaFile> };
  /** A message was changed after it was sent. */
  "message.edited": RewrittenData;
  /** A message was withdrawn. */
  "message.deleted": RewrittenData;
  /** A reaction was put on a message. */
  "message.reaction_added": ReactionData;
  /** A reaction was taken from a message. */
  "message.reaction_removed": ReactionData;
  /** The body of a message was destroyed after it was forwarded. */
  "message.purged": OfMessage & {
    receipt_id?: string;
    purged_at?: string;
    stores?: string[];
    delivered?: number;
    lost?: number;
    sealed?: number;
    deliveries?: {
      id: string;
      event_type?: string;
      endpoint_id?: string | null;
      outcome?: string;
    }[];
  };
  /** The body of a message was destroyed and its one attempt had failed. */
  "message.purge_lost": OfMessage & {
    event_id?: string;
    event_type?: string;
    endpoint_id?: string | null;
    delivery_id?: string | null;
    attempted?: boolean;
    reason?: string | null;
  };
  /** A customer has finished a burst of messages; they come together. */
  "turn.completed": { turn_id?: Id; messages: EventMessage[] };
  /** Somebody began to type. */
  "typing.started": { actor: Actor };
  /** Somebody stopped typing. */
  "typing.stopped": { actor: Actor };
  /** A first message opened a conversation. */
  "conversation.created": { first_message?: EventMessage | null; automation_id?: Id | null };
  /** Something about a conversation changed. */
  "conversation.updated": { changes: Change[] };
  /** A closed conversation goes on. */
  "conversation.reopened": { changes?: Change[]; first_message?: EventMessage | null };
  /** A conversation was closed. */
  "conversation.closed": {
    closed_by?: string | null;
    reason?: string | null;
    duration?: number | null;
  };
  /** A conversation was given to an agent or a team. */
  "conversation.assigned": { agent?: unknown; team?: unknown };
  /** The time for free messages is about to end. */
  "conversation.window_closing": WindowData;
  /** The time for free messages has ended. */
  "conversation.window_closed": WindowData;
  /** Control over a conversation was offered to another party. */
  "control.offered": ControlData;
  /** Control over a conversation went to another party. */
  "control.passed": ControlData;
  /** The other party took control over a conversation. */
  "control.accepted": ControlData;
  /** Control over a conversation was given back. */
  "control.released": ControlData;
  /** Control over a conversation ended because its time was over. */
  "control.lease_expired": ControlData;
  /** A human is wanted in a conversation. */
  "handoff.requested": { handoff: Handoff };
  /** A human took over a conversation. */
  "handoff.started": { handoff: Handoff };
  /** A human has finished with a conversation. */
  "handoff.resolved": { handoff: Handoff };
  /** A contact left what makes them a lead. */
  "lead.created": { lead: Lead };
  /** Something about a lead changed. */
  "lead.updated": { lead: Lead; changes?: Change[] };
  /** A lead moved to another status. */
  "lead.status_changed": { lead: Lead; changes?: Change[] };
  /** An appointment was made. */
  "booking.created": { booking: Booking };
  /** An appointment was moved. */
  "booking.rescheduled": { booking: Booking };
  /** An appointment was cancelled. */
  "booking.cancelled": { booking: Booking };
  /** An appointment took place. */
  "booking.completed": { booking: Booking };
  /** The customer did not come to an appointment. */
  "booking.no_show": { booking: Booking };
  /** A reminder of an appointment was sent. */
  "booking.reminded": { booking: Booking };
  /** A rule matched and acted. */
  "automation.triggered": {
    automation: AnyObject;
    match?: unknown;
    outcome?: string | null;
    explanation?: string | null;
  };
  /** Somebody commented in public. */
  "comment.received": { comment: Comment };
  /** A public comment was answered. */
  "comment.replied": { comment: Comment };
  /** A comment was changed by whoever wrote it. */
  "comment.edited": { comment: Comment };
  /** A comment was taken away. */
  "comment.deleted": { comment: Comment };
  /** A person appeared for the first time. */
  "contact.created": { contact: Person };
  /** Something about a person changed. */
  "contact.updated": { contact: Person; changes?: Change[] };
  /** Two contacts turned out to be one person. */
  "contact.merged": { surviving: Person; discarded: Person };
  /** A merge of contacts was undone. */
  "contact.unmerged": { surviving: Person; discarded: Person };
  /** A contact was deleted. */
  "contact.deleted": { contact: Person; channel?: string | null };
  /** A customer asked not to be written to. */
  "consent.opted_out": ConsentData;
  /** A customer agreed to be written to. */
  "consent.opted_in": ConsentData;
  /** A campaign began. */
  "campaign.started": { campaign: Campaign };
  /** A campaign was halted. */
  "campaign.paused": { campaign: Campaign };
  /** A campaign has reached everybody. */
  "campaign.completed": { campaign: Campaign };
  /** A request to connect was sent. */
  "outreach.connection_sent": Outreach & { note?: string | null };
  /** A request to connect was accepted. */
  "outreach.connection_accepted": Outreach & { note?: string | null };
  /** A request to connect was taken back. */
  "outreach.connection_withdrawn": Outreach & { note?: string | null };
  /** A campaign's message was sent over LinkedIn, InMail or e-mail. */
  "outreach.message_sent": Outreach & { message: OutreachMessage; variant?: string | null };
  /** A contact of a campaign replied. */
  "outreach.replied": Outreach & {
    message: OutreachMessage;
    sentiment?: string | null;
    is_first?: boolean;
  };
  /** A contact's post was liked. */
  "outreach.post_liked": OutreachTarget;
  /** A contact's profile was visited. */
  "outreach.profile_visited": OutreachTarget;
  /** A contact was followed. */
  "outreach.followed": OutreachTarget;
  /** An e-mail was opened. */
  "email.opened": EmailData;
  /** A link in an e-mail was followed. */
  "email.clicked": EmailData;
  /** An e-mail came back. */
  "email.bounced": EmailData;
  /** A recipient does not want further e-mail. */
  "email.unsubscribed": EmailData;
  /** A message template was approved, refused or paused. */
  "template.status_changed": TemplateData;
  /** The quality rating of a message template changed. */
  "template.quality_changed": TemplateData;
  /** A message template was moved to another category. */
  "template.category_changed": TemplateData;
  /** A channel was connected. */
  "account.connected": AccountData;
  /** A channel was disconnected. */
  "account.disconnected": AccountData;
  /** A channel works only in part. */
  "account.degraded": AccountData;
  /** Something about a channel or its account changed at the provider. */
  "account.updated": AccountData;
  /** A telephone number is ready for use. */
  "number.provisioned": { number: string };
  /** A quota is nearly used up. */
  "quota.warned": MeterData;
  /** A quota is used up. */
  "quota.exceeded": MeterData;
  /** Credits were spent. */
  "credits.used": MeterData;
  /** An endpoint passed its verification. */
  "endpoint.verified": OfEndpoint;
  /** A test event for one endpoint. */
  "endpoint.tested": OfEndpoint & {
    event_type: string;
    delivered: boolean;
    status: number | null;
    error: string | null;
  };
  /** An endpoint was disabled, by a person or after failures. */
  "endpoint.disabled": OfEndpoint & {
    disabled_by: "user" | "failures" | "gone";
    reason: string | null;
  };
  /** A delivery's schedule is spent; it waits for replay. */
  "delivery.dead_lettered": OfEndpoint & {
    count: number;
    since: string;
    until: string;
    last_status: number | null;
    last_error: string | null;
    delivery_ids: string[];
  };
  /** A signing secret was staged, promoted or retired. */
  "secret.rotated": OfEndpoint & {
    step: "staged" | "promoted" | "retired" | "rotated";
    secret_id: string | null;
    retiring_until: string | null;
  };
}

interface OfMessage {
  message_id: string;
  provider_id?: string | null;
}

interface MessageStatusData extends OfMessage {
  at?: string;
  is_final?: boolean;
  pricing?: AnyObject | null;
}

interface RewrittenData extends OfMessage {
  at?: string | null;
  before?: AnyObject | null;
  after?: AnyObject | null;
}

interface ReactionData {
  reaction: { emoji?: string | null };
  target: { message_id?: string | null };
}

interface Actor {
  type: string;
  id?: Id;
  name?: string | null;
}

interface Change {
  field: string;
  from?: unknown;
  to?: unknown;
}

interface WindowData {
  until: string;
  channel?: string;
  /** What may be sent after that. */
  allowed_next?: string[];
}

interface ControlData {
  at?: string | null;
  /** One of ours by name; another app by its provider's id. */
  from?: string | AnyObject | null;
  to?: string | AnyObject | null;
  reason?: string | null;
  metadata?: unknown;
  history?: AnyObject[];
}

interface Handoff {
  id?: Id | null;
  reason?: string | null;
  trigger?: string | null;
  summary?: string | null;
  priority?: string | null;
  queue?: string | null;
  requested_at?: string | null;
  agent?: AnyObject | null;
}

interface Lead {
  id?: Id | null;
  serial?: number | null;
  status?: string | null;
  email?: string | null;
  phone?: string | null;
  name?: string | null;
  company?: string | null;
  score?: number | null;
  score_reasons?: string[] | null;
  source?: AnyObject | null;
  custom_fields?: AnyObject | null;
  conversation_id?: string | null;
  contact_id?: string | null;
  evidence?: AnyObject[] | null;
  created_at?: string | null;
  updated_at?: string | null;
}

interface Booking {
  id?: Id | null;
  status?: string | null;
  starts_at?: string | null;
  ends_at?: string | null;
  tz?: string | null;
  title?: string | null;
  location?: string | null;
  conversation_id?: string | null;
  source?: string | null;
  reminders?: string[] | null;
  reschedule_of?: Id | null;
}

interface Comment {
  /** Null of a post that names the account: of it there is no comment. */
  id: Id | null;
  text?: string | null;
  post?: AnyObject | null;
  parent_id?: Id | null;
  created_at?: string | null;
}

interface Person {
  id?: Id | null;
  serial?: number | null;
  name?: string | null;
  identities?: AnyObject[];
  custom_fields?: AnyObject | null;
  first_name?: string | null;
  last_name?: string | null;
  email?: string | null;
  phone?: string | null;
  linkedin_url?: string | null;
  company?: unknown;
}

interface ConsentData {
  at?: string | null;
  channel?: string;
  keyword?: string | null;
  topic?: string | null;
  /** What the customer wrote, or where it stands. */
  evidence?: string | AnyObject | null;
}

interface Campaign {
  id?: Id | null;
  serial?: number | null;
  name?: string | null;
  status?: string;
}

interface Outreach {
  campaign?: Campaign;
  step?: { n?: number; action?: string; variant?: string | null } | null;
  channel?: string;
  sender?: AnyObject | null;
  contact?: Person;
}

interface OutreachTarget extends Outreach {
  target: { url?: string | null; id?: Id | null };
}

/** As whoever runs the campaign tells of it. */
type OutreachMessage = Pick<EventMessage, "content"> & Partial<Omit<EventMessage, "content">>;

interface EmailData {
  message_id: string;
  link?: string | null;
  reason?: string | null;
}

interface TemplateData {
  template: AnyObject;
  before?: unknown;
  after: unknown;
}

interface AccountData {
  reason?: string | null;
  action_url?: string | null;
}

interface MeterData {
  meter?: string;
  used?: number;
  limit?: number | null;
  resets_at?: string | null;
}

interface OfEndpoint {
  endpoint_id: string;
  endpoint_name: string;
}

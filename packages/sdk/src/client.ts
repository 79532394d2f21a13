import { type ClientOptions, createTransport } from "./calls/transport.ts";
import { type Accounts, accountCalls } from "./resources/accounts.ts";
import { type ApiKeys, apiKeyCalls } from "./resources/api-keys.ts";
import { type AuditLog, auditLogCalls } from "./resources/audit-log.ts";
import { type Catchers, catcherCalls } from "./resources/catchers.ts";
import { type Channels, channelCalls } from "./resources/channels.ts";
import {
  type Contacts,
  type Conversations,
  contactCalls,
  conversationCalls,
  type Messages,
  messageCalls,
} from "./resources/conversations.ts";
import {
  type DeadLetters,
  type Deliveries,
  deadLetterCalls,
  deliveryCalls,
  queueCall,
} from "./resources/deliveries.ts";
import { type Dialects, dialectCalls } from "./resources/dialects.ts";
import { type Doctor, doctorCall } from "./resources/doctor.ts";
import { type Endpoints, endpointCalls } from "./resources/endpoints.ts";
import { type EventTypes, eventTypeCalls } from "./resources/event-types.ts";
import { type Events, eventCalls } from "./resources/events.ts";
import { healthCall, serverCall } from "./resources/instance.ts";
import { type Jobs, jobCalls } from "./resources/jobs.ts";
import { ledgerCall, seriesCall } from "./resources/ledger.ts";
import { type Media, mediaCalls } from "./resources/media.ts";
import {
  type Invitations,
  invitationCalls,
  type Members,
  meCall,
  memberCalls,
} from "./resources/members.ts";
import { type Plans, planCalls, usageCall } from "./resources/plans.ts";
import { sendCall } from "./resources/send.ts";
import { type SettingsCalls, settingsCalls } from "./resources/settings.ts";
import { type Simulator, simulatorCalls } from "./resources/simulator.ts";
import { type Templates, templateCalls } from "./resources/templates.ts";
import { type Unroutable, unroutableCalls } from "./resources/unroutable.ts";
import { type Workspaces, workspaceCalls } from "./resources/workspaces.ts";

/**
 * Curlew's API. Names and shapes are those of the wire. Every call rejects with CurlewError where the
 * server refuses or cannot be reached. What fails in a way that passes is made again, and never done
 * twice: requests that must not be repeated carry an idempotency key, or are not repeated.
 */
export class CurlewClient {
  /** An agency's clients inside the workspace. */
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  /** Who has changed what. */
  readonly auditLog: AuditLog;
  /** Receivers inside Curlew, for trying. */
  readonly catchers: Catchers;
  readonly channels: Channels;
  readonly contacts: Contacts;
  readonly conversations: Conversations;
  readonly deadLetters: DeadLetters;
  readonly deliveries: Deliveries;
  /** How endpoints can be spoken to. */
  readonly dialects: Dialects;
  /** Says what is wrong with the signature of a webhook. */
  readonly doctor: Doctor;
  readonly endpoints: Endpoints;
  readonly eventTypes: EventTypes;
  readonly events: Events;
  /** How the instance stands, the worst first; for its admin key. */
  readonly health: ReturnType<typeof healthCall>;
  readonly invitations: Invitations;
  /** Long work, such as replays. */
  readonly jobs: Jobs;
  /** What became of everything that was to be delivered, by day and endpoint. */
  readonly ledger: ReturnType<typeof ledgerCall>;
  /** Who asks: the admin, a key, or somebody who has signed in. */
  readonly me: ReturnType<typeof meCall>;
  /** Files that are brought to be sent. */
  readonly media: Media;
  readonly members: Members;
  readonly messages: Messages;
  readonly plans: Plans;
  /** Whether attempts begin when they are due. */
  readonly queue: ReturnType<typeof queueCall>;
  /** Sends a message to a customer, once, however often the request has to be made again. */
  readonly send: ReturnType<typeof sendCall>;
  /** The ledger over time, with failed requests and latency. */
  readonly series: ReturnType<typeof seriesCall>;
  /** Which server this is. */
  readonly server: ReturnType<typeof serverCall>;
  /** The workspace's. */
  readonly settings: SettingsCalls;
  /** The providers, played. */
  readonly simulator: Simulator;
  /** WhatsApp's, as they are at Meta. */
  readonly templates: Templates;
  /** What a provider told that belongs to no channel. */
  readonly unroutable: Unroutable;
  /** What the workspace has of its plan, and has used. */
  readonly usage: ReturnType<typeof usageCall>;
  /** The instance's tenants; for its admin key. */
  readonly workspaces: Workspaces;

  constructor(options: ClientOptions) {
    const call = createTransport(options);
    this.accounts = accountCalls(call);
    this.apiKeys = apiKeyCalls(call);
    this.auditLog = auditLogCalls(call);
    this.catchers = catcherCalls(call);
    this.channels = channelCalls(call);
    this.contacts = contactCalls(call);
    this.conversations = conversationCalls(call);
    this.deadLetters = deadLetterCalls(call);
    this.deliveries = deliveryCalls(call);
    this.dialects = dialectCalls(call);
    this.doctor = doctorCall(call);
    this.endpoints = endpointCalls(call);
    this.eventTypes = eventTypeCalls(call);
    this.events = eventCalls(call);
    this.health = healthCall(call);
    this.invitations = invitationCalls(call);
    this.jobs = jobCalls(call);
    this.ledger = ledgerCall(call);
    this.me = meCall(call);
    this.media = mediaCalls(call);
    this.members = memberCalls(call);
    this.messages = messageCalls(call);
    this.plans = planCalls(call);
    this.queue = queueCall(call);
    this.send = sendCall(call);
    this.series = seriesCall(call);
    this.server = serverCall(call);
    this.settings = settingsCalls(call);
    this.simulator = simulatorCalls(call);
    this.templates = templateCalls(call);
    this.unroutable = unroutableCalls(call);
    this.usage = usageCall(call);
    this.workspaces = workspaceCalls(call);
  }
}

import { type Channels, channelCalls } from "./channels.ts";
import {
  type Conversations,
  conversationCalls,
  type Messages,
  messageCalls,
} from "./conversations.ts";
import { type DeadLetters, type Deliveries, deadLetterCalls, deliveryCalls } from "./deliveries.ts";
import { type Doctor, doctorCall } from "./doctor.ts";
import { type Endpoints, endpointCalls } from "./endpoints.ts";
import { type EventTypes, eventTypeCalls } from "./event-types.ts";
import { type Events, eventCalls } from "./events.ts";
import { healthCall, serverCall } from "./instance.ts";
import { type Jobs, jobCalls } from "./jobs.ts";
import { ledgerCall, seriesCall } from "./ledger.ts";
import { type Media, mediaCalls } from "./media.ts";
import { sendCall } from "./send.ts";
import { type Templates, templateCalls } from "./templates.ts";
import { type ClientOptions, createTransport } from "./transport.ts";

/**
 * Curlew's API. Names and shapes are those of the wire. Every call rejects with CurlewError where the
 * server refuses or cannot be reached; none is repeated by itself.
 */
export class CurlewClient {
  readonly channels: Channels;
  readonly conversations: Conversations;
  readonly deadLetters: DeadLetters;
  readonly deliveries: Deliveries;
  /** Says what is wrong with the signature of a webhook. */
  readonly doctor: Doctor;
  readonly endpoints: Endpoints;
  readonly eventTypes: EventTypes;
  readonly events: Events;
  /** How the instance stands, the worst first; for its admin key. */
  readonly health: ReturnType<typeof healthCall>;
  readonly jobs: Jobs;
  /** What became of everything that was to be delivered, by day and endpoint. */
  readonly ledger: ReturnType<typeof ledgerCall>;
  /** Files that are brought to be sent. */
  readonly media: Media;
  readonly messages: Messages;
  /** Sends a message to a customer. Give an idempotency key to be able to ask again. */
  readonly send: ReturnType<typeof sendCall>;
  /** The ledger over time, with failed requests and latency. */
  readonly series: ReturnType<typeof seriesCall>;
  /** Which server this is. */
  readonly server: ReturnType<typeof serverCall>;
  /** WhatsApp's, as they are at Meta. */
  readonly templates: Templates;

  constructor(options: ClientOptions) {
    const call = createTransport(options);
    this.channels = channelCalls(call);
    this.conversations = conversationCalls(call);
    this.deadLetters = deadLetterCalls(call);
    this.deliveries = deliveryCalls(call);
    this.doctor = doctorCall(call);
    this.endpoints = endpointCalls(call);
    this.eventTypes = eventTypeCalls(call);
    this.events = eventCalls(call);
    this.health = healthCall(call);
    this.jobs = jobCalls(call);
    this.ledger = ledgerCall(call);
    this.media = mediaCalls(call);
    this.messages = messageCalls(call);
    this.send = sendCall(call);
    this.series = seriesCall(call);
    this.server = serverCall(call);
    this.templates = templateCalls(call);
  }
}

import type { EventData } from "./event-data.ts";
import type { Referral } from "./message.ts";

/** What is the same in the body of every native webhook. Fields may be added at any time. */
export interface EventEnvelope<Type extends string, Data> {
  /** The same as the `webhook-id` header. */
  id: string;
  /** Dotted and in the past tense, such as `message.received`. */
  type: Type;
  api_version: string;
  /** RFC 3339, UTC. */
  occurred_at: string;
  workspace_id: string;
  /**
   * Only where the log is read: the body is gone. Account, channel and conversation have their ids alone (with
   * `kind` and `seq`), `contact` is null and `data` empty.
   */
  body_expunged?: true;
  /** Only where the log is read: the body was forwarded and not kept. */
  body_purged?: true;
  account: { id: string; serial: number; name: string; external_id: string | null } | null;
  channel: { id: string; serial: number; kind: string; name: string; external_id: string } | null;
  conversation: {
    id: string;
    serial: number;
    /** Rises by one with every event of the conversation: sort by it. */
    seq: number | null;
    status: "open" | "escalated" | "closed";
    /** Whether our own AI answers. */
    ai_enabled?: boolean;
    window: { free_form_until: string | null; human_agent_until: string | null };
    ticket_ref: string | null;
    /** What brought the customer here first. */
    first_touch: Referral | null;
  } | null;
  contact: {
    id: string;
    serial: number;
    name: string | null;
    identities: { channel: string; kind: string; id: string; username: string | null }[];
    custom_fields: Readonly<Record<string, unknown>>;
  } | null;
  data: Data;
}

/** The types of the catalogue. */
export type EventTypeName = keyof EventData;

type EventsOf<Catalogue> = {
  [Type in keyof Catalogue & string]: EventEnvelope<Type, Catalogue[Type]>;
}[keyof Catalogue & string];

/**
 * The body of a native webhook: a union by `type`, which tells what `data` holds. Your own types go along
 * with what theirs hold: `WebhookEvent<{ "order.shipped": { order: string } }>`.
 */
export type WebhookEvent<Own extends object = Record<never, never>> = EventsOf<EventData & Own>;

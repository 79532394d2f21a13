/** The body of a native webhook. Fields may be added at any time: ignore those that you do not know. */
export interface WebhookEvent<Data = Readonly<Record<string, unknown>>> {
  /** The same as the `webhook-id` header. */
  id: string;
  /** Dotted and in the past tense, such as `message.received`. */
  type: string;
  api_version: string;
  /** RFC 3339, UTC. */
  occurred_at: string;
  workspace_id: string;
  /**
   * Only where the log is read: the body is gone. Account, channel and conversation have their ids alone (with
   * `kind` and `seq`), `contact` is null and `data` empty.
   */
  body_expunged?: true;
  account: { id: string; serial: number; name: string; external_id: string | null } | null;
  channel: { id: string; serial: number; kind: string; name: string; external_id: string } | null;
  conversation: {
    id: string;
    serial: number;
    /** Rises by one with every event of the conversation: sort by it. */
    seq: number | null;
    status: "open" | "escalated" | "closed";
    /** Whether our own AI answers. */
    ai_enabled: boolean;
    window: { free_form_until: string | null; human_agent_until: string | null };
    ticket_ref: string | null;
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

/** The least that a statement needs; a pool and a client of `pg` both have it. */
export interface Queryable {
  query<R extends object = never>(
    config: string | { name?: string; text: string; values?: unknown[] },
    values?: unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** A fact about to be recorded: what is known of an event before it has its id, seq and targets. */
export interface EventDraft {
  workspaceId: string;
  /** Canonical, dotted, past tense: `message.received`. */
  type: string;
  /** When it happened, ms since the epoch. */
  occurredAt: number;
  accountId: string | null;
  channelId: string | null;
  /** The channel's kind, for endpoints that filter by it. */
  channelKind: string | null;
  conversationId: string | null;
  campaignId: string | null;
  /**
   * The envelope's objects as the body shows them: snake_case, public ids. The engine adds `id`,
   * `type`, `api_version`, `occurred_at`, `workspace_id` and the conversation's `seq`.
   */
  account: object | null;
  channel: object | null;
  conversation: object | null;
  contact: object | null;
  data: object;
  /**
   * What is kept of `data` where a customer's words are not to be kept: `data` itself is forwarded once,
   * from memory, and written nowhere.
   */
  kept?: object | null;
  /** The unit that it comes of, where a transaction holds several: its attempts stand in that unit's trace. */
  unit?: object;
  /** The serial of an endpoint that must not get it: the event is about that one. */
  exceptEndpoint?: number;
}

/** What a customer's word makes of a conversation that is locked. */
export interface InboundNote {
  id: string;
  lastInboundAt: number | null;
  reopens: boolean;
  /** What brought the customer, as JSON text: kept only where nothing else was before it. */
  firstTouch: string | null;
}

export interface Recorded {
  /** The event's uuid. */
  id: string;
  /** Its number in the conversation, or null when it belongs to none. */
  seq: number | null;
}

/** What a room sees of the transaction in which it records facts. */
export interface Recording {
  /** Where everything is written. Its statements begin when it is certain that the transaction has begun. */
  readonly tx: Queryable;
  /**
   * For the locks and readings that `run` starts with, and for nothing else: they travel together with
   * the beginning of the transaction.
   */
  readonly opening: Queryable;
  /** The time of this transaction, ms since the epoch. */
  readonly now: number;
  newId(): string;
  /** Conversations that `run` has locked itself, as they stood then: `append` need not ask again. */
  hasLocked(conversations: readonly { id: string; seq: number; lastEventId: string }[]): void;
  /**
   * Writes events, their numbers and whom they must reach. Conversations are locked here, in order. What is
   * noted of conversations is written with their numbers: a row is written anew once, not twice.
   */
  append(drafts: readonly EventDraft[], notes?: readonly InboundNote[]): Promise<Recorded[]>;
}

export interface AcceptorSpec<Unit, Answer> {
  name: string;
  /** How many units one transaction takes at most. */
  maxUnits: number;
  /**
   * How much a unit weighs; a transaction takes up to `maxWeight` of it, or one unit that is heavier.
   * Absent: only the number of units counts.
   */
  weightOf?(unit: Unit): number;
  maxWeight?: number;
  /**
   * Units that share a lane never run in two transactions of this process at once, and keep their
   * order.
   */
  laneOf?(unit: Unit): readonly string[];
  /**
   * How long a unit waits for a database that takes nothing before it is refused, in words. Absent: for
   * as long as it takes, where nobody would bring it again.
   */
  waitMs?: number;
  /** Nobody would bring a unit again: none is refused because the database takes nothing, or too much waits. */
  refusesNone?: boolean;
  /** It may wait for a moment while webhooks gather that this process does not send fast enough. */
  bringsWebhooks?: boolean;
  /** Whose unit it is: those of different workspaces take turns. Absent: nobody's in particular. */
  workspaceOf?(unit: Unit): string;
  /** The same for units that are refused only when everybody's are: what they have in common takes one turn. */
  turnOf?(unit: Unit): string;
  /**
   * Answers in the order of the units. It may be called again from the beginning (a lost
   * connection, a deadlock, a newer configuration), so it has no effect outside `recording.tx`.
   * When a data error ends it, units are tried in halves until the one at fault stands alone.
   */
  run(recording: Recording, units: readonly Unit[]): Promise<Answer[]>;
}

/** Takes units of work; the answer comes when the transaction that holds them has committed. */
export interface Acceptor<Unit, Answer> {
  accept(unit: Unit): Promise<Answer>;
}

export type MakeAcceptor = <Unit, Answer>(
  spec: AcceptorSpec<Unit, Answer>,
) => Acceptor<Unit, Answer>;

import { CurlewError } from "../../core/errors.ts";
import { nativeBody } from "../../core/events/native-body.ts";
import type {
  EventDraft,
  InboundNote,
  Queryable,
  Recorded,
  Recording,
} from "../../core/events/recording.ts";
import type { AddressBody } from "../../core/messages/media.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { TracePlace } from "../../core/outside/tracing.ts";
import { noteInbound } from "../../storage/conversations/conversations.ts";
import {
  appendEvents,
  type LockedConversation,
  lockConversations,
  type NewEvent,
} from "../../storage/events/events.ts";
import { isLiving } from "../../storage/instance/processes.ts";
import {
  enterLanes,
  heldLanes,
  type Lane,
  lockLanes,
  type OrderedRow,
  promote,
} from "../../storage/queue/lanes.ts";
import { overflow } from "../../storage/queue/retries.ts";
import { oweReceipts } from "../../storage/retention/purge-receipts.ts";
import type { Directory, WorkspaceView } from "../directory/directory.ts";
import { type Ways, waysOf } from "../directory/ways.ts";
import type { Tracked } from "../processes/floors.ts";
import type { Registration } from "../processes/membership.ts";
import { freezeHistories } from "./history.ts";
import { sealBodies } from "./holding.ts";
import { messageOf } from "./purged-message.ts";

/** The process was declared dead: it must register anew before it may record anything. */
export class Fenced extends Error {}

/** A workspace's configuration has moved since it was read: match anew. */
export class StaleConfiguration extends Error {}

export interface Appended extends Ways {
  event: NewEvent;
  tracked: Tracked;
  /** The native body, where the event's payload is only what is kept of it. */
  clear: string | null;
  /** What is kept of that body for endpoints that have given a key, by their serial: whole bodies for them. */
  sealed: ReadonlyMap<number, string> | null;
  /** Of those that pass, those where something of the conversation has failed: what came after it may not be sent. */
  outOfTurn: ReadonlySet<number>;
  /** From when on those that are ordered are due, ms since the epoch. */
  dueAt: number;
  /** Where its first attempts belong in a trace; null where nobody traces. */
  place: TracePlace | null;
}

export interface AppendDeps {
  directory: Directory;
  ids: { next(): string; jumpAbove(id: string): void; last(): string };
  logger: Logger;
  addressBody: AddressBody;
  /** False in a process that has no sender: its deliveries wait in `retry` for one that has. */
  sends: boolean;
  /** The instance holds its deliveries back. */
  isHeld(): boolean;
}

/** Whom an event with this native body must reach, by its workspace's configuration. */
function targetsOf(draft: EventDraft, body: object, view: WorkspaceView | undefined): number[] {
  const { exceptEndpoint } = draft;
  const targets = view?.targets(draft, body) ?? [];
  return exceptEndpoint === undefined
    ? targets
    : targets.filter((serial) => serial !== exceptEndpoint);
}

/** The events of one transaction, as they are appended in it. */
export class Appending implements Recording {
  readonly appended: Appended[] = [];
  readonly tx: Queryable;
  readonly opening: Queryable;
  readonly now: number;
  readonly #deps: AppendDeps;
  readonly #registration: Registration;
  readonly #placeOf: ((unit: object | undefined) => TracePlace | null) | null;
  /** Conversations under this transaction's lock, with their numbers as it has changed them. */
  readonly #locked = new Map<string, LockedConversation>();
  #isOver = false;

  /** `begun` rejects when the transaction did not begin, or when nothing may be recorded in it. */
  constructor(
    deps: AppendDeps,
    registration: Registration,
    transaction: { client: Queryable; begun: Promise<unknown>; now: number },
    placeOf: ((unit: object | undefined) => TracePlace | null) | null = null,
  ) {
    this.#placeOf = placeOf;
    const { client, begun, now } = transaction;
    this.#deps = deps;
    this.#registration = registration;
    this.opening = client;
    this.tx = {
      query: async (config, values) => {
        await begun;
        if (this.#isOver) throw new Error("This transaction has already ended");
        return client.query(config, values);
      },
    };
    this.now = now;
  }

  newId(): string {
    return this.#deps.ids.next();
  }

  async append(
    drafts: readonly EventDraft[],
    notes: readonly InboundNote[] = [],
  ): Promise<Recorded[]> {
    if (drafts.length + notes.length === 0) return [];
    const views = await this.#views(drafts);
    const conversations = await this.#lock([...drafts.map(about), ...notes.map(({ id }) => id)]);
    const appended = drafts.map((draft) => this.#number(draft, views, conversations));
    await freezeHistories(
      this.tx,
      appended.map(({ event }) => event),
      views,
    );
    await sealBodies(appended, views, this.#deps);
    await this.#write(appended, conversations, notes);
    return appended.map(({ event: { id, seq } }) => ({ id, seq }));
  }

  /** Versions are read before the statement that demands them. */
  async #views(drafts: readonly EventDraft[]): Promise<Map<string, WorkspaceView>> {
    const views = new Map<string, WorkspaceView>();
    for (const { workspaceId } of drafts) {
      if (views.has(workspaceId)) continue;
      views.set(
        workspaceId,
        this.#deps.directory.cached(workspaceId) ?? (await this.#deps.directory.get(workspaceId)),
      );
    }
    return views;
  }

  hasLocked(conversations: readonly LockedConversation[]): void {
    for (const { id, seq, lastEventId } of conversations) {
      if (!this.#locked.has(id)) this.#locked.set(id, { id, seq, lastEventId });
    }
  }

  /** Ids are made after the lock, above the last of each conversation, so that id order is `seq` order. */
  async #lock(ids: readonly (string | null)[]): Promise<Map<string, LockedConversation>> {
    const wanted = new Set<string>();
    for (const id of ids) if (id !== null) wanted.add(id);
    const missing = [...wanted].filter((id) => !this.#locked.has(id)).sort();
    if (missing.length > 0) this.hasLocked(await lockConversations(this.tx, missing));
    const locked = new Map<string, LockedConversation>();
    for (const id of wanted) {
      const conversation = this.#locked.get(id);
      if (!conversation) continue;
      locked.set(id, conversation);
      this.#deps.ids.jumpAbove(conversation.lastEventId);
    }
    return locked;
  }

  #number(
    draft: EventDraft,
    views: ReadonlyMap<string, WorkspaceView>,
    conversations: ReadonlyMap<string, LockedConversation>,
  ): Appended {
    const id = this.#deps.ids.next();
    const tracked = this.#registration.floors.track(id);
    let seq: number | null = null;
    if (draft.conversationId !== null) {
      const conversation = conversations.get(draft.conversationId);
      if (!conversation) throw new Error(`there is no conversation ${draft.conversationId}`);
      seq = ++conversation.seq;
      conversation.lastEventId = id;
    }
    const view = views.get(draft.workspaceId);
    const body = nativeBody(draft, id, seq);
    const clear = draft.kept ? JSON.stringify(body) : null;
    const event: NewEvent = {
      id,
      workspaceId: draft.workspaceId,
      type: draft.type,
      accountId: draft.accountId,
      channelId: draft.channelId,
      channelKind: draft.channelKind,
      conversationId: draft.conversationId,
      campaignId: draft.campaignId,
      seq,
      occurredAt: draft.occurredAt,
      payload: JSON.stringify(draft.kept ? nativeBody(draft, id, seq, true) : body),
      history: null,
      held: clear === null ? null : "{}",
      targets: targetsOf(draft, body, view),
      configVersion: view?.version ?? 0,
    };
    const ways = waysOf(event, view);
    const appended = {
      event,
      tracked,
      clear,
      sealed: null,
      outOfTurn: NOBODY,
      ...ways,
      dueAt: this.now,
      place: this.#placeOf?.(draft.unit) ?? null,
    };
    this.appended.push(appended);
    return appended;
  }

  async #write(
    appended: readonly Appended[],
    conversations: ReadonlyMap<string, LockedConversation>,
    notes: readonly InboundNote[],
  ) {
    const process = this.#registration.id;
    const events = appended.map(({ event }) => event);
    const noted = numbered(notes, conversations);
    const others = [...conversations.values()].filter(({ id }) => !noted.has(id));
    const [written] = await Promise.all([
      appendEvents(this.tx, process, events, others),
      noteInbound(this.tx, [...noted.values()]),
    ]);
    if (written !== events.length) {
      throw (await isLiving(this.tx, process)) ? new StaleConfiguration() : new Fenced();
    }
    await this.#owe(appended);
    await this.#line(appended);
    await this.#letPass(appended);
    this.#refuseInVain(appended);
    if (!this.#deps.sends) await this.#queue(appended);
  }

  /** Of each body that is kept nowhere it is to be told that it is gone; costs nothing where none is. */
  async #owe(appended: readonly Appended[]): Promise<void> {
    const owed = appended.flatMap(({ event, clear }) => {
      const messageId = clear === null ? null : messageOf(event.payload).message_id;
      const { id: eventId, workspaceId } = event;
      return messageId === null ? [] : [{ eventId, workspaceId, messageId }];
    });
    if (owed.length === 0) return;
    await oweReceipts(this.tx, owed, { process: this.#registration.id, now: this.now });
  }

  /** What nobody here would forward, and nothing is kept of, is left to its provider, which comes again. */
  #refuseInVain(appended: readonly Appended[]): void {
    const { sends, isHeld } = this.#deps;
    if ((sends && !isHeld()) || !appended.some(isOnlyInMemory)) return;
    const reason = sends
      ? "Deliveries are held back, and a body is to be forwarded at once."
      : "This process sends nothing, and a body is to be forwarded at once.";
    throw new CurlewError("unavailable", reason);
  }

  /** What keeps its order takes its place in `retry`; costs nothing where nothing does. */
  async #line(appended: readonly Appended[]): Promise<void> {
    const rows: (OrderedRow & { heads: boolean })[] = [];
    for (const { event, ordered } of appended) {
      const { id: eventId, workspaceId, conversationId, seq } = event;
      if (conversationId === null || seq === null) continue;
      for (const each of ordered) {
        rows.push({ ...each, eventId, workspaceId, conversationId, seq });
      }
    }
    if (rows.length === 0) return;
    const locked = await lockLanes(this.tx, rows);
    const headless = await enterLanes(this.tx, locked, rows, this.now);
    await promote(this.tx, headless, this.now);
  }

  /** What is kept nowhere cannot wait for its turn: it passes what has none, and is lost where it has. */
  async #letPass(appended: readonly Appended[]): Promise<void> {
    const passing = appended.filter((each) => each.passing.length > 0);
    if (passing.length === 0) return;
    const lanes = passing.flatMap((each) => lanesOf(each.event, each.passing));
    const held = new Set((await heldLanes(this.tx, lanes)).map(nameOfLane));
    for (const each of passing) {
      const blocked = lanesOf(each.event, each.passing).filter((lane) =>
        held.has(nameOfLane(lane)),
      );
      each.outOfTurn = new Set(blocked.map(({ endpoint }) => endpoint));
    }
  }

  async #queue(appended: readonly Appended[]): Promise<void> {
    const rows = appended.flatMap(({ event, carried }) =>
      carried.map((endpoint) => ({
        eventId: event.id,
        endpoint,
        workspaceId: event.workspaceId,
        n: 1,
        round: 1,
        roundN: 1,
        conversationId: null,
        seq: null,
        leased: false,
      })),
    );
    if (rows.length > 0) await overflow(this.tx, this.#registration.id, rows, this.now);
  }

  /** The transaction is known to have left nothing behind. */
  abandon(): void {
    // What is still under way beside the statement that failed must write nothing after the rollback.
    this.#isOver = true;
    for (const { tracked } of this.appended) tracked.open = 0;
  }
}

/** Something of it is kept nowhere, and to be sent at once. */
function isOnlyInMemory({ clear, sealed, carried }: Appended): boolean {
  return clear !== null && carried.some((endpoint) => !sealed?.has(endpoint));
}

function about({ conversationId }: EventDraft): string | null {
  return conversationId;
}

/** What is noted of each conversation, with the numbers that it has now. */
function numbered(
  notes: readonly InboundNote[],
  conversations: ReadonlyMap<string, LockedConversation>,
): Map<string, InboundNote & LockedConversation> {
  const noted = new Map<string, InboundNote & LockedConversation>();
  for (const note of notes) {
    const conversation = conversations.get(note.id);
    if (!conversation) continue;
    const { seq, lastEventId } = conversation;
    noted.set(note.id, { ...note, seq, lastEventId });
  }
  return noted;
}

const NOBODY: ReadonlySet<number> = new Set();

function lanesOf({ conversationId }: NewEvent, endpoints: readonly number[]): Lane[] {
  return conversationId === null ? [] : endpoints.map((endpoint) => ({ endpoint, conversationId }));
}

function nameOfLane({ endpoint, conversationId }: Lane): string {
  return `${endpoint} ${conversationId}`;
}

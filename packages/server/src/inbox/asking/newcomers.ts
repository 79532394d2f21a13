import { LRUCache } from "lru-cache";
import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type {
  IdentityName,
  InboundItem,
  InboundOutcome,
  InboundRequest,
} from "../../core/messages/inbound.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { keyOfIdentity } from "../../storage/conversations/contacts.ts";
import {
  claimNewcomers,
  deleteProfileWishes,
  findNewcomerItems,
  insertNewcomerItems,
  insertProfileWishes,
  type Named,
  type PersonKey,
  readAcquaintances,
} from "../../storage/conversations/newcomers.ts";
import { findProfile, isAskedFor, type ProfileDeps } from "./profiles.ts";

/** How long what somebody unknown said waits for their name. */
const PATIENCE_MS = 2_000;
/** Longer than that: whoever kept it is taken for dead then. */
const LEASE_MS = 10_000;
const ASK_AGAIN_MS = 30_000;
/** People who are asked for at once; more go without a name at first. */
const MAX_ASKED = 32;
const MAX_KNOWN = 50_000;
const PAGE = 200;
/** What a fault of ours keeps from being taken is kept as it came, after so many times. */
const MAX_ATTEMPTS = 5;

export interface NewcomersDeps extends ProfileDeps {
  db: Queryable;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  newId(): string;
  clock: Pick<Clock, "now">;
  logger: Logger;
}

/**
 * Stands before the inbox. What people say who are known goes straight in. What somebody says whom nobody
 * knows, on a channel whose payloads carry no names, is kept first, and taken in with their name as soon as
 * the provider has said it, after two seconds without it.
 */
export class Newcomers implements Acceptor<InboundRequest, InboundOutcome> {
  readonly #deps: NewcomersDeps;
  readonly #known = new LRUCache<string, true>({ max: MAX_KNOWN });
  readonly #running = new Map<string, Promise<void>>();
  #asked = 0;

  constructor(deps: NewcomersDeps) {
    this.#deps = deps;
  }

  /** Resolves when everything is committed: told of, or kept until it is known of whom it is. */
  async accept(request: InboundRequest): Promise<InboundOutcome> {
    const { inbox } = this.#deps;
    const unknown = await this.#findUnknown(request);
    if (unknown.size === 0) return inbox.accept(request);
    const rest = request.items.filter((item) => !unknown.has(item));
    await this.#keep([...unknown]);
    const outcome = rest.length === 0 ? NOTHING : await inbox.accept({ ...request, items: rest });
    return { ...outcome, waiting: outcome.waiting + unknown.size };
  }

  /** Takes up what another process kept and did not take in. */
  async runOnce(): Promise<void> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const lease = { now, leasedUntil: now + LEASE_MS, limit: PAGE };
    await Promise.all((await claimNewcomers(db, lease)).map((person) => this.#meet(person)));
  }

  /** Resolves when everybody who is asked for has been taken in. */
  async quiet(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Items of people whom nobody knows, and whose they are. */
  async #findUnknown({
    items,
    onlyChannelId,
  }: InboundRequest): Promise<Map<InboundItem, PersonKey>> {
    const unknown = new Map<InboundItem, PersonKey>();
    const candidates = items.flatMap((item) => {
      const named = namedIn(item);
      return named && !this.#known.has(keyOfNamed(named)) ? [{ item, named }] : [];
    });
    if (candidates.length === 0) return unknown;
    const people = candidates.map(({ named }) => named);
    const standings = await readAcquaintances(this.#deps.db, people);
    candidates.forEach(({ item, named }, at) => {
      const standing = standings[at];
      if (!standing || (onlyChannelId !== null && onlyChannelId !== standing.channelId)) return;
      // What follows waits behind what is awaited, so that it is told in order.
      if (standing.isKnown && !standing.isAwaited) this.#known.set(keyOfNamed(named), true);
      else unknown.set(item, { channelId: standing.channelId, ...named.identity });
    });
    return unknown;
  }

  async #keep(unknown: readonly (readonly [InboundItem, PersonKey])[]): Promise<void> {
    const { db, newId, clock } = this.#deps;
    const now = clock.now();
    const rows = unknown.map(([item, { channelId, kind, value }]) => {
      return { id: newId(), channelId, kind, value, item };
    });
    await insertNewcomerItems(db, rows, { now, nextAt: now + LEASE_MS });
    const people = new Map(unknown.map(([, person]) => [keyOfIdentity(person), person]));
    for (const person of people.values()) void this.#meet(person);
  }

  /** One after the other for each person, so that nothing overtakes. Never rejects. */
  #meet(person: PersonKey): Promise<void> {
    const key = keyOfIdentity(person);
    const before = this.#running.get(key) ?? Promise.resolve();
    const run = before
      .then(() => this.#takeIn(person))
      .catch((error: unknown) => {
        const fields = { err: error, channel: publicId("ch", person.channelId) };
        this.#deps.logger.warn(fields, "what somebody new said could not be taken in yet");
      })
      .finally(() => {
        if (this.#running.get(key) === run) this.#running.delete(key);
      });
    this.#running.set(key, run);
    return run;
  }

  async #takeIn(person: PersonKey): Promise<void> {
    const { db, inbox, clock, logger } = this.#deps;
    let kept = await findNewcomerItems(db, person, PAGE);
    if (kept.length === 0) return;
    const profile = await this.#ask(person);
    if (profile.kind === "later") {
      const fields = { channel: publicId("ch", person.channelId), reason: profile.reason };
      logger.info(fields, "somebody new is taken in without a name, which is asked for again");
      await insertProfileWishes(db, [person], clock.now() + ASK_AGAIN_MS);
    } else await deleteProfileWishes(db, [person]);
    const { name, username } = profile.kind === "found" ? profile : NAMELESS;
    // More may have come while the provider was asked.
    for (; kept.length > 0; kept = await findNewcomerItems(db, person, PAGE)) {
      await inbox.accept({
        provider: "meta",
        items: kept.map(({ item, attempts }) =>
          attempts > MAX_ATTEMPTS ? untakeable(item) : named(item, name, username),
        ),
        onlyChannelId: null,
        kept: kept.map(({ id }) => id),
      });
    }
  }

  async #ask({ channelId, kind, value }: PersonKey) {
    if (this.#asked >= MAX_ASKED) {
      return { kind: "later", reason: "too many are asked for at once" } as const;
    }
    this.#asked += 1;
    try {
      return await findProfile(this.#deps, channelId, { kind, value }, PATIENCE_MS);
    } finally {
      this.#asked -= 1;
    }
  }
}

const NAMELESS = { name: null, username: null };
const NOTHING: InboundOutcome = {
  messages: 0,
  unsupported: 0,
  duplicates: 0,
  statuses: 0,
  facts: 0,
  waiting: 0,
  unroutable: 0,
};

/** Whose name is missing in what they, or the business, said; null where nothing is. */
function namedIn(item: InboundItem): Named | null {
  if ((item.kind !== "message" && item.kind !== "echo") || item.isHistory) return null;
  const person = item.kind === "message" ? item.sender : item.recipient;
  if (person.name !== null) return null;
  const identity = person.identities.find((each: IdentityName) =>
    isAskedFor(item.channel.kind, each),
  );
  return identity ? { address: item.channel, identity } : null;
}

function keyOfNamed({ address, identity }: Named): string {
  return `${address.kind} ${address.externalId} ${identity.value}`;
}

function named(item: InboundItem, name: string | null, username: string | null): InboundItem {
  if (item.kind === "message") return { ...item, sender: { ...item.sender, name, username } };
  if (item.kind === "echo") return { ...item, recipient: { ...item.recipient, name, username } };
  return item;
}

function untakeable(item: InboundItem): InboundItem {
  return { kind: "unreadable", channel: item.channel, reason: "internal_error", raw: item.raw };
}

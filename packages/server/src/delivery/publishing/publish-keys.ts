import type { Queryable, Recording } from "../../core/events/recording.ts";
import { keepPublished, releaseKeys } from "../../storage/events/publishing.ts";
import { claimKeys, type HeldKey, type KeyName } from "../../storage/idempotency.ts";
import type { Planned, PublishItem, PublishRequest, Refusal } from "./publish-request.ts";

const ROUTE = "POST /v1/events";
const KEPT_MS = 86_400_000;

/** What a key stands for: an event that was there before, or the place of a draft. */
interface Holder {
  hash: string;
  event: number | string;
}

/** The idempotency keys of one transaction: which were free, and what each has come to stand for. */
export class PublishKeys {
  /** The keys that this transaction has claimed. */
  readonly #won: ReadonlyMap<string, KeyName>;
  readonly #held: Map<string, Holder>;
  /** What the request that is being planned has taken. */
  #taking = new Map<string, Holder>();

  private constructor(won: ReadonlyMap<string, KeyName>, held: Map<string, Holder>) {
    this.#won = won;
    this.#held = held;
  }

  /** Claims every key of these requests, once. Waits for others that are claiming the same ones. */
  static async claim(
    { tx, now }: Recording,
    requests: readonly PublishRequest[],
  ): Promise<PublishKeys> {
    const claims = new Map<string, KeyName & { hash: Buffer }>();
    for (const { workspaceId, items } of requests) {
      for (const { key } of items) {
        if (key === null) continue;
        const name = nameOf(workspaceId, key.name);
        if (claims.has(name)) continue;
        claims.set(name, { workspaceId, route: ROUTE, key: key.name, hash: key.hash });
      }
    }
    const won = new Map<string, KeyName>();
    const held = new Map<string, Holder>();
    if (claims.size > 0) {
      const expiresAt = now + KEPT_MS;
      const rows = [...claims.values()].map((claim) => ({ ...claim, refs: [], expiresAt }));
      const holders = await claimKeys(tx, rows, now);
      for (const [at, claim] of rows.entries()) {
        const holder = holders[at];
        const name = nameOf(claim.workspaceId, claim.key);
        if (holder) held.set(name, { hash: hexOf(holder.hash), event: eventOf(holder) });
        else won.set(name, claim);
      }
    }
    return new PublishKeys(won, held);
  }

  /** The event that stands for an item: a new one, whose draft has this place, or the key's. */
  take(workspaceId: string, key: PublishItem["key"], place: number): Planned | Refusal {
    if (key === null) return { event: place, duplicate: false };
    const name = nameOf(workspaceId, key.name);
    const hash = hexOf(key.hash);
    const holder = this.#taking.get(name) ?? this.#held.get(name);
    if (!holder) {
      this.#taking.set(name, { hash, event: place });
      return { event: place, duplicate: false };
    }
    if (holder.hash === hash) return { event: holder.event, duplicate: true };
    const detail = "was used for another event within the last day";
    return { field: "idempotency_key", code: "idempotency_key_reused", detail };
  }

  /** The request is taken, and its keys with it. */
  keep(): void {
    for (const [name, holder] of this.#taking) this.#held.set(name, holder);
    this.#taking.clear();
  }

  /** The request is refused: its keys stay free. */
  forget(): void {
    this.#taking.clear();
  }

  /** Writes what the claimed keys stand for; those that came to stand for nothing are free again. */
  async settle(tx: Queryable, ids: readonly string[]): Promise<void> {
    const kept: (KeyName & { hash: Buffer; eventId: string })[] = [];
    const free: KeyName[] = [];
    for (const [name, key] of this.#won) {
      const holder = this.#held.get(name);
      const eventId = typeof holder?.event === "number" ? ids[holder.event] : undefined;
      if (holder && eventId !== undefined) {
        kept.push({ ...key, hash: Buffer.from(holder.hash, "hex"), eventId });
      } else free.push(key);
    }
    if (kept.length > 0) await keepPublished(tx, kept);
    if (free.length > 0) await releaseKeys(tx, free);
  }
}

function eventOf({ refs }: HeldKey): string {
  const [event] = refs;
  if (event === undefined) throw new Error("an idempotency key stands for no event");
  return event;
}

function nameOf(workspaceId: string, key: string): string {
  return `${workspaceId} ${key}`;
}

function hexOf(hash: Buffer): string {
  return hash.toString("hex");
}

import type { ServerResponse } from "node:http";
import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";

/** Who has no more requests than this, waiting and under way, passes at once. */
const FEW = 8;
/** For so long after it had more, a workspace counts as one that brings many. */
const BRINGS_MANY_MS = 1_000;
/** For so long after its last request others make room for a workspace. */
const ACTIVE_MS = 10_000;
/** While somebody with few requests is active, the process is to be no busier than this. */
const RESTING_LOAD = 0.3;
/** How many of a workspace that brings many are under way at a time: at first, and at least. */
const FIRST_WINDOW = 8;
const LEAST_WINDOW = 1;
const MOST_WINDOW = 1_024;
const LOOK_EVERY_MS = 50;
/** By how much the window grows and shrinks in one look. */
const GROWTH = 1.1;
const SHRINKAGE = 0.5;
/** What takes longer waits for somebody else, a provider or the database, and keeps nobody from passing. */
const TURN_MS = 20;
const LONGEST_WAIT_MS = 5_000;
/** What may not be refused passes after this. */
const LONGEST_WAIT_OF_OWED_MS = 1_000;
const MEGABYTE = 1024 * 1024;
/** What waits at most, of one workspace and of all. */
const MOST_OF_ONE = { requests: 5_000, bytes: 64 * MEGABYTE };
const MOST = { requests: 20_000, bytes: 256 * MEGABYTE };
const MOST_PARTIES = 1_000;

export interface TurnstileDeps {
  clock: Pick<Clock, "monotonic" | "sleep">;
  /** How busy the process was since it was last asked, 0 to 1. */
  load(): number;
  /** There was no room to wait: for anybody, or for more of one workspace. */
  onRefused(reason: "overload" | "workspace_share"): void;
}

/** A request that wants to be worked on. */
export interface Guest {
  workspaceId: string;
  /** What it holds in memory while it waits. */
  bytes: number;
  /**
   * Calls the listener when nobody waits for the answer any more, unless the function that it returns
   * was called before.
   */
  whenGone?(listener: () => void): () => void;
  /** It is never refused: who brought it would not bring it for ever. */
  isOwed?: boolean;
}

/** Nobody waits for the answer any more, and nothing was done. */
export class HungUp extends Error {}
/** What the log and the metrics call that. */
export const HUNG_UP = 499;

/** Calls the listener when the connection ends before the answer was sent; see `Guest`. */
export function whenClosed(outgoing: ServerResponse, listener: () => void): () => void {
  outgoing.once("close", listener);
  return () => void outgoing.off("close", listener);
}

interface Visit {
  readonly since: number;
}

interface Waiting {
  readonly guest: Guest;
  readonly since: number;
  /** With nothing: its turn has come. */
  end(refusal?: Error): void;
}

/** What one workspace has here. */
interface Party {
  seenAt: number;
  /** When it last had more than a few requests. */
  manyAt: number;
  /** Under way, by when each began: oldest first. */
  readonly inside: Set<Visit>;
  readonly waiting: Set<Waiting>;
  bytes: number;
}

/**
 * What stands before the work of a request, so that a workspace that brings as many as it can does not
 * fill the process that others share. Alone it passes freely. While others are active, only so many of
 * its requests are under way that the process stays half idle; the rest wait as the bytes that they
 * came as, and keep their client waiting too. Where all bring many, nobody is held back.
 */
export class Turnstile {
  readonly #deps: TurnstileDeps;
  readonly #parties = new Map<string, Party>();
  /** Whose request came last, and when the last one of anybody else came. */
  #last: Party | null = null;
  #othersAt = Number.NEGATIVE_INFINITY;
  #window = FIRST_WINDOW;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #waiting = 0;
  #bytes = 0;

  constructor(deps: TurnstileDeps) {
    this.#deps = deps;
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Does the work when it is the guest's turn, and settles as it does. Rejects with a refusal when too
   * much waits or it has waited too long, and with `HungUp` when the guest goes before its turn.
   */
  async pass<Answer>(guest: Guest, work: () => Promise<Answer>): Promise<Answer> {
    const now = this.#deps.clock.monotonic();
    const party = this.#partyOf(guest.workspaceId, now);
    const visit = this.#mayPass(party, now)
      ? enter(party, now)
      : await this.#wait(party, guest, now);
    try {
      return await work();
    } finally {
      party.inside.delete(visit);
      this.#admit(party);
    }
  }

  #partyOf(workspaceId: string, now: number): Party {
    let party = this.#parties.get(workspaceId);
    if (!party) {
      if (this.#parties.size >= MOST_PARTIES) this.#forgetIdle(now);
      party = {
        ...{ seenAt: now, manyAt: Number.NEGATIVE_INFINITY },
        ...{ inside: new Set(), waiting: new Set(), bytes: 0 },
      };
      this.#parties.set(workspaceId, party);
    }
    if (this.#last !== party) {
      if (this.#last) this.#othersAt = this.#last.seenAt;
      this.#last = party;
    }
    party.seenAt = now;
    note(party, now);
    return party;
  }

  #mayPass(party: Party, now: number): boolean {
    if (now - party.manyAt > BRINGS_MANY_MS) return true;
    if (!this.#isShared(party, now)) return true;
    if (party.waiting.size > 0) return false;
    if (party.inside.size + 1 > this.#window) forgetLong(party, now);
    return party.inside.size + 1 <= this.#window;
  }

  /** Whether anybody else is active. */
  #isShared(party: Party, now: number): boolean {
    const othersAt = this.#last === party ? this.#othersAt : (this.#last?.seenAt ?? 0);
    return now - othersAt < ACTIVE_MS;
  }

  #wait(party: Party, guest: Guest, since: number): Promise<Visit> {
    const refusal = this.#findRefusal(party, guest);
    if (refusal !== null) {
      return guest.isOwed ? Promise.resolve(enter(party, since)) : Promise.reject(refusal);
    }
    this.#waiting++;
    this.#bytes += guest.bytes;
    party.bytes += guest.bytes;
    return new Promise((resolve, reject) => {
      let stay: (() => void) | undefined;
      const waiting: Waiting = {
        guest,
        since,
        end: (refused) => {
          party.waiting.delete(waiting);
          this.#waiting--;
          this.#bytes -= guest.bytes;
          party.bytes -= guest.bytes;
          stay?.();
          if (refused) reject(refused);
          else resolve(enter(party, this.#deps.clock.monotonic()));
        },
      };
      party.waiting.add(waiting);
      stay = guest.whenGone?.(() => waiting.end(new HungUp()));
      void this.#look();
    });
  }

  #findRefusal(party: Party, { bytes, isOwed }: Guest): CurlewError | null {
    const { waiting } = party;
    const isShareFull =
      waiting.size >= MOST_OF_ONE.requests || party.bytes + bytes > MOST_OF_ONE.bytes;
    const isFull = this.#waiting >= MOST.requests || this.#bytes + bytes > MOST.bytes;
    if (!isShareFull && !isFull) return null;
    if (!isOwed) this.#deps.onRefused(isShareFull ? "workspace_share" : "overload");
    return isShareFull
      ? tooMany(
          `${waiting.size} requests of this workspace wait for their turn, which is its share`,
        )
      : new CurlewError("unavailable", "More requests wait for their turn than can be kept", {
          retryAfterS: 1,
        });
  }

  /** While anybody waits: fits the window to how busy the process is, and sees to who has waited long. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { clock, load } = this.#deps;
    if (clock.monotonic() - this.#lookedAt > ACTIVE_MS) this.#window = FIRST_WINDOW;
    load();
    while (this.#waiting > 0) {
      await clock.sleep(LOOK_EVERY_MS);
      const now = clock.monotonic();
      this.#lookedAt = now;
      this.#forgetIdle(now);
      const parties = [...this.#parties.values()];
      for (const party of parties) {
        forgetLong(party, now);
        note(party, now);
      }
      this.#fit(parties, now, load());
      for (const party of parties) {
        this.#endLongWaits(party, now);
        this.#admit(party);
      }
    }
    this.#isLooking = false;
  }

  #fit(parties: readonly Party[], now: number, load: number): void {
    // Who brought many when it was last seen makes no claim on quiet.
    const free = parties.filter(
      ({ seenAt, manyAt }) => now - seenAt < ACTIVE_MS && seenAt - manyAt > BRINGS_MANY_MS,
    );
    const factor = free.length === 0 ? GROWTH : RESTING_LOAD / Math.max(load, 0.01);
    const window = this.#window * Math.min(GROWTH, Math.max(SHRINKAGE, factor));
    // Nor fewer than somebody has who passes freely.
    const least = Math.max(LEAST_WINDOW, ...free.map(({ inside }) => inside.size));
    this.#window = Math.min(MOST_WINDOW, Math.max(least, window));
  }

  #endLongWaits({ waiting }: Party, now: number): void {
    for (const each of waiting) {
      const { isOwed } = each.guest;
      // In the order in which they came, so that the first who has not waited long ends it.
      if (now - each.since < LONGEST_WAIT_OF_OWED_MS) return;
      if (isOwed) each.end();
      else if (now - each.since >= LONGEST_WAIT_MS) {
        this.#deps.onRefused("workspace_share");
        each.end(
          tooMany("This workspace brings more than there is time for while others need theirs"),
        );
      }
    }
  }

  /** Lets in who waits and may pass. */
  #admit(party: Party): void {
    if (party.waiting.size === 0) return;
    const isShared = this.#isShared(party, this.#deps.clock.monotonic());
    for (const each of party.waiting) {
      if (isShared && party.inside.size + 1 > this.#window) return;
      each.end();
    }
  }

  #forgetIdle(now: number): void {
    for (const [id, party] of this.#parties) {
      const isIdle = party.inside.size === 0 && party.waiting.size === 0;
      if (isIdle && now - party.seenAt >= ACTIVE_MS) this.#parties.delete(id);
    }
  }
}

function enter({ inside }: Party, since: number): Visit {
  const visit = { since };
  inside.add(visit);
  return visit;
}

/** Sees whether it has many. */
function note(party: Party, now: number): void {
  if (party.inside.size + party.waiting.size >= FEW) party.manyAt = now;
}

/** What has been under way for long does not count any more. */
function forgetLong({ inside }: Party, now: number): void {
  for (const visit of inside) {
    if (now - visit.since < TURN_MS) return;
    inside.delete(visit);
  }
}

function tooMany(detail: string): CurlewError {
  return new CurlewError("too_many_requests", detail, { retryAfterS: 1 });
}

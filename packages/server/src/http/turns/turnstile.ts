import type { ServerResponse } from "node:http";
import { CurlewError } from "../../core/errors.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { Pulse } from "./pulse.ts";

/** Of what a workspace may bring freely in a second, so much at once after a rest. */
const AT_ONCE = 0.2;
/** Who has used that up is held back until this part of it has grown again. */
const RESTED = 0.5;
/** Of a list's events so many are held against who brought it: as many as a list may have. */
const MOST_OWED = 1_000;
/** For so long after its last request others make room for a workspace. */
const ACTIVE_MS = 10_000;
/** Long enough for a quiet request to meet none, most of the time; short for a client that waits for one. */
const PULSE_EVERY_MS = 160;
/** What a pulse let in is worked on by then. */
const PULSE_MS = PULSE_EVERY_MS / 2;
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
  /** Events that a workspace may bring a second without being held back; as many pass by pulses at least. */
  freePerSecond: number;
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
  /** It is a list of events; how many is known when it is read. */
  isList?: boolean;
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

interface Waiting {
  readonly guest: Guest;
  readonly since: number;
  /** With nothing: its turn has come. */
  end(refusal?: Error): void;
}

/** What one workspace has here. */
interface Party {
  seenAt: number;
  /** Events that it might bring freely at `freeAt`; below nothing, those of a list that it owes. */
  free: number;
  freeAt: number;
  /** It has used up what is free, and has not rested since. */
  bringsMany: boolean;
  /** When a pulse last let something of it in. */
  turnAt: number;
  /** Under way. */
  inside: number;
  readonly waiting: Set<Waiting>;
  bytes: number;
}

/**
 * What stands before the work of a request, so that a workspace that brings as much as it can does not
 * fill the process that others share. Alone it passes freely, and so does what it brings up to a number of
 * events a second. Beyond that, while others are active who bring less, its requests are let in by
 * pulses: what a pulse lets in shares its transactions, and between two of them the others meet an idle
 * process. The rest wait as the bytes that they came as, and keep their client waiting too. Where all
 * bring many, nobody is held back.
 */
export class Turnstile {
  readonly #deps: TurnstileDeps;
  readonly #parties = new Map<string, Party>();
  /** Who is active and brings few, the longest silent first. */
  readonly #quiet = new Set<Party>();
  readonly #pulse: Pulse;
  readonly #freeAtOnce: number;
  #openedAt = Number.NEGATIVE_INFINITY;
  #isBeating = false;
  #waiting = 0;
  #bytes = 0;

  constructor(deps: TurnstileDeps) {
    this.#deps = deps;
    this.#freeAtOnce = Math.max(1, deps.freePerSecond * AT_ONCE);
    this.#pulse = new Pulse(Math.max(1, (deps.freePerSecond * PULSE_EVERY_MS) / 1000));
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
    if (!this.#mayPass(party, now)) await this.#wait(party, guest, now);
    // What pulses let in is never owed: only a list is, which they could not cut into pieces.
    if (party.free > 0) party.free = Math.max(0, party.free - 1);
    party.inside++;
    try {
      return await work();
    } finally {
      party.inside--;
    }
  }

  /** Counts the events that a request which has passed holds beyond its first. */
  spend(workspaceId: string, events: number): void {
    const party = this.#parties.get(workspaceId);
    if (party) party.free = Math.max(-MOST_OWED, party.free - events);
  }

  #partyOf(workspaceId: string, now: number): Party {
    let party = this.#parties.get(workspaceId);
    if (!party) {
      if (this.#parties.size >= MOST_PARTIES) this.#forgetIdle(now);
      party = {
        ...{ seenAt: now, free: this.#freeAtOnce, freeAt: now, bringsMany: false },
        ...{ turnAt: Number.NEGATIVE_INFINITY, inside: 0, waiting: new Set(), bytes: 0 },
      };
      this.#parties.set(workspaceId, party);
    }
    party.seenAt = now;
    this.#refill(party, now);
    return party;
  }

  #mayPass(party: Party, now: number): boolean {
    this.#quiet.delete(party);
    if (party.bringsMany) return party.waiting.size === 0 && !this.#isAskedForQuiet(now);
    this.#quiet.add(party);
    return true;
  }

  /** Whether anybody is active who brings few. */
  #isAskedForQuiet(now: number): boolean {
    for (const party of this.#quiet) {
      if (now - party.seenAt < ACTIVE_MS) return true;
      this.#quiet.delete(party);
    }
    return false;
  }

  #wait(party: Party, guest: Guest, since: number): Promise<void> {
    const refusal = this.#findRefusal(party, guest);
    if (refusal !== null) return guest.isOwed ? Promise.resolve() : Promise.reject(refusal);
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
          else resolve();
        },
      };
      party.waiting.add(waiting);
      void this.#beat();
      stay = guest.whenGone?.(() => waiting.end(new HungUp()));
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

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const { clock, load } = this.#deps;
    // The first says nothing: before it was no rest.
    for (let isFirst = true; this.#waiting > 0; isFirst = false) {
      await clock.sleep(Math.max(0, this.#openedAt + PULSE_EVERY_MS - clock.monotonic()));
      const now = clock.monotonic();
      this.#openedAt = now;
      this.#forgetIdle(now);
      const queues = [...this.#parties.values()].filter(({ waiting }) => waiting.size > 0);
      for (const party of queues) this.#endLongWaits(party, now);
      const atRest = load();
      this.#pulse.open();
      this.#admit(queues, now);
      await clock.sleep(PULSE_MS);
      // What others bring and what else fills the machine is there at rest as well.
      const more = load() - atRest;
      if (!isFirst) this.#pulse.fit((more * PULSE_MS) / PULSE_EVERY_MS);
    }
    this.#isBeating = false;
  }

  #endLongWaits({ waiting, free }: Party, now: number): void {
    for (const each of waiting) {
      const { isOwed } = each.guest;
      // In the order in which they came, so that the first who has not waited long ends it.
      if (now - each.since < LONGEST_WAIT_OF_OWED_MS) return;
      if (isOwed) each.end();
      else if (now - each.since >= LONGEST_WAIT_MS) {
        this.#deps.onRefused("workspace_share");
        each.end(
          tooMany(
            "This workspace brings more than there is time for while others need theirs",
            Math.max(1, Math.ceil(-free / this.#deps.freePerSecond)),
          ),
        );
      }
    }
  }

  /** Lets in who waits and owes nothing, in turns over workspaces. */
  #admit(queues: readonly Party[], now: number): void {
    if (!this.#isAskedForQuiet(now)) {
      for (const { waiting } of queues) for (const each of waiting) each.end();
      return;
    }
    for (const party of queues) this.#refill(party, now);
    const isOpen = ({ free, waiting }: Party) => free >= 0 && waiting.size > 0;
    let open = queues.filter(isOpen).sort((a, b) => a.turnAt - b.turnAt);
    for (; open.length > 0; open = open.filter(isOpen)) {
      for (const party of open) {
        const [next] = party.waiting;
        if (next === undefined) continue;
        if (!this.#pulse.take()) return;
        party.turnAt = now;
        next.end();
        // How many events it holds is not known yet: nothing else comes in with it.
        if (next.guest.isList) return;
      }
    }
  }

  #refill(party: Party, now: number): void {
    const more = ((now - party.freeAt) / 1000) * this.#deps.freePerSecond;
    party.free = Math.min(this.#freeAtOnce, party.free + more);
    party.freeAt = now;
    if (party.free < 1 || party.waiting.size > 0) party.bringsMany = true;
    else if (party.free >= this.#freeAtOnce * RESTED) party.bringsMany = false;
  }

  #forgetIdle(now: number): void {
    for (const [id, party] of this.#parties) {
      const isIdle = party.inside === 0 && party.waiting.size === 0;
      if (isIdle && now - party.seenAt >= ACTIVE_MS) this.#parties.delete(id);
    }
  }
}

function tooMany(detail: string, retryAfterS = 1): CurlewError {
  return new CurlewError("too_many_requests", detail, { retryAfterS });
}

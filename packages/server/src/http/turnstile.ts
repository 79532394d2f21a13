import type { ServerResponse } from "node:http";
import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";
import { Pulse } from "./pulse.ts";

/** Who has no more requests than this, waiting and under way, passes at once. */
const FEW = 8;
/** For so long after it had more, a workspace counts as one that brings many. */
const BRINGS_MANY_MS = 1_000;
/** For so long after its last request others make room for a workspace. */
const ACTIVE_MS = 10_000;
/** Long enough for a quiet request to meet none, most of the time; short for a client that waits for one. */
const PULSE_EVERY_MS = 80;
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
  /** Under way. */
  inside: number;
  readonly waiting: Set<Waiting>;
  bytes: number;
}

/**
 * What stands before the work of a request, so that a workspace that brings as many as it can does not
 * fill the process that others share. Alone it passes freely. While others are active, its requests are
 * let in by pulses: what a pulse lets in shares its transactions, and between two of them whoever
 * brings few meets an idle process. The rest wait as the bytes that they came as, and keep their client
 * waiting too. Where all bring many, nobody is held back.
 */
export class Turnstile {
  readonly #deps: TurnstileDeps;
  readonly #parties = new Map<string, Party>();
  readonly #pulse: Pulse;
  /** Whose request came last, and when the last one of anybody else came. */
  #last: Party | null = null;
  #othersAt = Number.NEGATIVE_INFINITY;
  /** When somebody last brought many while others were active. */
  #crowdedAt = Number.NEGATIVE_INFINITY;
  #isBeating = false;
  #waiting = 0;
  #bytes = 0;

  constructor(deps: TurnstileDeps) {
    this.#deps = deps;
    this.#pulse = new Pulse(deps.load);
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
    party.inside++;
    try {
      return await work();
    } finally {
      party.inside--;
    }
  }

  #partyOf(workspaceId: string, now: number): Party {
    let party = this.#parties.get(workspaceId);
    if (!party) {
      if (this.#parties.size >= MOST_PARTIES) this.#forgetIdle(now);
      party = {
        ...{ seenAt: now, manyAt: Number.NEGATIVE_INFINITY },
        ...{ inside: 0, waiting: new Set(), bytes: 0 },
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
    if (now - party.manyAt > BRINGS_MANY_MS || !this.#isShared(party, now)) return true;
    this.#crowdedAt = now;
    void this.#beat();
    return party.waiting.size === 0 && this.#pulse.take();
  }

  /** Whether anybody else is active. */
  #isShared(party: Party, now: number): boolean {
    const othersAt = this.#last === party ? this.#othersAt : (this.#last?.seenAt ?? 0);
    return now - othersAt < ACTIVE_MS;
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

  /** While anybody brings many beside others, whether they wait or not: else nobody saw that it is time to. */
  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const { clock } = this.#deps;
    this.#pulse.begin(clock.monotonic());
    while (this.#waiting > 0 || clock.monotonic() - this.#crowdedAt < BRINGS_MANY_MS) {
      await clock.sleep(PULSE_EVERY_MS);
      const now = clock.monotonic();
      this.#forgetIdle(now);
      const parties = [...this.#parties.values()];
      for (const party of parties) note(party, now);
      // Who brought many when it was last seen makes no claim on quiet.
      const isAskedForQuiet = parties.some(
        ({ seenAt, manyAt }) => now - seenAt < ACTIVE_MS && seenAt - manyAt > BRINGS_MANY_MS,
      );
      this.#pulse.open(now, isAskedForQuiet);
      const queues = parties.filter(({ waiting }) => waiting.size > 0);
      for (const party of queues) this.#endLongWaits(party, now);
      this.#admit(queues, now);
    }
    this.#isBeating = false;
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

  /** Lets in who waits and may pass, in turns over workspaces. */
  #admit(queues: readonly Party[], now: number): void {
    for (
      let open = queues;
      open.length > 0;
      open = open.filter(({ waiting }) => waiting.size > 0)
    ) {
      for (const party of open) {
        const [next] = party.waiting;
        if (next === undefined) continue;
        if (this.#isShared(party, now) && !this.#pulse.take()) return;
        next.end();
      }
    }
  }

  #forgetIdle(now: number): void {
    for (const [id, party] of this.#parties) {
      const isIdle = party.inside === 0 && party.waiting.size === 0;
      if (isIdle && now - party.seenAt >= ACTIVE_MS) this.#parties.delete(id);
    }
  }
}

/** Sees whether it has many. */
function note(party: Party, now: number): void {
  if (party.inside + party.waiting.size >= FEW) party.manyAt = now;
}

function tooMany(detail: string): CurlewError {
  return new CurlewError("too_many_requests", detail, { retryAfterS: 1 });
}

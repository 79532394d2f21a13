import type { CurlewError } from "../../core/errors.ts";
import { type Guest, HungUp } from "./turnstile.ts";

export interface FairShareDeps {
  /** So much is under way at once, of all and of one workspace. */
  most: number;
  mostOfOne: number;
  /** What may wait of one workspace, by weight. */
  mostWaiting: number;
  /** Somebody finds no room to wait. */
  refuse(): CurlewError;
}

/** What is to be done for a workspace; it weighs 1 where nothing else is said. */
export type Share = Pick<Guest, "workspaceId" | "whenGone"> & { weight?: number };

interface Waiting {
  enter(): void;
}

interface Party {
  inside: number;
  weight: number;
  readonly waiting: Set<Waiting>;
}

/**
 * Does work a little at a time, workspaces in turns: whoever brings much waits behind its own, and others
 * meet no more than what is under way.
 */
export class FairShare {
  readonly #deps: FairShareDeps;
  /** Whose turn was longest ago first. */
  readonly #parties = new Map<string, Party>();
  #inside = 0;

  constructor(deps: FairShareDeps) {
    this.#deps = deps;
  }

  /**
   * Does the work when its turn has come, and settles as it does. Rejects with a refusal when too much of the
   * workspace waits, and with `HungUp` when nobody waits for it any more.
   */
  async pass<Answer>(share: Share, work: () => Promise<Answer>): Promise<Answer> {
    const { workspaceId } = share;
    const party = this.#partyOf(workspaceId);
    if (this.#hasRoomFor(party)) this.#enter(workspaceId, party);
    else await this.#wait(party, share);
    try {
      return await work();
    } finally {
      party.inside--;
      this.#inside--;
      this.#admit();
      if (party.inside === 0 && party.waiting.size === 0) this.#parties.delete(workspaceId);
    }
  }

  #partyOf(workspaceId: string): Party {
    const known = this.#parties.get(workspaceId);
    if (known) return known;
    const party: Party = { inside: 0, weight: 0, waiting: new Set() };
    this.#parties.set(workspaceId, party);
    return party;
  }

  #hasRoomFor({ inside }: Party): boolean {
    return this.#inside < this.#deps.most && inside < this.#deps.mostOfOne;
  }

  /** Its next turn comes after everybody else's. */
  #enter(workspaceId: string, party: Party): void {
    party.inside++;
    this.#inside++;
    this.#parties.delete(workspaceId);
    this.#parties.set(workspaceId, party);
  }

  #wait(party: Party, { workspaceId, weight = 1, whenGone }: Share): Promise<void> {
    if (party.weight + weight > this.#deps.mostWaiting) return Promise.reject(this.#deps.refuse());
    party.weight += weight;
    return new Promise((resolve, reject) => {
      const leave = () => {
        party.waiting.delete(waiting);
        party.weight -= weight;
      };
      const stay = whenGone?.(() => {
        leave();
        reject(new HungUp());
      });
      const waiting: Waiting = {
        enter: () => {
          leave();
          stay?.();
          this.#enter(workspaceId, party);
          resolve();
        },
      };
      party.waiting.add(waiting);
    });
  }

  #admit(): void {
    for (const party of [...this.#parties.values()]) {
      const [next] = party.waiting;
      if (next && this.#hasRoomFor(party)) next.enter();
    }
  }
}

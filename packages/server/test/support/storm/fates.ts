/** What becomes of a statement that a process asks its database for. */
export type Fate =
  /** It never arrived, and the connection is lost. */
  | "unheard"
  /** It was done, and the connection was lost before the answer. */
  | "unanswered"
  /** It was done, and the answer comes when the storm lets it. */
  | "late"
  /** It arrives when the storm lets it. */
  | "slow"
  /** As `unheard` to who asked; it arrives all the same, when the storm lets it. */
  | "undead"
  /** PostgreSQL refuses it with this SQLSTATE, and a transaction that it is part of. */
  | { refused: string }
  /** PostgreSQL ends the session instead of answering it. */
  | "ended";

/**
 * The next statement but `skip` of a lane ("settle"), its next COMMIT ("settle commit"), or the next of a
 * name, and those that follow it, `times` in all.
 */
export interface Spoil {
  what: string;
  skip: number;
  times: number;
  fate: Fate;
}

/** Why no connection can be made: nobody listens, there are too many, or the server is starting. */
export type Closed = "ECONNREFUSED" | "53300" | "57P03";

/** What all processes of a storm have in common: what is under way, and what is held back. */
export interface Surroundings {
  monotonic(): number;
  /** Something is done that ends by itself. */
  busy<T>(work: Promise<T>): Promise<T>;
  /** Resolves when the storm lets it. */
  hold(): Promise<void>;
  /** What a process tells the others. */
  tell(channel: string, payload: string): void;
}

/** What PostgreSQL says where the storm has it refuse something. */
export const STORM_MESSAGE = "a storm";

/** As `pg` gives what PostgreSQL, or the operating system, says. */
export function stormError(code: string): Error {
  return Object.assign(new Error(STORM_MESSAGE), { code });
}

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
  | { refused: string };

/** The next statement but `skip` of a lane ("settle"), its next COMMIT ("settle commit"), or the next of a name. */
export interface Spoil {
  what: string;
  skip: number;
  fate: Fate;
}

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

import type { Change } from "./changes.ts";
import type { Closed, Spoil } from "./fates.ts";
import type { Manner } from "./receivers.ts";

/** What happens next. `at` says which of the processes does it, or suffers it. */
export type Step =
  | {
      does: "publish";
      at: number;
      conversation: number | null;
      key: number | null;
      count: number;
      /** What follows does not wait until it is answered. */
      isHurried: boolean;
    }
  | { does: "forward"; at: number; conversation: number | null }
  | { does: "behave"; endpoint: number; manners: Manner[] }
  | { does: "wait"; ms: number }
  | { does: "let go"; which: number }
  | { does: "change"; at: number; endpoint: number; change: Change }
  | { does: "replay one"; at: number; which: number }
  | { does: "replay many"; at: number; endpoint: number; states: ("dead" | "delivered")[] }
  | { does: "open breaker"; endpoint: number }
  | { does: "days pass"; days: number }
  | { does: "housekeep" | "expunge"; at: number }
  | { does: "hold" | "release" | "roll up" }
  | { does: "stop"; at: number; graceMs: number }
  | Disaster;

/** What may cost a request more. */
type Disaster =
  | ({ does: "spoil"; at: number } & Spoil)
  | { does: "freeze" | "thaw" | "kill" | "deafen" | "hear"; at: number }
  /** It stands still for so long that others take it for dead. */
  | { does: "stall"; at: number }
  | { does: "set clock"; ms: number }
  /** The next connections of one process are not to be had. */
  | { does: "close"; at: number; why: Closed; times: number }
  /** The database starts anew: the sessions of all end. */
  | { does: "restart"; times: number };

const DISASTERS: readonly Step["does"][] = [
  ...(["spoil", "freeze", "thaw", "kill", "deafen", "hear"] as const),
  ...(["stall", "set clock", "close", "restart"] as const),
];

export function isDisaster({ does }: Step): boolean {
  return DISASTERS.includes(does);
}

/** How the processes of a storm are set up. */
export interface Weather {
  /** The second process sends nothing. */
  isSecondApi: boolean;
  /** How far the machines' clocks are from the database's. */
  skewMs: number;
}

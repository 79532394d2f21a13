import type { Receiver } from "../gateway/stage.ts";
import type { Options } from "../options.ts";

/** What every part stands on. */
export interface Ground {
  options: Options;
  receiver: Receiver;
  /** The receiver's. */
  port: number;
  /** The server to make a database on, or null for the embedded one. */
  databaseUrl: string | null;
  /** A directory of the part's own. */
  scratch: string;
  /** Tells whoever waits how far it is. */
  say(text: string): void;
}

import pg from "pg";
import { codeOf, DatabaseAway, isConnectionLost } from "./gate.ts";

const DISK_FULL = "53100";
const LOST_ON_THE_WAY = new Set(["ECONNRESET", "EPIPE"]);

/**
 * What was wrong with the database, and not with what was asked of it: it was `away` before anything was
 * asked, the connection was `lost` with the answer, its disk was full, or it had no room for more work.
 */
export type DatabaseTrouble = "away" | "lost" | "disk_full" | "no_room";

/** Null for an error that has another cause. */
export function troubleOf(error: unknown): DatabaseTrouble | null {
  if (error instanceof DatabaseAway) return "away";
  if (isConnectionLost(error) || LOST_ON_THE_WAY.has(codeOf(error))) return "lost";
  if (!(error instanceof pg.DatabaseError)) return null;
  const state = error.code ?? "";
  if (state === DISK_FULL) return "disk_full";
  if (state.startsWith("53")) return "no_room";
  // It was shut down or has crashed, with this under way.
  return state.startsWith("57P") ? "lost" : null;
}

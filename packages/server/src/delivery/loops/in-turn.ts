import { sqlState } from "./sql-error.ts";

const MOST_TRIES = 5;
/** A deadlock, and a transaction that another has overtaken. */
const OUT_OF_TURN = new Set(["40P01", "40001"]);

/** Leases are freed in no order, so a deadlock is possible; who loses it goes again. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!OUT_OF_TURN.has(sqlState(error) ?? "") || tries === MOST_TRIES) throw error;
    }
  }
}

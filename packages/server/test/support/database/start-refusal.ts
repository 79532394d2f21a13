import { StartError } from "../../../src/core/start-error.ts";

/** What the operator is told when `start` is refused; fails when it is not, or not in words. */
export async function startRefusal(start: Promise<unknown>): Promise<string> {
  try {
    await start;
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
  throw new Error("It was not refused");
}

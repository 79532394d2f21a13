import { CurlewError } from "../../core/errors.ts";
import { type DatabaseTrouble, troubleOf } from "../../storage/connections/database-trouble.ts";

const TRY_AGAIN_S = 5;
const SAFE_TO_REPEAT = "What is sent again with the same idempotency key is not done twice.";
const WORDS: Record<DatabaseTrouble, string> = {
  away: "The database cannot be reached now, or all its connections are in use.",
  lost: `The database fell silent: whether this was done is not known. ${SAFE_TO_REPEAT}`,
  disk_full: "The disk of the database is full: nothing of this request was kept.",
  no_room: "The database has no room for this now: nothing of this request was kept.",
};

/** What somebody is told whose request met a database in trouble; null for any other error. */
export function databaseRefusal(error: unknown): CurlewError | null {
  const trouble = troubleOf(error);
  return trouble === null ? null : refusalFor(trouble);
}

/** The refusal for what was under way when nobody could be asked any more how it ended. */
export function outcomeUnknown(): CurlewError {
  return refusalFor("lost");
}

function refusalFor(trouble: DatabaseTrouble): CurlewError {
  return new CurlewError("unavailable", WORDS[trouble], { retryAfterS: TRY_AGAIN_S });
}

import { StartError } from "../../core/start-error.ts";
import { readUrl } from "../../core/url.ts";
import { codeOf } from "./gate.ts";

/** A first connection that failed for good, in the operator's words; any other error as it is. */
export function refusalOf(error: unknown, url: string): Error {
  const words = wordsFor(error, url);
  if (words) return new StartError(words, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

function wordsFor(error: unknown, url: string): string | null {
  const message = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "28P01":
    case "28000":
      return `The database refuses to let Curlew in (${message}). Check the user, the password and pg_hba.conf behind DATABASE_URL.`;
    case "3D000":
      return `There is no such database: ${message}. Create it (encoding UTF8), or name another in DATABASE_URL.`;
    case "ENOTFOUND":
      return `DATABASE_URL names the host ${hostOf(url)}, which no name server knows.`;
    case "ERR_INVALID_URL":
      return "DATABASE_URL is not a URL. It reads postgresql://user:password@host:5432/database";
    case "08P01":
      return `Something between Curlew and PostgreSQL does not speak its whole protocol (${message}). Connect directly, or through a pooler in session mode.`;
    default:
      if (/SSL|certificate/i.test(message)) {
        return `The encrypted connection to the database failed: ${message}. Check sslmode in DATABASE_URL.`;
      }
      return null;
  }
}

/** The host alone: the rest of the URL holds the password. */
function hostOf(url: string): string {
  return readUrl(url)?.hostname ?? "(unreadable)";
}

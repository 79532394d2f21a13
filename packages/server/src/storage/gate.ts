import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;
const FULL_WAIT_MS = 100;
const TELL_EVERY_MS = 10_000;

const TOO_MANY_CONNECTIONS = "53300";
const AWAY = new Set([
  "57P01", // shut down by an administrator
  "57P02", // another backend crashed
  "57P03", // starting up, shutting down or recovering
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);
/** What `pg` says, without a code, when a connection ends or takes too long before it stands. */
const AWAY_MESSAGES = new Set([
  "Connection terminated unexpectedly",
  "timeout expired",
  "Query read timeout",
]);
/** A name that was once found and no longer is: a container that is being made anew. */
const NAME_NOT_FOUND = "ENOTFOUND";

export interface Gate {
  /**
   * The client that `connect` gets. While the server is away it waits and tries again; any other
   * failure is the caller's. What comes after `close` goes to `discard`.
   */
  pass<C>(connect: () => Promise<C>, discard: (client: C) => void): Promise<C>;
  /** Ends all waiting: whoever stands at the gate, or comes later, is refused. */
  close(): void;
}

/** `probe` makes a connection and gives it up again: one asks for all who wait. */
export function createGate(o: { probe: () => Promise<void>; clock: Clock; logger: Logger }): Gate {
  const closing = new AbortController();
  const refusals = new Set<(error: Error) => void>();
  let away: Promise<void> | null = null;
  let wasOpen = false;

  async function pass<C>(connect: () => Promise<C>, discard: (client: C) => void): Promise<C> {
    for (;;) {
      if (away) await untilRefused(away);
      try {
        const client = await untilRefused(connect(), discard);
        wasOpen = true;
        return client;
      } catch (error) {
        if (closing.signal.aborted) throw error;
        if (codeOf(error) === TOO_MANY_CONNECTIONS) {
          o.logger.warn({}, "The database has no connection to spare: waiting for one");
          await o.clock.sleep(FULL_WAIT_MS, closing.signal);
        } else if (isServerAway(error) || (wasOpen && codeOf(error) === NAME_NOT_FOUND)) {
          away ??= untilBack(error).finally(() => {
            away = null;
          });
        } else {
          throw error;
        }
      }
    }
  }

  /** Settles as `work` does, or with a refusal when the gate closes before. */
  function untilRefused<T>(work: Promise<T>, discard?: (value: T) => void): Promise<T> {
    if (closing.signal.aborted) {
      work.then(discard, () => {});
      return Promise.reject(closedError());
    }
    // Not Promise.race against one promise that lives as long as the process: each call would
    // leave a reaction on it.
    return new Promise((resolve, reject) => {
      refusals.add(reject);
      work
        .then(
          (value) => (closing.signal.aborted ? discard?.(value) : resolve(value)),
          (error: unknown) => reject(error),
        )
        .finally(() => refusals.delete(reject));
    });
  }

  /** Resolves when a connection can be made again; throws what waiting cannot mend. */
  async function untilBack(reason: unknown): Promise<void> {
    const since = o.clock.monotonic();
    let toldAt = since;
    o.logger.warn({ reason: describe(reason) }, "The database is away: waiting for it");
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      await o.clock.sleep(waitMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        await o.probe();
        break;
      } catch (error) {
        const now = o.clock.monotonic();
        const mayReturn =
          isServerAway(error) || [TOO_MANY_CONNECTIONS, NAME_NOT_FOUND].includes(codeOf(error));
        if (!mayReturn) throw error;
        if (now - toldAt >= TELL_EVERY_MS) {
          toldAt = now;
          o.logger.warn(
            { reason: describe(error), awayMs: Math.round(now - since) },
            "The database is still away",
          );
        }
      }
    }
    o.logger.info({ awayMs: Math.round(o.clock.monotonic() - since) }, "The database is back");
  }

  return {
    pass,
    close() {
      closing.abort();
      for (const refuse of refusals) refuse(closedError());
      refusals.clear();
    },
  };
}

/** Whether an error says that the server is not there now, and may be there soon. */
export function isServerAway(error: unknown): boolean {
  return AWAY.has(codeOf(error)) || (error instanceof Error && AWAY_MESSAGES.has(error.message));
}

/** An error's SQLSTATE or system code; "" when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function describe(error: unknown): string {
  return codeOf(error) || (error instanceof Error ? error.message : String(error));
}

function closedError(): Error {
  return new Error("The connections to the database have been closed");
}

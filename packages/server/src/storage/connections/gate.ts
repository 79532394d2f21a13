import { Numbered } from "../../core/numbered.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { Shortage } from "./shortage.ts";

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;
const TELL_EVERY_MS = 10_000;

const TOO_MANY_CONNECTIONS = "53300";
/** What `pg`'s pool says when no client came free in time. */
const NONE_CAME_FREE = "timeout exceeded when trying to connect";
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
  "Connection terminated due to connection timeout",
  "timeout expired",
  "Query read timeout",
]);
/** A name that was once found and no longer is: a container that is being made anew. */
const NAME_NOT_FOUND = "ENOTFOUND";

/** There was no connection to be had in the time that there was. Nothing was asked of the database. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";
}

export interface Gate {
  /**
   * The client that `connect` gets. While the server is away it waits and tries again, for `waitMs`
   * or as long as it takes; who comes when an outage has lasted longer than that is refused at once.
   * Any other failure is the caller's. What comes after `close` goes to `discard`.
   */
  pass<C>(connect: () => Promise<C>, discard: (client: C) => void, waitMs?: number): Promise<C>;
  /** Ends all waiting: whoever stands at the gate, or comes later, is refused. */
  close(): void;
}

interface Outage {
  readonly since: number;
  /** Resolves when it is over; rejects with what waiting cannot mend. */
  readonly over: Promise<void>;
}

/** `probe` makes a connection and gives it up again: one asks for all who wait. */
export function createGate(o: { probe: () => Promise<void>; clock: Clock; logger: Logger }): Gate {
  const closing = new AbortController();
  const shortage = new Shortage({ ...o, closing: closing.signal });
  const refusals = new Numbered<(error: Error) => void>();
  let outage: Outage | null = null;
  let wasOpen = false;

  async function pass<C>(
    connect: () => Promise<C>,
    discard: (client: C) => void,
    waitMs = Number.POSITIVE_INFINITY,
  ): Promise<C> {
    const since = o.clock.monotonic();
    for (;;) {
      if (outage) await untilRefused(untilOver(outage, Math.min(since, outage.since) + waitMs));
      try {
        const client = await untilRefused(connect(), discard);
        wasOpen = true;
        shortage.passed();
        return client;
      } catch (error) {
        if (closing.signal.aborted) throw error;
        if (error instanceof Error && error.message === NONE_CAME_FREE) {
          throw new DatabaseAway("Every connection to the database is in use", { cause: error });
        }
        if (codeOf(error) === TOO_MANY_CONNECTIONS) {
          shortage.refused();
          if (o.clock.monotonic() - since >= waitMs) {
            throw new DatabaseAway("The database has no connection to spare", { cause: error });
          }
          await shortage.pause();
        } else if (isServerAway(error) || (wasOpen && codeOf(error) === NAME_NOT_FOUND)) {
          outage ??= beginOutage(error);
        } else {
          throw error;
        }
      }
    }
  }

  function beginOutage(reason: unknown): Outage {
    const over = untilBack(reason).finally(() => {
      outage = null;
    });
    // Whoever waits is told; it may be that nobody waits so long.
    over.catch(() => {});
    return { since: o.clock.monotonic(), over };
  }

  async function untilOver({ over }: Outage, until: number): Promise<void> {
    if (until === Number.POSITIVE_INFINITY) return over;
    const leftMs = until - o.clock.monotonic();
    if (leftMs <= 0) throw new DatabaseAway("The database is away");
    const ended = new AbortController();
    const tooLong = o.clock.sleep(leftMs, ended.signal).then(() => {
      if (!ended.signal.aborted) throw new DatabaseAway("The database is away");
    });
    await Promise.race([over, tooLong]).finally(() => ended.abort());
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
      const number = refusals.add(reject);
      work
        .then(
          (value) => (closing.signal.aborted ? discard?.(value) : resolve(value)),
          (error: unknown) => reject(error),
        )
        .finally(() => refusals.take(number));
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
      for (const [, refuse] of refusals.entries()) refuse(closedError());
    },
  };
}

/** Whether an error says that the server is not there now, and may be there soon. */
export function isServerAway(error: unknown): boolean {
  return AWAY.has(codeOf(error)) || (error instanceof Error && AWAY_MESSAGES.has(error.message));
}

/** Errors that `pg` itself raises when a connection is of no more use; they carry no SQLSTATE. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    codeOf(error) === "25P03" || // idle in transaction for too long: the server has hung up
    /^(Connection terminated|Query read timeout|Client has encountered)/.test(error.message)
  );
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

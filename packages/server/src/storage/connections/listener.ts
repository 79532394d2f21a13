import type { Client } from "pg";
import pg from "pg";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";

/** TCP alone takes minutes to notice that the other side has gone without a word. */
const PING_EVERY_MS = 5_000;
const PING_ANSWER_MS = 3_000;
const TRY_AGAIN_MS = 1_000;

export interface Listener {
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** A client of its own that stands; waits while the server is away. */
  connect: () => Promise<Client>;
  clock: Clock;
  logger: Logger;
  channel: string;
  onNotify: (payload: string) => void;
  /**
   * Called when the connection is found lost and again when the new one listens: whatever was
   * said in between is gone for good, so what depends on it must be read anew.
   */
  onLost: () => void;
}

/** Listens until closed, over as many connections as it takes. Resolves when it first listens. */
export async function openListener(o: ListenerOptions): Promise<Listener> {
  const closing = new AbortController();
  let client = await attach();
  const done = keepListening();
  return {
    async close() {
      closing.abort();
      await client.end().catch(() => {});
      await done;
    },
  };

  async function keepListening(): Promise<void> {
    for (;;) {
      await untilLost(client);
      if (closing.signal.aborted) return;
      o.logger.warn({ channel: o.channel }, "A listener lost its connection to the database");
      call(o.onLost);
      const next = await reattach();
      if (!next) return;
      client = next;
      if (closing.signal.aborted) return client.end();
      call(o.onLost);
    }
  }

  async function attach(): Promise<Client> {
    const fresh = await o.connect();
    fresh.on("notification", ({ payload }) => call(() => o.onNotify(payload ?? "")));
    try {
      await fresh.query(`listen ${pg.escapeIdentifier(o.channel)}`);
      return fresh;
    } catch (error) {
      await fresh.end().catch(() => {});
      throw error;
    }
  }

  async function reattach(): Promise<Client | null> {
    for (;;) {
      try {
        return await attach();
      } catch (error) {
        if (closing.signal.aborted) return null;
        o.logger.error({ err: error, channel: o.channel }, "A listener cannot listen again yet");
        await o.clock.sleep(TRY_AGAIN_MS, closing.signal);
      }
      if (closing.signal.aborted) return null;
    }
  }

  /** Resolves when the connection has ended, or has stopped to answer, or nobody wants it. */
  async function untilLost(current: Client): Promise<void> {
    const lost = new AbortController();
    const stop = () => lost.abort();
    current.once("error", stop);
    current.once("end", stop);
    closing.signal.addEventListener("abort", stop, { once: true });
    while (!lost.signal.aborted) {
      await o.clock.sleep(PING_EVERY_MS, lost.signal);
      if (lost.signal.aborted || (await answers(current, lost.signal))) continue;
      lost.abort();
    }
    closing.signal.removeEventListener("abort", stop);
    // With a query unanswered this cuts the connection instead of waiting for a goodbye.
    void current.end().catch(() => {});
  }

  async function answers(current: Client, lost: AbortSignal): Promise<boolean> {
    const answered = new AbortController();
    const ping = current.query("select 1").then(
      () => true,
      () => false,
    );
    const tooLate = o.clock
      .sleep(PING_ANSWER_MS, AbortSignal.any([answered.signal, lost]))
      .then(() => false);
    const isAlive = await Promise.race([ping, tooLate]);
    answered.abort();
    return isAlive;
  }

  function call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      o.logger.error({ err: error, channel: o.channel }, "A listener's callback failed");
    }
  }
}

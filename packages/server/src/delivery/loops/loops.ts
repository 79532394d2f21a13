import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { levelOf } from "./sql-error.ts";

/** Rounds that are repeated until they are stopped; a round that fails is logged and tried again. */
export class Loops {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    // Every loop listens to it, and Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.#stop.signal);
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborted when they are to stop: for rounds that take long. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Runs a round now and then again `everyMs` after it has ended. */
  every(name: string, everyMs: number, round: () => Promise<unknown> | unknown): void {
    this.repeat(name, round, () => this.#clock.sleep(everyMs, this.#stop.signal));
  }

  /** Runs rounds with a pause between them that the loop brings along; it must end when stopping. */
  repeat<T>(
    name: string,
    round: () => Promise<T> | T,
    pause: (result: T | undefined) => Promise<void>,
  ): void {
    const run = async () => {
      while (!this.#stop.signal.aborted) {
        let result: T | undefined;
        try {
          result = await round();
        } catch (error) {
          if (!this.#stop.signal.aborted) {
            this.#logger[levelOf(error)]({ loop: name, err: error }, "a round failed");
          }
        }
        if (!this.#stop.signal.aborted) await pause(result);
      }
    };
    this.#running.push(run());
  }

  /** Ends every loop after the round that it is in. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}

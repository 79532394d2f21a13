import type { Clock } from "../../core/outside/clock.ts";
import type { Appended } from "../accept/append.ts";
import type { Directory } from "../directory/directory.ts";
import { Bell } from "../loops/bell.ts";
import type { Loops } from "../loops/loops.ts";
import type { RetryLane } from "./retry-lane.ts";

const TIDY_MS = 5_000;
const SCAN_MS = 30_000;
const PROMOTE_MS = 30_000;
const LONGEST_PAUSE_MS = 1_000;
const SHORTEST_PAUSE_MS = 20;

export interface RetryRoundsDeps {
  retries: RetryLane;
  directory: Directory;
  clock: Clock;
}

/** When the retry lane is gone through: when something is known to be due, and soon in any case. */
export class RetryRounds {
  readonly #deps: RetryRoundsDeps;
  readonly #bell = new Bell();
  /** Endpoints that move, as was last heard. */
  readonly #moving = new Set<number>();

  constructor(deps: RetryRoundsDeps) {
    this.#deps = deps;
    deps.directory.onChange((view) => {
      for (const { serial, moves } of view.endpoints.values()) {
        if (!moves) this.#moving.delete(serial);
        else if (!this.#moving.has(serial)) {
          // Whoever moves again may have had something waiting for long.
          this.#moving.add(serial);
          this.look(serial);
        }
      }
    });
  }

  start(loops: Loops): void {
    const { retries } = this.#deps;
    loops.every("tidy", TIDY_MS, () => retries.tidy());
    loops.every("scan", SCAN_MS, () => this.scan());
    loops.every("promote", PROMOTE_MS, () => retries.promoteHeadless());
    loops.repeat(
      "retry",
      () => retries.runOnce(),
      (taken) => this.#pause(taken ?? 0),
    );
  }

  /** Ends the pause between two rounds. */
  ring(): void {
    this.#bell.ring();
  }

  /** Something of an endpoint will be due at `at`. */
  expect(endpoint: number, at: number): void {
    this.#deps.retries.hint(endpoint, at);
    if (at <= this.#deps.clock.now()) this.#bell.ring();
  }

  /** The same of several. */
  expectAll(endpoints: readonly number[], at: number): void {
    for (const endpoint of endpoints) this.expect(endpoint, at);
  }

  /** What keeps its order was accepted into `retry`, and may be due. */
  expectOrdered({ ordered, dueAt }: Appended): void {
    for (const { endpoint } of ordered) this.expect(endpoint, dueAt);
  }

  /** An endpoint may be sent to again: whatever waits for it is looked for. */
  look(endpoint: number): void {
    this.#deps.retries.look(endpoint);
    this.#bell.ring();
  }

  /** There is room for more: a round may take what the last one had to leave. */
  hasRoom(): void {
    if (this.#deps.retries.endpointsWaiting > 0) this.#bell.ring();
  }

  /** Looks for everything that waits, trusting no hint. */
  async scan(): Promise<void> {
    await this.#deps.retries.scan();
    this.#bell.ring();
  }

  /** Does so in the next round, or as soon as the database answers. */
  scanSoon(): void {
    this.#deps.retries.doubt();
    this.#bell.ring();
  }

  #pause(taken: number): Promise<void> {
    if (taken > 0) return Promise.resolve();
    const { retries, clock } = this.#deps;
    const next = retries.nextCheckAt();
    const until =
      next === null ? LONGEST_PAUSE_MS : Math.max(SHORTEST_PAUSE_MS, next - clock.now());
    return this.#bell.wait(clock, Math.min(until, LONGEST_PAUSE_MS));
  }
}

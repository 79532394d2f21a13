import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { overflow } from "../../storage/queue/retries.ts";
import { BatchLane } from "../loops/batch-lane.ts";
import { isDroppedDay, remedyFor } from "../loops/sql-error.ts";
import type { Work } from "../work.ts";

export interface OverflowDeps {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  isInFlight(work: Work): boolean;
  /** A lease is about to be taken for it. */
  hold(work: Work): void;
  giveBack(owner: number, rows: readonly Work[]): Promise<void>;
  /** The work stands in `retry`, due since `at`; when it is not in flight, memory lets go of it. */
  onMoved(work: Work, at: number): void;
  /** What was written ended in an error, and may stand all the same. */
  onDoubt(): void;
  onFenced(work: Work): void;
}

interface Move {
  work: Work;
  done(): void;
}

/** Moves deliveries that memory gives up to `retry`. */
export class Overflow {
  readonly #deps: OverflowDeps;
  readonly #lane: BatchLane<Move>;

  constructor(deps: OverflowDeps) {
    this.#deps = deps;
    this.#lane = new BatchLane({
      max: 500,
      inFlight: 1,
      process: (moves) => this.#move(moves),
    });
  }

  get depth(): number {
    return this.#lane.depth;
  }

  add(work: Work): void {
    work.moving ??= new Promise((resolve) => {
      this.#lane.add({
        work,
        done: () => {
          work.moving = null;
          resolve();
        },
      });
    });
  }

  drained(): Promise<void> {
    return this.#lane.drained();
  }

  async #move(moves: readonly Move[]): Promise<void> {
    const at = this.#deps.clock.now();
    for (let pause = 20; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        await this.#write(
          moves.map((move) => move.work),
          at,
        );
        break;
      } catch (error) {
        this.#deps.onDoubt();
        if (remedyFor(error) === "apart" && !isDroppedDay(error)) {
          this.#deps.logger.error({ err: error, rows: moves.length }, "moving to retry failed");
        }
        await this.#deps.clock.sleep(pause);
      }
    }
    for (const { work, done } of moves) {
      this.#deps.onMoved(work, at);
      done();
    }
  }

  async #write(works: readonly Work[], at: number): Promise<void> {
    const groups = new Map<number, Work[]>();
    for (const work of works) {
      const group = groups.get(work.registration.id);
      if (group) group.push(work);
      else groups.set(work.registration.id, [work]);
    }
    for (const [process, group] of groups) {
      const leased = group.filter((work) => work.leased);
      if (leased.length > 0) {
        await this.#deps.giveBack(process, leased);
        for (const work of leased) work.leased = false;
      }
      const fresh = group.filter((work) => !work.leased);
      if (fresh.length > 0) {
        // What is in flight when the statement leaves keeps its lease until its outcome is written.
        const rows = fresh.map((work) => ({ ...work, leased: this.#deps.isInFlight(work) }));
        rows.forEach((row) => {
          if (row.leased) this.#deps.hold(row);
        });
        if (!(await overflow(this.#deps.db, process, rows, at)) && fresh[0]) {
          this.#deps.onFenced(fresh[0]);
        }
        fresh.forEach((work, at) => {
          work.leased = rows[at]?.leased ?? false;
        });
      }
    }
  }
}

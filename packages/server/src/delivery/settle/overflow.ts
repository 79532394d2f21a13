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
  /** Never rejects. */
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
  #isClosed = false;

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

  /** What cannot be moved from now on is left to whoever takes over from this process. */
  close(): void {
    this.#isClosed = true;
  }

  async #move(moves: readonly Move[]): Promise<void> {
    const at = this.#deps.clock.now();
    const works = moves.map(({ work }) => work);
    const fresh = works.filter(({ leased }) => !leased);
    await this.#giveBack(works.filter(({ leased }) => leased));
    for (let pause = 20; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        await this.#write(fresh, at);
        break;
      } catch (error) {
        if (this.#isClosed) return;
        this.#deps.onDoubt();
        if (remedyFor(error) === "apart" && !isDroppedDay(error)) {
          this.#deps.logger.error({ err: error, rows: fresh.length }, "moving to retry failed");
        }
        await this.#deps.clock.sleep(pause);
      }
    }
    for (const { work, done } of moves) {
      this.#deps.onMoved(work, at);
      done();
    }
  }

  /** What stands in `retry` already may be another's from then on, or be taken again here: it is done once. */
  async #giveBack(works: readonly Work[]): Promise<void> {
    for (const [process, group] of byRegistration(works)) {
      await this.#deps.giveBack(process, group);
      for (const work of group) work.leased = false;
    }
  }

  async #write(works: readonly Work[], at: number): Promise<void> {
    for (const [process, group] of byRegistration(works)) {
      // What is in flight when the statement leaves keeps its lease until its outcome is written.
      const rows = group.map((work) => ({ ...work, leased: this.#deps.isInFlight(work) }));
      for (const row of rows) if (row.leased) this.#deps.hold(row);
      const isLiving = await overflow(this.#deps.db, process, rows, at);
      const [first] = group;
      if (!isLiving && first) this.#deps.onFenced(first);
      group.forEach((work, i) => {
        work.leased = rows[i]?.leased ?? false;
      });
    }
  }
}

function byRegistration(works: readonly Work[]): Map<number, Work[]> {
  const groups = new Map<number, Work[]>();
  for (const work of works) {
    const { id } = work.registration;
    const group = groups.get(id);
    if (group) group.push(work);
    else groups.set(id, [work]);
  }
  return groups;
}

import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections, Tx } from "../../storage/connections/connections.ts";
import { failJob, type Job, keepProgress, lockJob, takeJobs } from "../../storage/instance/jobs.ts";
import { Bell } from "../loops/bell.ts";
import { Loops } from "../loops/loops.ts";
import { PageSize } from "../loops/page-size.ts";
import { isTooLong, levelOf, remedyFor } from "../loops/sql-error.ts";

const PAUSE_MS = 1_000;

/** What one page of a job came to. */
export type PageResult =
  | {
      kind: "moved";
      /** Where the next page begins: the kind's own text. */
      cursor: string;
      /** How much was done. */
      done: number;
      finished: boolean;
      /** Runs when the page has been committed. */
      after?(): void;
    }
  /** Nothing may be done now; it is asked again later. */
  | { kind: "held" };

/**
 * How one kind of job is done: a page at a time, each in a transaction with the cursor it leads to.
 * `size.of` says how many rows a page may have: fewer than usual after one that took too long.
 */
export type JobKind = (
  tx: Tx,
  job: Job,
  now: number,
  size: Pick<PageSize, "of">,
) => Promise<PageResult>;

export interface JobRunnerDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Clock;
  logger: Logger;
  /** The id of this process's registration, or null while it has none that counts. */
  process(): number | null;
  kinds: Readonly<Record<string, JobKind>>;
}

interface InLine {
  workspaceId: string | null;
  size: PageSize;
}

/** Does this process's share of the jobs, and that of processes which are no more. */
export class JobRunner {
  readonly #deps: JobRunnerDeps;
  readonly #bell = new Bell();
  readonly #loops: Loops;
  /** The jobs that this process has, those first whose turn was longest ago. */
  readonly #line = new Map<string, InLine>();

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps;
    this.#loops = new Loops(deps.clock, deps.logger);
  }

  start(): void {
    this.#loops.repeat(
      "jobs",
      () => this.runOnce(),
      (moved) => (moved ? Promise.resolve() : this.#bell.wait(this.#deps.clock, PAUSE_MS)),
    );
  }

  /** Ends after the pages that are under way; another process goes on with what is left. */
  async stop(): Promise<void> {
    const stopped = this.#loops.stop();
    this.#bell.ring();
    await stopped;
  }

  /** There is a new job: it need not wait for the next look. */
  poke(): void {
    this.#bell.ring();
  }

  /**
   * Does a page of what each workspace has, whatever it has, and again until each has moved or has nothing
   * that can be: who started a thousand gets as many pages as who started one. False when nothing moved.
   */
  async runOnce(): Promise<boolean> {
    const process = this.#deps.process();
    if (process === null) return false;
    await this.#take(process);
    const moved = new Set<string | null>();
    let queues = [...byWorkspace(this.#line)];
    while (queues.some(([workspace]) => !moved.has(workspace))) {
      for (const [workspace, queue] of queues) {
        if (this.#loops.stopped) return moved.size > 0;
        const id = queue.shift();
        if (id === undefined || !(await this.#turn(id, process))) continue;
        moved.add(workspace);
        queue.push(id);
      }
      queues = queues.filter(([, queue]) => queue.length > 0);
    }
    return moved.size > 0;
  }

  /** Who is new stands at the end of the line. */
  async #take(process: number): Promise<void> {
    const { connections, kinds } = this.#deps;
    const jobs = await takeJobs(connections.pool, process, Object.keys(kinds));
    const ids = new Set(jobs.map(({ id }) => id));
    for (const id of this.#line.keys()) if (!ids.has(id)) this.#line.delete(id);
    for (const { id, workspaceId } of jobs) {
      if (!this.#line.has(id)) this.#line.set(id, { workspaceId, size: new PageSize() });
    }
  }

  /** False when the job did not move. */
  async #turn(id: string, process: number): Promise<boolean> {
    const waiting = this.#line.get(id);
    if (!waiting) return false;
    this.#line.delete(id);
    this.#line.set(id, waiting);
    const { size } = waiting;
    return !size.isResting(this.#deps.clock.monotonic()) && this.#page(id, process, size);
  }

  async #page(id: string, process: number, size: PageSize): Promise<boolean> {
    const { connections, clock, logger, kinds } = this.#deps;
    const now = clock.now();
    try {
      const result = await connections.transaction(async (tx) => {
        const job = await lockJob(tx, id, process);
        const kind = job && kinds[job.kind];
        if (!job || !kind) return null;
        const page = await kind(tx, job, now, size);
        if (page.kind === "moved") await keepProgress(tx, id, { ...page, now });
        return page;
      });
      if (result?.kind !== "moved") return false;
      size.fits();
      result.after?.();
      return true;
    } catch (error) {
      if (isTooLong(error) && !size.halve(clock.monotonic())) {
        logger.error(
          { err: error, job: id },
          "a page of a job takes too long, however small it is",
        );
        return false;
      }
      if (remedyFor(error) === "again") {
        // The others have their pages all the same: what ails this one may be its own.
        logger[levelOf(error)]({ err: error, job: id }, "a page of a job is tried again");
        return false;
      }
      logger.error({ err: error, job: id }, "a job cannot go on");
      await failJob(connections.pool, id, {
        error: "A fault of ours: the log has it by this id.",
        now,
      });
      return false;
    }
  }
}

function byWorkspace(line: ReadonlyMap<string, InLine>): Map<string | null, string[]> {
  const queues = new Map<string | null, string[]>();
  for (const [id, { workspaceId }] of line) {
    const queue = queues.get(workspaceId);
    if (queue) queue.push(id);
    else queues.set(workspaceId, [id]);
  }
  return queues;
}

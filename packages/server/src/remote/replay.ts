import type { Clock } from "../core/outside/clock.ts";
import { amount } from "../core/wording.ts";
import type { Ask } from "./server.ts";

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
/** How often it is asked how far a job is. */
const LOOK_MS = 1_000;

export interface ReplayWish {
  /** Deliveries by their ids; none: those that the rest describes. */
  deliveries: readonly string[];
  endpoint: string | null;
  /** RFC 3339, or how long ago: `90s`, `30m`, `2h`, `7d`. */
  since: string | null;
  until: string | null;
  types: readonly string[];
  /** `dead`, `delivered`, `cancelled`, or `missing`. */
  states: readonly string[];
  dryRun: boolean;
  /** Without waiting for its end. */
  detached: boolean;
  asJson: boolean;
}

interface Started {
  count: number;
  is_exact: boolean;
  expunged: number;
  job_id: string | null;
  dry_run: boolean;
}

interface Job {
  id: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  done: number;
  total: number | null;
  error: string | null;
}

export interface ReplayDeps {
  ask: Ask;
  clock: Pick<Clock, "now" | "sleep">;
  print(text: string): void;
  complain(text: string): void;
  /** Ends the waiting, and not what is waited for. */
  signal: AbortSignal;
}

/** Has deliveries made again, and waits until they are on their way. Gives the exit code. */
export async function replay(wish: ReplayWish, deps: ReplayDeps): Promise<number> {
  return wish.deliveries.length > 0 ? replayEach(wish, deps) : replayMany(wish, deps);
}

async function replayEach(
  { deliveries, asJson }: ReplayWish,
  { ask, print }: ReplayDeps,
): Promise<number> {
  for (const id of deliveries) {
    const path = `/deliveries/${encodeURIComponent(id)}/replay`;
    const answer = await ask<{ replay: keyof typeof WORDS }>("POST", path);
    print(asJson ? JSON.stringify(answer) : `${id}: ${WORDS[answer.replay]}`);
  }
  return 0;
}

const WORDS = {
  started: "is made again.",
  due: "was waiting, and is tried now.",
  under_way: "is being tried at this moment.",
};

async function replayMany(wish: ReplayWish, deps: ReplayDeps): Promise<number> {
  const { ask, print, complain } = deps;
  const started = await ask<Started>("POST", ...requestFor(wish, deps.clock.now()));
  const { count, is_exact: isExact, expunged, job_id: jobId } = started;
  const say = wish.asJson ? complain : print;
  const many = `${isExact ? "" : "at least "}${amount(count, "delivery")}`;
  if (expunged === 1) say("1 more cannot be replayed: its body is expunged.");
  if (expunged > 1) say(`${expunged} more cannot be replayed: their bodies are expunged.`);
  if (jobId === null || wish.detached) {
    if (wish.asJson) print(JSON.stringify(started));
    else if (jobId !== null) say(`${many} will be replayed: ${jobId}`);
    else
      say(wish.dryRun && count > 0 ? `${many} would be replayed.` : "There is nothing to replay.");
    return 0;
  }
  say(`${many} will be replayed: ${jobId}`);
  return follow(jobId, wish, deps);
}

/**
 * Of what is dead nothing else need be said; what has ended otherwise is asked of one endpoint, since a time: whoever
 * wishes it has named both.
 */
function requestFor(wish: ReplayWish, now: number): [path: string, body: object] {
  const { endpoint, since, until, types, states, dryRun } = wish;
  const body = {
    ...(since !== null && { since: instantOf(since, now) }),
    ...(until !== null && { until: instantOf(until, now) }),
    ...(types.length > 0 && { types }),
    dry_run: dryRun,
  };
  if (states.every((state) => state === "dead")) {
    return [
      "/dead-letters/replay",
      { ...body, ...(endpoint !== null && { endpoint_id: endpoint }) },
    ];
  }
  return [`/endpoints/${encodeURIComponent(endpoint ?? "")}/replay`, { ...body, states }];
}

/** What is no time ago is the server's to read. */
function instantOf(text: string, now: number): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = UNITS_MS.get(unit ?? "");
  return ms === undefined ? text : new Date(now - Number(count) * ms).toISOString();
}

async function follow(id: string, { asJson }: ReplayWish, deps: ReplayDeps): Promise<number> {
  const { ask, clock, print, complain, signal } = deps;
  for (;;) {
    const job = await ask<Job>("GET", `/jobs/${id}`);
    if (job.state !== "waiting" && job.state !== "running") {
      if (asJson) print(JSON.stringify(job));
      return ended(job, deps, asJson);
    }
    await clock.sleep(LOOK_MS, signal);
    if (signal.aborted) {
      complain(`The replay goes on: ${id}, ${job.done} so far.`);
      return 0;
    }
  }
}

function ended(
  { state, done, error }: Job,
  { print, complain }: ReplayDeps,
  asJson: boolean,
): number {
  if (state === "done") {
    if (!asJson) print(`Done: ${amount(done, "delivery")}.`);
    return 0;
  }
  complain(
    state === "stopped"
      ? `The replay was stopped after ${amount(done, "delivery")}.`
      : `The replay failed after ${amount(done, "delivery")}: ${error ?? "nobody knows why"}`,
  );
  return 1;
}

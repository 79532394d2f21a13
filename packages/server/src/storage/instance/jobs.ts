import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";

export type JobState = "waiting" | "running" | "done" | "stopped" | "failed";

/** Long work that is done a page at a time, by one process at a time. */
export interface Job {
  id: string;
  workspaceId: string | null;
  kind: string;
  state: JobState;
  /** What is to be done: JSON text, the kind's own. */
  params: string;
  /** How far it has come: the kind's own text, null before the first page. */
  cursor: string | null;
  done: number;
  total: number | null;
  error: string | null;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}

const COLUMNS = `id, workspace_id as "workspaceId", kind, state, params, cursor, done, total, error,
  created_at as "createdAt", updated_at as "updatedAt", finished_at as "finishedAt"`;

export async function insertJob(
  db: Queryable,
  job: {
    id: string;
    workspaceId: string;
    kind: string;
    params: string;
    /** How much there is to do, or null when that would have to be counted first. */
    total: number | null;
    now: number;
  },
): Promise<void> {
  await db.query({
    name: "insert_job",
    text: `insert into job (id, workspace_id, kind, state, params, total, created_at, updated_at)
      values ($1, $2, $3, 'waiting', $4, $5, $6, $6)`,
    values: [job.id, job.workspaceId, job.kind, job.params, job.total, new Date(job.now)],
  });
}

/** How many of these kinds a workspace has that have not ended. */
export async function countOpenJobs(
  db: Queryable,
  workspaceId: string,
  kinds: readonly string[],
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::int as count from job
      where workspace_id = $1 and state in ('waiting', 'running') and kind = any($2)`,
    values: [workspaceId, kinds],
  });
  return rows[0]?.count ?? 0;
}

export async function findJob(db: Queryable, workspaceId: string, id: string): Promise<Job | null> {
  const { rows } = await db.query<Job>({
    text: `select ${COLUMNS} from job where id = $1 and workspace_id = $2`,
    values: [id, workspaceId],
  });
  return rows[0] ?? null;
}

/**
 * Takes for a living process every open job of these kinds that none has, or whose process is not
 * among the living. Answers all that it has now, those that have waited longest for a page first.
 */
export async function takeJobs(
  db: Queryable,
  process: number,
  kinds: readonly string[],
): Promise<Pick<Job, "id" | "workspaceId">[]> {
  await db.query({
    text: `update job set process = $1, state = 'running' where id in (
        select id from job j where state in ('waiting', 'running') and kind = any($2)
          and process is distinct from $1 and not exists (select from process p where p.id = j.process and p.state = 'living')
        order by created_at for update skip locked)
      and exists (select from process where id = $1 and state = 'living')`,
    values: [process, kinds],
  });
  const { rows } = await db.query<Pick<Job, "id" | "workspaceId">>({
    text: `select id, workspace_id as "workspaceId" from job where state in ('waiting', 'running') and process = $1
      order by updated_at, id`,
    values: [process],
  });
  return rows;
}

/** Holds a job for one page. Null when it has ended or moved to another process meanwhile. */
export async function lockJob(tx: Tx, id: string, process: number): Promise<Job | null> {
  const { rows } = await tx.query<Job>({
    text: `select ${COLUMNS} from job where id = $1 and state = 'running' and process = $2 for update`,
    values: [id, process],
  });
  return rows[0] ?? null;
}

/** Keeps how far a page has brought a job, in the transaction of the page. */
export async function keepProgress(
  tx: Tx,
  id: string,
  { cursor, done, finished, now }: { cursor: string; done: number; finished: boolean; now: number },
): Promise<void> {
  await tx.query({
    text: `update job set cursor = $2, done = done + $3, updated_at = $5,
        state = case when $4 then 'done' else state end, finished_at = case when $4 then $5::timestamptz end
      where id = $1`,
    values: [id, cursor, done, finished, new Date(now)],
  });
}

/** A page cannot be done, now or ever. */
export async function failJob(
  db: Queryable,
  id: string,
  { error, now }: { error: string; now: number },
): Promise<void> {
  await db.query({
    text: `update job set state = 'failed', error = $2, updated_at = $3, finished_at = $3
      where id = $1 and state = 'running'`,
    values: [id, error, new Date(now)],
  });
}

/** Ends an open job after the page that it is in. One that has ended stays as it ended. */
export async function stopJob(db: Queryable, id: string, now: number): Promise<void> {
  await db.query({
    text: `update job set stop = true, state = 'stopped', updated_at = $2, finished_at = $2
      where id = $1 and state in ('waiting', 'running')`,
    values: [id, new Date(now)],
  });
}

/** Forgets jobs that ended before; answers how many. */
export async function forgetJobs(db: Queryable, endedBefore: number): Promise<number> {
  const { rowCount } = await db.query({
    text: "delete from job where finished_at < $1",
    values: [new Date(endedBefore)],
  });
  return rowCount ?? 0;
}

import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt } from "../../core/ids.ts";
import { dropUploadsOf } from "../../storage/conversations/uploads.ts";
import type { Job } from "../../storage/instance/jobs.ts";
import {
  deleteConversations,
  deleteEvents,
  deleteMessages,
  deleteRest,
  isAnyLeased,
  isSettledBelow,
  REST_TABLES,
} from "../../storage/retention/workspace-deletion.ts";
import type { JobKind } from "./jobs.ts";

export const DELETION_KIND = "delete_workspace";

const PAGE = 1_000;
/** A second above what was accepted while the deletion was made known. */
const MARGIN_MS = 1_000;

export interface DeletionParams {
  workspaceId: string;
  /** When the workspace was closed in every process, ms since the epoch. */
  closedAt: number;
}

type Step = (tx: Queryable, workspaceId: string, page: number, now: number) => Promise<number>;

const STEPS: readonly Step[] = [
  deleteEvents,
  async (tx, id, page, now) =>
    (await deleteMessages(tx, id, page, now)) ||
    (await dropUploadsOf(tx, id, page, now)) ||
    (await deleteConversations(tx, id, page)),
  ...REST_TABLES.map(
    (table): Step =>
      (tx, id, page) =>
        deleteRest(tx, table, id, page),
  ),
];

function readDeletionParams(job: Pick<Job, "params">): DeletionParams {
  return JSON.parse(job.params) as DeletionParams; // written by the route that deletes, and by nobody else
}

/**
 * Deletes everything of a workspace that was closed, a page at a time. It begins when no process
 * carries anything of it any more: an outcome that is settled later would leave a row behind.
 */
export const deletionJob: JobKind = async (tx, job, now, size) => {
  const { workspaceId, closedAt } = readDeletionParams(job);
  const since = firstIdAt(closedAt + MARGIN_MS);
  if (now < closedAt + MARGIN_MS || !(await isSettledBelow(tx, since))) return { kind: "held" };
  if (job.cursor === null && (await isAnyLeased(tx, workspaceId))) return { kind: "held" };
  let at = job.cursor === null ? 0 : Number(job.cursor);
  let done = 0;
  while (at < STEPS.length && done === 0) {
    done = (await STEPS[at]?.(tx, workspaceId, size.of(PAGE), now)) ?? 0;
    if (done === 0) at++;
  }
  return { kind: "moved", cursor: String(at), done, finished: at === STEPS.length };
};

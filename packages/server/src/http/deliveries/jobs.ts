import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { DELETION_KIND } from "../../delivery/jobs/deletion-job.ts";
import { readReplayParams } from "../../delivery/jobs/replay-job.ts";
import { findJob, type Job, stopJob } from "../../storage/instance/jobs.ts";
import {
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";

const ShownJob = z
  .object({
    id: shownId("job"),
    kind: z.string().openapi({ example: "replay" }),
    state: z.enum(["waiting", "running", "done", "stopped", "failed"]),
    done: z.int(),
    total: z.int().nullable().openapi({ description: "How many were meant when it was asked for" }),
    error: z.string().nullable(),
    created_at: shownInstant,
    updated_at: shownInstant,
    finished_at: shownInstant.nullable(),
  })
  .openapi("Job");

const tags = ["Jobs"];
const request = { params: idParams("job") };
const responses = { 200: jsonAnswer("The job.", ShownJob), ...problems("not_found") };

const get = createRoute({
  tags,
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/jobs/{id}",
  operationId: "getJob",
  summary: "How far a job has come",
  request,
  responses,
});

const stop = createRoute({
  tags,
  middleware: requireScope("deliveries:write"),
  method: "post",
  path: "/jobs/{id}/stop",
  operationId: "stopJob",
  summary: "Stop a job; what it has done stays done",
  request,
  responses: { ...responses, ...problems("conflict") },
});

export interface JobRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
}

export function jobRoutes({ db, clock }: JobRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(get, async (c) => {
    return c.json(showJob(await getJob(c.var.principal, c.req.valid("param").id)), 200);
  });

  routes.openapi(stop, async (c) => {
    const { id } = c.req.valid("param");
    const { kind } = await getJob(c.var.principal, id);
    if (kind === DELETION_KIND) {
      throw new CurlewError("conflict", "A deletion that has begun is not stopped half-way.");
    }
    await stopJob(db, id, clock.now());
    return c.json(showJob(await getJob(c.var.principal, id)), 200);
  });

  async function getJob({ workspaceId, accountId }: Principal, id: string): Promise<Job> {
    const job = await findJob(db, workspaceId, id);
    if (job && (accountId === null || readReplayParams(job).accountId === accountId)) return job;
    throw notFound("job", publicId("job", id));
  }

  return routes;
}

function showJob(job: Job): z.infer<typeof ShownJob> {
  const { kind, state, done, total, error } = job;
  return {
    id: publicId("job", job.id),
    ...{ kind, state, done, total, error },
    created_at: showInstant(job.createdAt),
    updated_at: showInstant(job.updatedAt),
    finished_at: showInstant(job.finishedAt),
  };
}

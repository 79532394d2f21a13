import { z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, timeOfId } from "../../core/ids.ts";
import {
  countDead,
  countWaiting,
  findFirstDead,
} from "../../storage/deliveries/delivery-health.ts";
import { type EndpointHealth, findHealth } from "../../storage/endpoints/endpoint-health.ts";
import { readOwed } from "../../storage/queue/behind.ts";
import { showInstant, shownInstant } from "../api.ts";

export const MOST_COUNTED = 100_000;
/** An event has hardly been there for longer when the first request for it has failed. */
const WAITED_AT_MOST_MS = 60 * 60_000;

/** What an endpoint may want back, and what comes by itself. */
export const shownBacklog = {
  missed: z
    .object({ since: shownInstant, dead_letters: z.int() })
    .nullable()
    .openapi({
      description: `What its present or last failing has cost: dead letters of events since then, counted up to ${MOST_COUNTED}; \`POST /v1/endpoints/{id}/replay\` with \`{"since": …, "states": ["dead"]}\` sends them again`,
    }),
  waiting: z.int().openapi({
    description: `How many deliveries are queued, or wait in the log; each counted up to ${MOST_COUNTED}`,
  }),
};

interface Whose {
  workspaceId: string;
  serial: number;
}

export async function readBacklog(db: Queryable, whose: Whose) {
  const { serial } = whose;
  const owed = await readOwed(db, serial, MOST_COUNTED);
  return {
    missed: await readMissed(db, whose, await findHealth(db, serial)),
    waiting: (await countWaiting(db, serial, MOST_COUNTED)) + (owed?.count ?? 0),
  };
}

export async function readMissed(
  db: Queryable,
  { workspaceId, serial: endpoint }: Whose,
  health: EndpointHealth | null,
) {
  const began = health?.failingSince ?? health?.missedSince ?? null;
  if (began === null) return null;
  // The first to fail were accepted before it was seen that they do.
  const first = await findFirstDead(db, {
    ...{ workspaceId, endpoint, requestedSince: began },
    from: firstIdAt(began - WAITED_AT_MOST_MS),
  });
  const since = first === null ? began : Math.min(began, timeOfId(first));
  const from = firstIdAt(since);
  const count = await countDead(db, { workspaceId, endpoint, from, most: MOST_COUNTED });
  return { since: showInstant(since), dead_letters: count };
}

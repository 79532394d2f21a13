import { rollUp } from "../../../src/storage/figures/tally.ts";
import { release } from "../../../src/storage/instance/instance-hold.ts";
import { bumpConfig } from "../../../src/storage/workspaces/config-changes.ts";
import type { Town } from "../engine/town.ts";

export interface StormEndpoint {
  id: string;
  serial: number;
  url: string;
  schedule: readonly number[];
}

const ENDPOINTS = [
  { schedule: [1, 5, 20], ordering: "parallel", rateLimit: null },
  { schedule: [2, 8], ordering: "conversation", rateLimit: null },
  { schedule: [], ordering: "parallel", rateLimit: 5 },
  { schedule: [1], ordering: "conversation", rateLimit: null },
] as const;
const TIMEOUT_MS = 3_000;
const PROBED_AFTER_MS = 10_000;

export async function openEndpoints(town: Town): Promise<StormEndpoint[]> {
  const endpoints: StormEndpoint[] = [];
  for (const { schedule, ordering, rateLimit } of ENDPOINTS) {
    const made = await town.endpoint({ schedule: [...schedule], ordering });
    endpoints.push({ ...made, schedule });
    await town.change("update endpoint set timeout_ms = $2, rate_limit = $3 where id = $1", [
      ...[made.id, TIMEOUT_MS, rateLimit],
    ]);
  }
  return endpoints;
}

export async function enableAll({ rows, database, workspaceId }: Town): Promise<void> {
  const still = "deleted_at is null and state <> 'enabled'";
  if ((await rows(`select from endpoint where ${still}`)).length === 0) return;
  await database.connections.transaction(async (tx) => {
    await bumpConfig(tx, workspaceId);
    await tx.query(`update endpoint set state = 'enabled', disabled_by = null where ${still}`);
  });
}

/** As a process does that has met with nothing but failures. */
export async function openBreaker({ rows, clock }: Town, { serial }: StormEndpoint): Promise<void> {
  const now = clock.now();
  await rows(
    `insert into endpoint_health (endpoint, state, failing_since, opened_at, probe_at, changed_at)
     select $1, 'open', $2, $2, $3, $2 from endpoint where serial = $1 and deleted_at is null
     on conflict do nothing`,
    [serial, new Date(now), new Date(now + PROBED_AFTER_MS)],
  );
}

export function releaseAll({ database }: Town): Promise<void> {
  return release(database.connections.pool, { deliveries: true, messages: true });
}

export async function rollUpAll({ database }: Town): Promise<void> {
  while (await database.connections.transaction(rollUp));
}

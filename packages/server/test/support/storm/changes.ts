import { planRotation, type RotationStep } from "../../../src/core/endpoints/secret-rotation.ts";
import type { Tx } from "../../../src/storage/connections/connections.ts";
import {
  applyRotation,
  insertEndpointSecret,
  readStages,
} from "../../../src/storage/endpoints/endpoint-secrets.ts";
import { deleteEndpoint } from "../../../src/storage/endpoints/endpoints.ts";
import type { Town } from "../engine/town.ts";

/** What somebody changes of an endpoint. */
export type Change =
  | { what: "state"; to: "paused" | "enabled" | "disabled" | "deleted" }
  | { what: "ordering"; to: "parallel" | "conversation" }
  | { what: "rate"; to: number | null }
  | { what: "secrets"; step: RotationStep | undefined; overlapS: number };

/** Does it in a transaction that has made a new version; does nothing to what is deleted. */
export async function change(tx: Tx, town: Town, id: string, o: Change): Promise<void> {
  const set = (assignments: string, value: unknown) =>
    tx.query({
      text: `update endpoint set ${assignments} where id = $1 and deleted_at is null`,
      values: [id, value],
    });
  switch (o.what) {
    case "state":
      if (o.to === "deleted") return deleteEndpoint(tx, id, town.clock.now());
      await set("state = $2, disabled_by = case when $2 = 'disabled' then 'user' end", o.to);
      return undefined;
    case "ordering":
      await set("ordering = $2", o.to);
      return undefined;
    case "rate":
      await set("rate_limit = $2::int", o.to);
      return undefined;
    case "secrets":
      return rotate(tx, town, id, o);
  }
}

async function rotate(
  tx: Tx,
  { clock, ids }: Town,
  endpointId: string,
  { step, overlapS }: Change & { what: "secrets" },
): Promise<void> {
  const now = clock.now();
  const stages = await readStages(tx, endpointId);
  const plan = planRotation(stages, step, { now, overlapS });
  if ("refusal" in plan || stages.length === 0) return;
  await applyRotation(tx, plan, { expiresAt: now + overlapS * 1_000, resendOn: [] });
  if (plan.adds === null) return;
  const id = ids.next();
  const sealed = `whsec_${Buffer.from(id.replaceAll("-", "").repeat(2)).toString("base64")}`;
  await insertEndpointSecret(tx, { id, endpointId, sealed, createdAt: now, stage: plan.adds });
}

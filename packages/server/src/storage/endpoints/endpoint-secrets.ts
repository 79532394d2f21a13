import type { HeldSecret, RotationPlan } from "../../core/endpoints/secret-rotation.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";

/** A signing secret as it is shown: never the secret itself. */
export interface EndpointSecret extends HeldSecret {
  endpointId: string;
  createdAt: number;
  /** Deliveries that were taken only because they were signed with this one, while it retires. */
  stillNeeded: number;
}

export async function insertEndpointSecret(
  tx: Tx,
  secret: {
    id: string;
    endpointId: string;
    sealed: string;
    createdAt: number;
    stage?: "staged" | "signing";
  },
): Promise<void> {
  await tx.query({
    text: `insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at)
      values ($1, $2, $3, $4, $5)`,
    values: [
      secret.id,
      secret.endpointId,
      secret.sealed,
      secret.stage ?? "signing",
      new Date(secret.createdAt),
    ],
  });
}

/** The secrets of these endpoints that count, now or later; the one that signs comes first. */
export async function listSecrets(
  db: Queryable,
  endpointIds: readonly string[],
  now: number,
): Promise<EndpointSecret[]> {
  const { rows } = await db.query<Omit<EndpointSecret, "stillNeeded">>({
    text: `select s.id, s.endpoint_id as "endpointId", s.stage,
        (extract(epoch from s.created_at) * 1000)::float8 as "createdAt",
        (extract(epoch from s.expires_at) * 1000)::float8 as "expiresAt"
      from endpoint_secret s
      where s.endpoint_id = any($1::uuid[]) and (s.expires_at is null or s.expires_at > $2)
      order by s.stage = 'signing' desc, s.stage = 'staged' desc, s.created_at desc, s.id desc`,
    values: [endpointIds, new Date(now)],
  });
  const retiring = rows.filter(({ stage }) => stage === "retiring").map(({ id }) => id);
  // Apart, since it has to look into every day that is kept.
  const needed = retiring.length === 0 ? new Map() : await countNeeded(db, retiring);
  return rows.map((row) => ({ ...row, stillNeeded: needed.get(row.id) ?? 0 }));
}

async function countNeeded(
  db: Queryable,
  secretIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; n: number }>({
    text: `select s.id, count(distinct a.event_id)::int as n
      from endpoint_secret s join endpoint e on e.id = s.endpoint_id
      join attempt a on a.endpoint = e.serial and a.signed_by = s.id
        and a.resent_after is not null and a.status between 200 and 299
      where s.id = any($1::uuid[]) group by s.id`,
    values: [secretIds],
  });
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** The secrets of an endpoint that count, as they are kept; the one that signs comes first. */
export async function listSealedSecrets(
  db: Queryable,
  endpointId: string,
  now: number,
): Promise<(HeldSecret & { sealed: string })[]> {
  const { rows } = await db.query<HeldSecret & { sealed: string }>({
    text: `select id, stage, sealed, (extract(epoch from expires_at) * 1000)::float8 as "expiresAt"
      from endpoint_secret where endpoint_id = $1 and (expires_at is null or expires_at > $2)
      order by stage = 'signing' desc, stage = 'staged' desc, created_at desc, id desc`,
    values: [endpointId, new Date(now)],
  });
  return rows;
}

/** An endpoint's secrets as they stand; `tx` holds the workspace, so that nobody else changes them. */
export async function readStages(tx: Tx, endpointId: string): Promise<HeldSecret[]> {
  const { rows } = await tx.query<HeldSecret>({
    text: `select id, stage, (extract(epoch from expires_at) * 1000)::float8 as "expiresAt"
      from endpoint_secret where endpoint_id = $1 order by created_at, id`,
    values: [endpointId],
  });
  return rows;
}

/** Leaves an endpoint without any secret. */
export async function destroySecrets(tx: Tx, endpointId: string): Promise<void> {
  await tx.query({
    text: "delete from endpoint_secret where endpoint_id = $1",
    values: [endpointId],
  });
}

/** Does what was planned, but for the new secret, which its caller has to seal. */
export async function applyRotation(
  tx: Tx,
  plan: RotationPlan,
  { expiresAt, resendOn }: { expiresAt: number; resendOn: readonly number[] },
): Promise<void> {
  await tx.query({
    text: "delete from endpoint_secret where id = any($1::uuid[])",
    values: [plan.drops],
  });
  await tx.query({
    text: `update endpoint_secret set stage = 'retiring', expires_at = $2, resend_on = $3 where id = $1`,
    values: [plan.retires, new Date(expiresAt), resendOn],
  });
  await tx.query({
    text: "update endpoint_secret set stage = 'signing' where id = $1",
    values: [plan.promotes],
  });
}

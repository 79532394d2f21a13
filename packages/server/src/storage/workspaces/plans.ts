import type { Queryable } from "../../core/events/recording.ts";
import { type Feature, type Grant, isFeature, type Plan } from "../../core/workspaces/plans.ts";
import type { Tx } from "../connections/connections.ts";

interface PlanRow {
  name: string;
  title: string;
  endpoints: number | null;
  smsPerMonth: number | null;
  features: string[];
}

const COLUMNS = `p.name, p.title, p.endpoints, p.sms_per_month as "smsPerMonth", p.features`;

/** Every plan, by name. */
export async function listPlans(db: Queryable): Promise<Plan[]> {
  const { rows } = await db.query<PlanRow>(`select ${COLUMNS} from plan p order by p.name`);
  return rows.map(planOf);
}

/** Makes or replaces a plan. */
export async function putPlan(db: Queryable, plan: Plan): Promise<void> {
  await db.query({
    text: `insert into plan (name, title, endpoints, sms_per_month, features) values ($1, $2, $3, $4, $5)
      on conflict (name) do update
      set title = excluded.title, endpoints = excluded.endpoints, sms_per_month = excluded.sms_per_month,
        features = excluded.features`,
    values: [plan.name, plan.title, plan.endpoints, plan.smsPerMonth, plan.features],
  });
}

/** False when a workspace has it, or when there is none of that name. */
export async function deletePlan(db: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `delete from plan where name = $1
      and not exists (select from workspace where plan = $1 and deleted_at is null)`,
    values: [name],
  });
  return rowCount === 1;
}

export async function findPlan(db: Queryable, name: string): Promise<Plan | null> {
  const { rows } = await db.query<PlanRow>({
    text: `select ${COLUMNS} from plan p where p.name = $1`,
    values: [name],
  });
  return rows[0] ? planOf(rows[0]) : null;
}

/** What a workspace has been given; null when it is gone. */
export async function findGrant(db: Queryable, workspaceId: string): Promise<Grant | null> {
  const { rows } = await db.query<PlanRow & { addOns: string[]; trialEndsAt: number | null }>({
    name: "find_grant",
    text: `select ${COLUMNS}, w.add_ons as "addOns",
        w.trial_ends_at as "trialEndsAt"
      from workspace w join plan p on p.name = w.plan where w.id = $1 and w.deleted_at is null`,
    values: [workspaceId],
  });
  const [row] = rows;
  if (!row) return null;
  return { plan: planOf(row), addOns: features(row.addOns), trialEndsAt: row.trialEndsAt };
}

/** How many endpoints a workspace has. Exact within a change of its configuration. */
export async function countEndpoints(db: Queryable, workspaceId: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    text: "select count(*)::int as n from endpoint where workspace_id = $1 and deleted_at is null",
    values: [workspaceId],
  });
  return rows[0]?.n ?? 0;
}

/** Workspaces whose trial has ended and whose endpoints do not know it yet. */
export async function findEndedTrials(db: Queryable, now: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    text: `select id from workspace where trial_ends_at <= to_timestamp($1::float8 / 1000)
      and not is_trial_over and deleted_at is null`,
    values: [now],
  });
  return rows.map(({ id }) => id);
}

/** Notes whether the end of a trial holds a workspace's endpoints back; false when it was noted before. */
export async function setTrialOver(tx: Tx, workspaceId: string, isOver: boolean): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "update workspace set is_trial_over = $2 where id = $1 and is_trial_over <> $2",
    values: [workspaceId, isOver],
  });
  return rowCount === 1;
}

function planOf({ name, title, endpoints, smsPerMonth, features: names }: PlanRow): Plan {
  return { name, title, endpoints, smsPerMonth, features: features(names) };
}

function features(names: readonly string[]): Feature[] {
  return names.filter(isFeature);
}

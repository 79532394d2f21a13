import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import {
  type Feature,
  featureOf,
  type Grant,
  has,
  isTrialOver,
  isUnlimited,
} from "../../core/workspaces/plans.ts";
import { connectedKinds, kindsOf } from "../../storage/channels/channels.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { countEndpoints, findGrant } from "../../storage/workspaces/plans.ts";

/** How a plan can refuse an endpoint. */
export const PLAN_PROBLEMS = [
  "endpoint_limit",
  "plan_feature",
  "channel_missing",
  "trial_ended",
] as const;

/** What an endpoint asks of the plan. */
export interface EndpointWish {
  /** A new one, not a change of one that counts already. */
  isNew: boolean;
  /** What it names of channels. */
  channelKinds: readonly string[];
  channelIds: readonly string[];
  /** Whether it is to deliver. */
  moves: boolean;
}

/**
 * Refuses an endpoint that the workspace's plan does not have room for, or channels for. Within a
 * change of configuration nobody else can take the last place meanwhile.
 */
export async function requireEndpointPlan(
  tx: Queryable,
  owner: Owner,
  wish: EndpointWish,
  now: number,
): Promise<void> {
  const grant = await findGrant(tx, owner.workspaceId);
  if (grant === null) return;
  if (wish.moves) requireTrial(grant, now);
  if (isUnlimited(grant)) return;
  requireFeature(grant, "webhooks");
  const { name, endpoints: limit } = grant.plan;
  if (wish.isNew && limit !== null && (await countEndpoints(tx, owner.workspaceId)) >= limit) {
    throw new CurlewError("endpoint_limit", `The plan ${name} has ${limit} endpoints.`, {
      extra: { plan: name, limit },
    });
  }
  const named = [...wish.channelKinds, ...(await kindsOf(tx, wish.channelIds))];
  const kinds = named.filter((kind) => featureOf(kind) !== null);
  if (kinds.length === 0) return;
  const connected = await connectedKinds(tx, owner);
  for (const kind of kinds) {
    requireKind(grant, kind);
    if (connected.has(kind)) continue;
    throw new CurlewError("channel_missing", `No ${kind} channel is connected yet.`);
  }
}

/** Refuses to connect a kind of channel that the plan does not have. */
export async function requireChannelPlan(
  tx: Queryable,
  workspaceId: string,
  kind: string,
): Promise<void> {
  const grant = await findGrant(tx, workspaceId);
  if (grant !== null) requireKind(grant, kind);
}

/** Refuses to send when the trial is over, or the plan does not have sending or the channel. */
export async function requireSendPlan(
  db: Queryable,
  workspaceId: string,
  kind: string,
  now: number,
): Promise<void> {
  const grant = await findGrant(db, workspaceId);
  if (grant === null) return;
  requireTrial(grant, now);
  requireFeature(grant, "send");
  requireKind(grant, kind);
}

function requireTrial(grant: Grant, now: number): void {
  if (!isTrialOver(grant, now)) return;
  const ended = new Date(grant.trialEndsAt ?? now).toISOString();
  throw new CurlewError("trial_ended", `The trial of this workspace ended at ${ended}.`, {
    extra: { plan: grant.plan.name, trial_ended_at: ended },
  });
}

function requireKind(grant: Grant, kind: string): void {
  const feature = featureOf(kind);
  if (feature !== null) requireFeature(grant, feature);
}

function requireFeature(grant: Grant, feature: Feature): void {
  if (isUnlimited(grant) || has(grant, feature)) return;
  const { name } = grant.plan;
  throw new CurlewError("plan_feature", `The plan ${name} does not have ${feature}.`, {
    extra: { plan: name, feature },
  });
}

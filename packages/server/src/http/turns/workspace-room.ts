import type { MiddlewareHandler } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { RefusalReason } from "../../runtime/telemetry/metrics.ts";
import type { AppEnv } from "../api.ts";
import { FairShare } from "./fair-share.ts";
import type { Turnstile } from "./turnstile.ts";

/** What keeps one workspace from taking what belongs to all. */
export interface WorkspaceRoom {
  rates: {
    requireRoom(workspaceId: string): void;
    spend(workspaceId: string, count: number): void;
  };
  disk: { requireRoom(workspaceId: string): void };
  turnstile: Pick<Turnstile, "pass">;
  /** For what keeps the database busy for long. */
  longWork: Pick<FairShare, "pass">;
  onRefused(reason: RefusalReason): void;
}

/** Counts a request that makes events against what its workspace may have. Throws when it has no room. */
export function takeRoom({ rates, disk, onRefused }: WorkspaceRoom, workspaceId: string): void {
  refusing("workspace_rate", () => rates.requireRoom(workspaceId));
  refusing("workspace_disk", () => disk.requireRoom(workspaceId));
  rates.spend(workspaceId, 1);

  function refusing(reason: RefusalReason, require: () => void): void {
    try {
      require();
    } catch (error) {
      if (error instanceof CurlewError) onRefused(reason);
      throw error;
    }
  }
}

/** Stands before what makes events: who has no room is told so before its body is read. */
export function requireWorkspaceRoom(room: WorkspaceRoom): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method === "POST") takeRoom(room, c.get("principal").workspaceId);
    await next();
  };
}

/** Of the connections that requests share: the rest is for what is quickly done. */
const LONG_AT_ONCE = 5;
const LONG_OF_ONE = 3;
const LONG_WAITING = 100;

/** Reads much and counts much, a few at a time. */
export function createLongWork(onRefused: WorkspaceRoom["onRefused"]): FairShare {
  return new FairShare({
    ...{ most: LONG_AT_ONCE, mostOfOne: LONG_OF_ONE, mostWaiting: LONG_WAITING },
    refuse() {
      onRefused("workspace_share");
      return new CurlewError(
        "too_many_requests",
        `${LONG_WAITING} requests of this workspace for deliveries, figures, exports and replays wait for their turn, which is its share.`,
        { retryAfterS: 1 },
      );
    },
  });
}

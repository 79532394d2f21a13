import { timeOfId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { forgetHandovers } from "../../storage/conversations/handovers.ts";
import { forgetHours, forgetMinutes } from "../../storage/figures/endpoint-hours.ts";
import { rollUp } from "../../storage/figures/tally.ts";
import { forgetWorkspaceBytes } from "../../storage/figures/workspace-bytes.ts";
import { forgetKeys } from "../../storage/idempotency.ts";
import { forgetJobs } from "../../storage/instance/jobs.ts";
import { forgetProcesses } from "../../storage/instance/processes.ts";
import { cancelOwed, listBehindBelow } from "../../storage/queue/behind.ts";
import { forgetExpunged } from "../../storage/retention/expunging.ts";
import {
  cancelBelow,
  destroyRetiredSecrets,
  forgetAuditEntries,
  forgetInvitations,
  forgetProviderRefs,
  forgetSignIns,
} from "../../storage/retention/housekeeping.ts";
import { dropExpired, ensurePartitions } from "../../storage/retention/partitions.ts";
import { forgetReceipts } from "../../storage/retention/purge-receipts.ts";
import { DAY_MS, firstKeptId } from "../retention.ts";

const PAGE = 5_000;
/** What will be cancelled is announced so long before. */
const ANNOUNCED_MS = 3 * DAY_MS;
/** Longer than anybody may ask for. */
const MINUTES_KEPT_MS = 4 * 3_600_000;
/** How long an invitation that nobody took is still listed as expired. */
const INVITATION_SHOWN_MS = 7 * DAY_MS;

export interface HousekeepingDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Pick<Clock, "now">;
  logger: Logger;
  retentionMs: number;
  /** How long bodies are kept: what still waits without one is cancelled. */
  payloadMs: number;
  /** Deliveries that waited in a day that was closed. */
  onCancelled(deliveries: number): void;
}

/** What a round has done; what failed is left out and tried again in the next. */
export interface Housekept {
  partitionsMade?: number;
  cancelled?: number;
  dropped?: readonly string[];
  keys?: number;
  providerRefs?: number;
  secrets?: number;
  jobs?: number;
  signIns?: number;
  invitations?: number;
  auditEntries?: number;
}

/**
 * The hourly round: days ahead are made, expired days are closed, emptied of what waits in them and
 * dropped, and what is of no more use is forgotten. One part that fails does not keep back the others.
 * Safe in many processes at once.
 */
export async function housekeepOnce(deps: HousekeepingDeps): Promise<Housekept> {
  const { connections, clock, logger, retentionMs, onCancelled } = deps;
  const { pool } = connections;
  const now = clock.now();
  const firstKept = firstKeptId(now, retentionMs);
  const done: Housekept = {};
  const attempt = async (name: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      logger.warn({ err: error, part: name }, "a part of the housekeeping failed");
    }
  };

  await attempt("days ahead", async () => {
    done.partitionsMade = await ensurePartitions(pool, now);
  });
  await attempt("expired days", async () => {
    // The ledger outlives the days that it counts.
    while (await connections.transaction(rollUp));
    // What waits goes before its day does, so that it is counted: in the log first, then in `retry`.
    done.cancelled = 0;
    for (const { serial } of await listBehindBelow(pool, firstKept)) {
      for (let isDone = false; !isDone; ) {
        const page = await connections.transaction((tx) =>
          cancelOwed(tx, serial, { firstKept, limit: PAGE }),
        );
        done.cancelled += page.cancelled;
        isDone = page.isDone;
      }
    }
    done.cancelled += await inPages(() =>
      connections.transaction((tx) => cancelBelow(tx, firstKept, PAGE, now)),
    );
    await announce(deps, now);
    if (done.cancelled > 0) onCancelled(done.cancelled);
    const { dropped, postponed } = await dropExpired(pool, { now, retentionMs });
    done.dropped = dropped;
    for (const { table, error } of postponed) {
      logger.warn({ err: error, table }, "an expired day has to wait for the next round");
    }
  });
  await attempt("provider references", async () => {
    done.providerRefs = await inPages(() => forgetProviderRefs(pool, firstKept, PAGE));
  });
  await attempt("processes", () => forgetProcesses(pool, now - DAY_MS));
  await attempt("idempotency keys", async () => {
    done.keys = await inPages(() => forgetKeys(pool, now, PAGE));
  });
  await attempt("signing secrets", async () => {
    done.secrets = await destroyRetiredSecrets(pool, now);
  });
  await attempt("shares", () => forgetWorkspaceBytes(pool, now - retentionMs));
  await attempt("hours", () => forgetHours(pool, now - retentionMs));
  await attempt("minutes", () => forgetMinutes(pool, now - MINUTES_KEPT_MS));
  await attempt("files handed on", () => forgetHandovers(pool, firstKept));
  await attempt("receipts", () => forgetReceipts(pool, firstKept));
  await attempt("expunged events", () => forgetExpunged(pool, firstKept));
  await attempt("jobs", async () => {
    done.jobs = await forgetJobs(pool, now - retentionMs);
  });
  await attempt("sign-ins", async () => {
    done.signIns = await forgetSignIns(pool, now);
    done.invitations = await forgetInvitations(pool, now - INVITATION_SHOWN_MS);
  });
  await attempt("audit log", async () => {
    done.auditEntries = await inPages(() => forgetAuditEntries(pool, firstKept, PAGE));
  });
  logger.debug(done, "housekeeping is done");
  return done;
}

/** Says which endpoints are about to lose what they are owed: their owners may still act. */
async function announce({ connections, logger, payloadMs }: HousekeepingDeps, now: number) {
  const soon = firstKeptId(now + ANNOUNCED_MS, payloadMs);
  for (const { endpointId, from } of await listBehindBelow(connections.pool, soon)) {
    logger.warn(
      {
        endpoint: endpointId,
        waitingSince: new Date(timeOfId(from)).toISOString(),
        cancelledFrom: new Date(timeOfId(from) + payloadMs).toISOString(),
      },
      "what waits in the log for this endpoint will be cancelled when its bodies are no longer kept",
    );
  }
}

/** Repeats a page until one was not full; answers how much there was. */
async function inPages(page: () => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const count = await page();
    total += count;
    if (count < PAGE) return total;
  }
}

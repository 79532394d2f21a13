import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { addWorkspaceBytes, readWorkspaceBytes } from "../../storage/figures/workspace-bytes.ts";
import type { Publish } from "../publishing/publish.ts";

const WARNED_AT = 0.8;
/** Room comes when the oldest day is dropped, or the operator gives some. */
const RETRY_AFTER_S = 3_600;
const MEGABYTE = 1024 * 1024;
const NO_HASH = Buffer.alloc(32);

export interface WorkspaceDiskDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  logger: Logger;
  publish: Publish;
  /** What the bodies of a workspace's events may take in the days that are kept; 0: as much as wanted. */
  mostBytes: number;
}

/**
 * How much of the disk a workspace may fill: counted are the bodies of its events, by day, in all
 * processes together. Warned at four fifths, then refused; what providers send is never refused.
 */
export class WorkspaceDisk {
  readonly #deps: WorkspaceDiskDeps;
  #written = new Map<string, number>();
  #used = new Map<string, number>();
  readonly #told = new Map<string, "quota.warned" | "quota.exceeded">();

  constructor(deps: WorkspaceDiskDeps) {
    this.#deps = deps;
  }

  /** Bytes that a workspace takes, as of the last look, and what this process has written since. */
  used(workspaceId: string): number {
    return (this.#used.get(workspaceId) ?? 0) + (this.#written.get(workspaceId) ?? 0);
  }

  wrote(workspaceId: string, bytes: number): void {
    this.#written.set(workspaceId, (this.#written.get(workspaceId) ?? 0) + bytes);
  }

  /** Refuses when the workspace has filled its share. */
  requireRoom(workspaceId: string): void {
    const { mostBytes } = this.#deps;
    if (mostBytes === 0 || this.used(workspaceId) < mostBytes) return;
    const limit = Math.round(mostBytes / MEGABYTE);
    throw new CurlewError(
      "too_many_requests",
      `The events of this workspace take the ${limit} MB that they may: there is room when the oldest are dropped.`,
      { retryAfterS: RETRY_AFTER_S, extra: { limit_mb: limit } },
    );
  }

  /** Writes what was counted, looks at what all processes have, and tells of who comes near the end. */
  async look(): Promise<void> {
    const { db, clock, mostBytes } = this.#deps;
    const written = this.#written;
    if (written.size > 0) {
      this.#written = new Map();
      try {
        await addWorkspaceBytes(db, written, clock.now());
      } catch (error) {
        for (const [id, bytes] of written) this.wrote(id, bytes);
        throw error;
      }
    }
    if (mostBytes === 0) return;
    this.#used = await readWorkspaceBytes(db);
    for (const [id, bytes] of this.#used) await this.#tell(id, bytes);
  }

  async #tell(workspaceId: string, bytes: number): Promise<void> {
    const { mostBytes, logger, publish } = this.#deps;
    const news =
      bytes >= mostBytes
        ? "quota.exceeded"
        : bytes >= mostBytes * WARNED_AT
          ? "quota.warned"
          : undefined;
    if (this.#told.get(workspaceId) === news) return;
    if (news === undefined) {
      this.#told.delete(workspaceId);
      return;
    }
    const [used, limit] = [bytes, mostBytes].map((each) => Math.round(each / MEGABYTE));
    logger.warn(
      { workspace: publicId("ws", workspaceId), usedMb: used, limitMb: limit },
      news === "quota.warned"
        ? "a workspace has nearly filled its share of the disk"
        : "a workspace has filled its share of the disk, and publishes and sends nothing more",
    );
    const data = { meter: "disk_mb", used, limit, resets_at: null };
    const nowhere = { accountId: null, campaignId: null, channel: null, conversationId: null };
    // Every process notices; it is told once a day.
    const key = { name: `${news} disk_mb ${limit}`, hash: NO_HASH };
    await publish({
      ...{ workspaceId, confinedTo: null },
      items: [{ type: news, data, ...nowhere, key }],
    });
    this.#told.set(workspaceId, news);
  }
}

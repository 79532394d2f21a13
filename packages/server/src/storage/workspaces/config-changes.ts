import type { Queryable } from "../../core/events/recording.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections, Tx } from "../connections/connections.ts";

/** Processes listen here; the payload is the workspace's uuid. */
export const CONFIG_CHANNEL = "curlew_config";

/**
 * Changes something which matching, sending or authentication goes by. `work` is given the
 * workspace's new version; when the change has been committed, every process hears of it, and this
 * one has applied it before the promise resolves.
 */
export type ChangeConfig = <T>(
  workspaceId: string,
  work: (tx: Tx, version: number) => Promise<T>,
  options?: {
    /** Resolve only when every living process has applied it: what is taken away is gone then. */
    everywhere?: boolean;
  },
) => Promise<T>;

export interface ConfigChangesDeps {
  connections: Connections;
  logger: Logger;
  /** Applies a committed change in this process. */
  onChanged(workspaceId: string): Promise<void>;
  /** Waits until every other living process has applied this version of the instance. */
  onAppliedEverywhere?(instanceVersion: number): Promise<void>;
}

export function createConfigChanges(deps: ConfigChangesDeps): ChangeConfig {
  const { connections, onAppliedEverywhere } = deps;
  const announce = announceConfig(deps);
  return async (workspaceId, work, options = {}) => {
    const { result, instanceVersion } = await connections.transaction(async (tx) => {
      const { version, instanceVersion } = await bumpConfig(tx, workspaceId);
      return { result: await work(tx, version), instanceVersion };
    });
    await announce(workspaceId);
    if (options.everywhere) await onAppliedEverywhere?.(instanceVersion);
    return result;
  };
}

/** Applies a change that has been committed, here and elsewhere. */
export function announceConfig({
  connections,
  logger,
  onChanged,
}: Pick<ConfigChangesDeps, "connections" | "logger" | "onChanged">): (
  workspaceId: string,
) => Promise<void> {
  return async (workspaceId) => {
    // Whoever misses the call sees the version with its next heartbeat.
    await notifyConfig(connections.pool, workspaceId).catch((error: unknown) => {
      logger.warn({ err: error }, "could not tell other processes of a change");
    });
    await onChanged(workspaceId);
  };
}

/**
 * Gives a workspace, and with it the instance, a new version. Rows are always taken in this order,
 * and before those that the change itself touches, so that changes wait in line and never for each
 * other.
 */
export async function bumpConfig(
  tx: Tx,
  workspaceId: string,
): Promise<{ version: number; instanceVersion: number }> {
  const workspace = await tx.query<{ version: number }>({
    text: `update workspace set config_version = config_version + 1 where id = $1
      returning config_version as version`,
    values: [workspaceId],
  });
  const instance = await tx.query<{ version: number }>(
    "update instance set config_version = config_version + 1 returning config_version as version",
  );
  const version = workspace.rows[0]?.version;
  const instanceVersion = instance.rows[0]?.version;
  if (version === undefined || instanceVersion === undefined) {
    throw new Error(`there is no workspace ${workspaceId}`);
  }
  return { version, instanceVersion };
}

/** Sent after the commit: `NOTIFY` takes a lock of the whole cluster until its transaction ends. */
async function notifyConfig(db: Queryable, workspaceId: string): Promise<void> {
  await db.query({ text: "select pg_notify($1, $2)", values: [CONFIG_CHANNEL, workspaceId] });
}

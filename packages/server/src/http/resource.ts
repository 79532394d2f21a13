import { CurlewError } from "../core/errors.ts";
import type { Queryable } from "../core/events/recording.ts";
import { publicId } from "../core/ids.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Principal } from "../core/workspaces/principal.ts";
import { existingAccounts, type Owner } from "../storage/workspaces/accounts.ts";
import type { ChangeConfig } from "../storage/workspaces/config-changes.ts";
import { fieldRefused } from "./api.ts";

/** What the routes of configured things stand on. */
export interface ResourceDeps {
  db: Queryable;
  changeConfig: ChangeConfig;
  clock: Pick<Clock, "now">;
  /** A new uuid. */
  newId(): string;
}

/** What a principal sees: its workspace, or its one account. */
export function ownerOf({ workspaceId, accountId }: Principal): Owner {
  return { workspaceId, accountId };
}

/** Refuses what goes beyond one account. */
export function requireUnconfined({ accountId }: Principal): void {
  if (accountId !== null) {
    throw new CurlewError("forbidden", "This needs a key that is not confined to an account.");
  }
}

/**
 * The account of something new: the one named, else the one that the key is confined to. A confined
 * key may name no other; `pointer` says where the name stood.
 */
export async function accountFor(
  db: Queryable,
  principal: Principal,
  named: string | null | undefined,
  pointer: string,
): Promise<string | null> {
  const accountId = named ?? principal.accountId;
  if (accountId !== null) await requireAccounts(db, principal, [accountId], () => pointer);
  return accountId;
}

/** Refuses the first of these accounts that the principal cannot see. */
export async function requireAccounts(
  db: Queryable,
  principal: Principal,
  ids: readonly string[],
  pointerTo: (index: number) => string,
): Promise<void> {
  const there = await existingAccounts(db, ownerOf(principal), ids);
  const missing = ids.findIndex((id) => !there.has(id));
  const id = ids[missing];
  if (id !== undefined) {
    throw fieldRefused(pointerTo(missing), `there is no account ${publicId("acc", id)}`);
  }
}

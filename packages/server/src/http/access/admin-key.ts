import type { Queryable } from "../../core/events/recording.ts";
import type { Secret } from "../../core/secret.ts";
import {
  dropAdminDigest,
  findAdminDigest,
  keepAdminDigest,
} from "../../storage/workspaces/workspaces.ts";
import { digestOf, newAdminKey } from "./key-text.ts";

export interface AdminKey {
  digest: Buffer;
  /** Its text, when it was made just now: nobody can show it again. */
  made: string | null;
  /** For a start that failed before the text was shown: the next start makes another. */
  withdraw(): Promise<void>;
}

/**
 * The instance's admin key: the one that the operator fixed, which then is the only one that counts,
 * else the one that was made at the first start.
 */
export async function ensureAdminKey(db: Queryable, given: Secret | null): Promise<AdminKey> {
  if (given !== null) return kept(digestOf(given.reveal()));
  const before = await findAdminDigest(db);
  if (before) return kept(before);
  const { text, digest } = newAdminKey();
  if (await keepAdminDigest(db, digest)) {
    return { digest, made: text, withdraw: () => dropAdminDigest(db, digest) };
  }
  const theirs = await findAdminDigest(db);
  if (!theirs) throw new Error("the admin key's digest is gone");
  return kept(theirs);
}

function kept(digest: Buffer): AdminKey {
  return { digest, made: null, withdraw: async () => {} };
}

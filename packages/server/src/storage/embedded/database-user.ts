import { lchownSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartError } from "../../core/start-error.ts";

/** Another user than ours, who runs PostgreSQL. */
export interface DatabaseUser {
  uid: number;
  gid: number;
}

const NOBODY: DatabaseUser = { uid: 65_534, gid: 65_534 };
const SEARCH = 0o1;

/**
 * Who must run the PostgreSQL of this cluster: null means ourselves. PostgreSQL refuses to be
 * root, so root lends it the user that owns the cluster, or for a new one `postgres` or `nobody`.
 */
export function databaseUserFor(cluster: string): DatabaseUser | null {
  const ownUid = process.getuid?.();
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (ownUid === 0) {
    if (process.platform !== "linux") {
      throw new StartError(
        "PostgreSQL does not run as root. Start Curlew as an ordinary user, or set DATABASE_URL.",
      );
    }
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
    return knownUser("postgres") ?? knownUser("nobody") ?? NOBODY;
  }
  if (owner && owner.uid !== ownUid) {
    throw new StartError(
      `The database in ${cluster} belongs to the user with id ${owner.uid}. Start Curlew as that user or as root, or change the owner (chown -R).`,
    );
  }
  return null;
}

/** Whether a user may reach what is inside `directory`: search permission on it and all above. */
export function canReach(directory: string, user: DatabaseUser): boolean {
  const { uid, gid, mode } = statSync(directory);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  if (((mode >> shift) & SEARCH) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || canReach(parent, user);
}

/** Gives a directory and all in it to `user`; itself last, so that it shows when all is done. */
export function giveTo(user: DatabaseUser, path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) giveTo(user, inside);
    else lchownSync(inside, user.uid, user.gid);
  }
  lchownSync(path, user.uid, user.gid);
}

function knownUser(name: string): DatabaseUser | null {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

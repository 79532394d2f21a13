import { createSignIn, ensureSignInSecret } from "../http/access/open-sign-in.ts";
import type { SignIn } from "../http/access/sign-in.ts";
import { secretFrom } from "../runtime/secrets/secrets.ts";
import { openSignInDatabase } from "../storage/workspaces/sign-in-database.ts";
import { useUpCode } from "../storage/workspaces/used-codes.ts";
import type { Ground } from "./ground.ts";

/** What sessions, links to files and a simulator's requests are signed with. */
export function openSignInSecret({ db, vault, masterKeys, logger }: Ground): Promise<string> {
  const [masterKey = new Uint8Array()] = masterKeys; // without one there is no vault
  const standIn = secretFrom(masterKey, "curlew sign-in v1");
  return ensureSignInSecret(db, vault, { standIn, logger });
}

export function openSignIn(ground: Ground, secret: string): SignIn {
  const { config, connections, db, clock, logger } = ground;
  return createSignIn({
    database: openSignInDatabase(connections),
    secret,
    useUpCode: (personId, code) => useUpCode(db, { personId, code, now: clock.now() }),
    publicUrl: config.publicUrl,
    logger: logger.child({ room: "sign-in" }),
  });
}

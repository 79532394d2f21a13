import { randomBytes } from "node:crypto";
import type { Queryable } from "../../core/events/recording.ts";
import type { Logger } from "../../core/outside/log.ts";
import { UnknownKey } from "../../core/unknown-key.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { keepSignInSecret } from "../../storage/workspaces/members.ts";
import type { SignIn, SignInDeps } from "./sign-in.ts";

/** Opens better-auth when somebody signs in, and not before: most servers are used by programs alone. */
export function createSignIn(deps: SignInDeps): SignIn {
  let opening: Promise<SignIn> | null = null;
  const opened = () => {
    opening ??= import("./better-auth.ts")
      .then(({ openBetterAuth }) => openBetterAuth(deps))
      .catch((error: unknown) => {
        // Whoever comes next tries again.
        opening = null;
        throw error;
      });
    return opening;
  };
  return {
    handle: async (request) => (await opened()).handle(request),
    whoIs: async (headers) => (await opened()).whoIs(headers),
    hashPassword: async (password) => (await opened()).hashPassword(password),
  };
}

/**
 * What sessions, links to media and a simulator's requests are signed with: made once, and kept sealed.
 * Where none of the master keys opens it, the server serves on with a stand-in.
 */
export async function ensureSignInSecret(
  db: Queryable,
  vault: Vault,
  { standIn, logger }: { standIn: string; logger: Logger },
): Promise<string> {
  const place = { table: "instance", row: "sign_in", column: "sign_in_secret" };
  const fresh = randomBytes(32).toString("base64url");
  const kept = await keepSignInSecret(db, vault.seal(fresh, place));
  try {
    return vault.open(kept, place);
  } catch (error) {
    logger[error instanceof UnknownKey ? "debug" : "error"](
      { err: error },
      "what sessions and links to media are signed with cannot be opened with any of the master keys; those that are made now end when it can be",
    );
    return standIn;
  }
}

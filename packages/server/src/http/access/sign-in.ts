import type { Logger } from "../../core/outside/log.ts";
import type { SignInDatabase } from "../../storage/workspaces/sign-in-database.ts";

/** What a request's peer is told to better-auth by; whatever a client sends under it is dropped. */
export const PEER_HEADER = "x-curlew-peer";
export const SIGN_IN_PATH = "/auth";

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;

export interface SignInDeps {
  database: SignInDatabase;
  /** What sessions are signed with. */
  secret: string;
  /** Uses up the code of a person's second factor; false when it has opened a door before. */
  useUpCode(personId: string, code: string): Promise<boolean>;
  /** Where people reach the dashboard, or null while nobody has said. */
  publicUrl: string | null;
  logger: Logger;
}

export interface SignedIn {
  person: { id: string; name: string; email: string };
}

/** Who signs in, and how: better-auth behind the three things that the rest of Curlew asks of it. */
export interface SignIn {
  /** Answers a request below `/auth` as better-auth does. */
  handle(request: Request): Promise<Response>;
  /** Who a request's cookie says it is; null for nobody. */
  whoIs(headers: Headers): Promise<SignedIn | null>;
  hashPassword(password: string): Promise<string>;
}

import type { Scope } from "./scopes.ts";

/** On whose behalf a request acts, once it has been authenticated. */
export interface Principal {
  /**
   * `admin` is the operator of the instance, `key` an API key of one workspace, `member` a person who
   * has signed in.
   */
  readonly kind: "admin" | "key" | "member";
  readonly workspaceId: string;
  /** The one account that a confined key sees and uses; null when it is not confined. */
  readonly accountId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly keyId: string | null;
  /** The person, as far as one has signed in. */
  readonly personId?: string;
  /** Whether this person may do what the operator of the instance may. */
  readonly isOperator?: boolean;
}

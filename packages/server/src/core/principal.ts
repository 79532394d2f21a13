import type { Scope } from "./scopes.ts";

/** On whose behalf a request acts, once it has been authenticated. */
export interface Principal {
  /** `admin` is the operator of the instance; `key` an API key of one workspace. */
  readonly kind: "admin" | "key";
  readonly workspaceId: string;
  /** The one account that a confined key sees and uses; null when it is not confined. */
  readonly accountId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly keyId: string | null;
}

import type { Clock } from "../../core/outside/clock.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Notices } from "../../delivery/endpoints/notices.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import { destroySecrets, insertEndpointSecret } from "../../storage/endpoints/endpoint-secrets.ts";
import { secretPlace } from "../../storage/endpoints/endpoints.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";
import { requireEndpoint } from "./probes.ts";

export interface ReplaceSecretDeps {
  changeConfig: ChangeConfig;
  clock: Pick<Clock, "now">;
  newId(): string;
  vault: Vault;
  notices: Pick<Notices, "secretRotated" | "soon">;
}

/**
 * Puts a secret that the client brings in the place of all others, at once and everywhere; null leaves
 * the endpoint without one, in a dialect that can do without.
 */
export async function replaceSecret(
  { changeConfig, clock, newId, vault, notices }: ReplaceSecretDeps,
  principal: Principal,
  id: string,
  text: string | null,
): Promise<void> {
  const secretId = newId();
  const replaced = async (tx: Tx) => {
    const endpoint = await requireEndpoint(tx, principal, id);
    await destroySecrets(tx, id);
    if (text !== null) {
      const sealed = vault.seal(text, secretPlace(secretId));
      const secret = { id: secretId, endpointId: id, sealed, createdAt: clock.now() };
      await insertEndpointSecret(tx, secret);
    }
    const told = text === null ? null : secretId;
    const rotated = { step: "rotated", secretId: told, retiringUntil: null } as const;
    await notices.secretRotated(tx, endpoint, rotated);
  };
  await changeConfig(principal.workspaceId, replaced, { everywhere: true });
  notices.soon();
}

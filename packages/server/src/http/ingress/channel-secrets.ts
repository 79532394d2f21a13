import type { Queryable } from "../../core/events/recording.ts";
import { Secret } from "../../core/secret.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { credentialsPlace } from "../../storage/channels/channels.ts";
import { findChannelMeans } from "../../storage/sending/sending.ts";
import type { MetaSecrets } from "./ingress.ts";

/**
 * Finds what proves that a request to a channel's own address is Meta's: the app secret among the
 * channel's credentials, and the instance's verify token. Null when it has no secret of its own.
 */
export function createChannelSecrets({
  db,
  vault,
  verifyToken,
}: {
  db: Queryable;
  vault: Pick<Vault, "open">;
  verifyToken: Secret | null;
}): (channelId: string) => Promise<MetaSecrets | null> {
  return async (channelId) => {
    const means = await findChannelMeans(db, channelId);
    if (!means?.credentials) return null;
    const opened = vault.open(means.credentials, credentialsPlace(channelId));
    const credentials: { app_secret?: string } = JSON.parse(opened);
    if (!credentials.app_secret) return null;
    return { appSecrets: [new Secret(credentials.app_secret)], verifyToken };
  };
}

import { authTokensOf } from "../../channels/twilio/account.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelAddress } from "../../core/messages/inbound.ts";
import { Secret } from "../../core/secret.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { credentialsPlace } from "../../storage/channels/channels.ts";
import {
  findSmsChannel,
  findSmsChannelById,
  findSmsChannelOfMessage,
  type SmsChannel,
} from "../../storage/channels/sms-channels.ts";

/** A channel that a request of Twilio's may be for, and what would have signed it. */
export interface TwilioChannel {
  readonly id: string;
  readonly address: ChannelAddress;
  readonly authTokens: readonly Secret[];
}

/** What a request says of where it belongs, before it has proved anything. */
export interface TwilioAddress {
  /** Of ours: `To` of what a customer wrote, `From` of what we did. */
  readonly number: string | null;
  readonly serviceSid: string | null;
  /** Our message that a status speaks of. */
  readonly messageId: string | null;
}

export interface TwilioChannels {
  find(address: TwilioAddress): Promise<TwilioChannel | null>;
  findById(id: string): Promise<TwilioChannel | null>;
}

export function createTwilioChannels({
  db,
  vault,
}: {
  db: Queryable;
  vault: Pick<Vault, "open">;
}): TwilioChannels {
  const open = (found: SmsChannel | null): TwilioChannel | null => {
    if (found === null) return null;
    const { id, externalId, credentials } = found;
    return {
      id,
      address: { kind: "sms", externalId },
      authTokens:
        credentials === null ? [] : tokensIn(vault.open(credentials, credentialsPlace(id))),
    };
  };
  return {
    find: async ({ messageId, ...address }) => {
      const sent = messageId === null ? null : await findSmsChannelOfMessage(db, messageId);
      return open(sent ?? (await findSmsChannel(db, address)));
    },
    findById: async (id) => open(await findSmsChannelById(db, id)),
  };
}

function tokensIn(opened: string): Secret[] {
  const { auth_token }: { auth_token?: string } = JSON.parse(opened);
  return auth_token === undefined ? [] : authTokensOf(new Secret(auth_token));
}

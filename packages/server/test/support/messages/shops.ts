import { publicId } from "../../../src/core/ids.ts";
import type { PostOffice } from "./post-office.ts";

/** Somebody on a channel of a kind, with whom there is a conversation. */
export interface Shop {
  channelId: string;
  /** Public. */
  channel: string;
  conversationId: string;
  contactId: string;
  /** Public. */
  conversation: string;
  /** What the channel calls the customer. */
  customer: string;
}

const NAMES = { messenger: "psid", instagram: "igsid", sms: "phone", whatsapp: "wa_id" } as const;
const CREDENTIALS = '{"access_token":"EAAB","account_sid":"AC1","auth_token":"t"}';

/** A channel of this kind and a customer who wrote `ago` ms ago; null for one who never did. */
export async function openShop(
  office: PostOffice,
  kind: keyof typeof NAMES,
  { externalId = "100", customer = "2400000000000001", ago = 0 as number | null } = {},
): Promise<Shop> {
  const { ids, workspaceId, accountId, clock } = office;
  const [channelId, contactId, conversationId] = [ids.next(), ids.next(), ids.next()];
  const at = new Date(clock.now());
  await office.rows(
    `insert into channel (id, workspace_id, account_id, kind, name, external_id, credentials, created_at, updated_at)
     values ($1, $2, $3, $4, 'Shop', $5, $6, $7, $7)`,
    [channelId, workspaceId, accountId, kind, externalId, CREDENTIALS, at],
  );
  await office.rows(
    `insert into contact (id, workspace_id, account_id, created_at, updated_at)
     values ($1, $2, $3, $4, $4)`,
    [contactId, workspaceId, accountId, at],
  );
  await office.rows(
    `insert into identity (id, workspace_id, channel_id, contact_id, kind, value, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [ids.next(), workspaceId, channelId, contactId, NAMES[kind], customer, at],
  );
  await office.rows(
    `insert into conversation (id, workspace_id, account_id, channel_id, contact_id, last_inbound_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[conversationId, workspaceId, accountId, channelId, contactId],
      ago === null ? null : new Date(clock.now() - ago),
      at,
    ],
  );
  return {
    channelId,
    channel: publicId("ch", channelId),
    conversationId,
    contactId,
    conversation: publicId("cnv", conversationId),
    customer,
  };
}

/** Messenger's and Instagram's answer to a message. */
export function taken(messageId: string, recipientId = "2400000000000001") {
  const body = JSON.stringify({ recipient_id: recipientId, message_id: messageId });
  return { kind: "response", status: 200, headers: {}, body } as const;
}

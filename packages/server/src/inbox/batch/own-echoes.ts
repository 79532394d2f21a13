import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { Content } from "../../core/messages/content.ts";
import type { InboundEcho, InboundMessage, InboundStatus } from "../../core/messages/inbound.ts";
import { keyOfIdentity } from "../../storage/conversations/contacts.ts";
import { findMessagePlaces, type MessagePlace } from "../../storage/conversations/messages.ts";
import { findProviderRefs, keyOfName } from "../../storage/conversations/provider-refs.ts";
import { findInFlight, type InFlight } from "../../storage/sending/in-flight.ts";
import { nameOf, type Placed, type Sorted } from "./sort.ts";

/** Which message of ours an item speaks of, as far as it says so itself and not by the provider's id. */
export interface Claims {
  messageIds: Map<Placed<InboundStatus>, string>;
  places: Map<string, MessagePlace>;
}

/**
 * Finds the messages of ours that statuses and echoes bring back. An echo of our own message is a
 * status: it was sent. It names our id where the provider carries one; Instagram carries none, and there
 * it is known by whom it went to, by what it says and by its turn.
 */
export async function claimOurs(tx: Queryable, sorted: Sorted): Promise<Claims> {
  const messageIds: Claims["messageIds"] = new Map();
  const tokens = new Map<Placed<InboundStatus> | Placed<InboundEcho>, string>();
  const echoes = sorted.messages.filter(isEcho);
  for (const placed of [...sorted.statuses, ...echoes]) {
    const id = placed.item.token === null ? null : parseId("msg", placed.item.token);
    if (id !== null) tokens.set(placed, id);
  }
  const places = await findMessagePlaces(tx, [...new Set(tokens.values())]);
  const back = new Map<Placed<InboundEcho>, string>();
  for (const [placed, id] of tokens) {
    if (!isOurs(places.get(id), placed)) continue;
    if (placed.item.kind === "status") messageIds.set(placed as Placed<InboundStatus>, id);
    else back.set(placed as Placed<InboundEcho>, id);
  }
  const nameless = echoes.filter(
    (echo) => echo.item.channel.kind === "instagram" && !echo.item.isHistory && !back.has(echo),
  );
  for (const [echo, id] of await matchInFlight(tx, nameless)) back.set(echo, id);
  if (back.size === 0) return { messageIds, places };

  const taken: ReadonlySet<Placed<InboundMessage | InboundEcho>> = new Set(back.keys());
  sorted.messages = sorted.messages.filter((placed) => !taken.has(placed));
  for (const [echo, id] of back) {
    const status = { ...echo, item: statusOf(echo.item) };
    sorted.statuses.push(status);
    messageIds.set(status, id);
  }
  const unread = [...back.values()].filter((id) => !places.has(id));
  for (const [id, place] of await findMessagePlaces(tx, unread)) places.set(id, place);
  return { messageIds, places };
}

function isEcho(placed: Placed<InboundMessage | InboundEcho>): placed is Placed<InboundEcho> {
  return placed.item.kind === "echo";
}

export function isOurs(
  place: MessagePlace | undefined,
  { route }: Placed<InboundStatus> | Placed<InboundEcho>,
): place is MessagePlace {
  return place?.direction === "outbound" && place.channelId === route.channel.id;
}

async function matchInFlight(
  tx: Queryable,
  echoes: readonly Placed<InboundEcho>[],
): Promise<Map<Placed<InboundEcho>, string>> {
  const matched = new Map<Placed<InboundEcho>, string>();
  if (echoes.length === 0) return matched;
  // What the provider's name is known of already is nobody else's.
  const known = await findProviderRefs(tx, echoes.map(nameOf));
  const open = echoes.filter((echo) => !known.has(keyOfName(nameOf(echo))));
  const flying = await findInFlight(tx, open.flatMap(keysOf));
  const taken = new Set<string>();
  for (const echo of open) {
    const candidates = keysOf(echo).flatMap((key) => flying.get(keyOfIdentity(key)) ?? []);
    const found = candidates.find(
      (each) => !taken.has(each.messageId) && saysSame(each, echo.item),
    );
    if (!found) continue;
    taken.add(found.messageId);
    matched.set(echo, found.messageId);
  }
  return matched;
}

function keysOf({ item, route }: Placed<InboundEcho>) {
  return item.recipient.identities.map(({ kind, value }) => ({
    channelId: route.channel.id,
    kind,
    value,
  }));
}

/** The provider gives files other names: of them only the type is told back. */
function saysSame(sent: InFlight, { content: heard }: InboundEcho): boolean {
  // The cast is safe: the column holds only what JSON.stringify made of a content.
  const content = JSON.parse(sent.content) as Content;
  if (heard.type === "text") return wordsOf(content) === plain(heard.text);
  if (heard.type === "interactive") return content.type === "interactive";
  return content.type === heard.type || (content.type === "voice" && heard.type === "audio");
}

function wordsOf(content: Content): string | null {
  if (content.type === "text") return plain(content.text);
  return content.type === "interactive" ? plain(content.body) : null;
}

function plain(text: string): string {
  return text.normalize("NFC").replace(/\s+/g, " ").trim();
}

function statusOf(echo: InboundEcho): InboundStatus {
  const { channel, providerId, sentAt, token, recipient, raw } = echo;
  return {
    kind: "status",
    channel,
    providerId,
    status: "sent",
    at: sentAt,
    token,
    recipient,
    parentBsuid: null,
    error: null,
    pricing: null,
    providerConversationId: null,
    raw,
  };
}

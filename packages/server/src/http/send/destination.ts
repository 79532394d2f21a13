import { isPossiblePhoneNumber } from "libphonenumber-js/min";
import type { Provider } from "../../channels/provider.ts";
import { providerOf } from "../../channels/registry.ts";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId, publicId } from "../../core/ids.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { IdentityName } from "../../core/messages/inbound.ts";
import { phoneOfWaId } from "../../core/messages/phone.ts";
import {
  chooseChannel,
  isNamed,
  type Names,
  namesOf,
  platformMeant,
  type RecipientField,
  strangerOf,
} from "../../core/sending/send-request.ts";
import type { SendUnit } from "../../outbox/accept-send.ts";
import {
  type Correspondent,
  findCommentChannel,
  findCorrespondent,
  findCorrespondents,
  listSendingChannels,
  type SendingChannel,
} from "../../storage/sending/sending.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { fieldRefused } from "../api.ts";
import type { SendBody } from "./send-body.ts";

/** Where a message goes: a channel, and somebody on it. */
export interface Destination {
  channel: SendingChannel;
  provider: Provider;
  target: SendUnit["target"];
  to: IdentityName;
  /** Null for somebody who has never written, as far as is known here. */
  lastInboundAt: number | null;
  isOptedOut: boolean;
  /** E.164; null where none is known. */
  phone: string | null;
}

/** One of the ways in which a request says whom it means, the leading one first. */
interface Said {
  field: Exclude<RecipientField, "conversation_id">;
  text: string;
  names: Names;
}

/** Finds whom a request means. Refuses in words what cannot be found or does not agree. */
export async function findDestination(
  db: Queryable,
  owner: Owner,
  body: SendBody,
): Promise<Destination> {
  const said = recipientsOf(body);
  const channels = await listSendingChannels(db, owner);
  const named = namedChannel(channels, body);
  if (body.comment_id !== undefined) {
    return destinationOfComment(db, channels, named, body, body.comment_id, said);
  }
  if (body.conversation_id !== undefined) {
    const found = await findByConversation(db, owner, body.conversation_id);
    requireAgreement(found, named, body, said);
    return destinationOf(found, said);
  }
  const [leading] = said;
  if (leading === undefined) {
    const detail =
      "Say to whom: conversation_id, platform_user_id, wa_user_id, to_phone or comment_id.";
    throw new CurlewError("recipient_missing", detail);
  }
  const kind = platformMeant({
    platform: body.platform ?? null,
    channelKind: named?.kind ?? null,
    recipients: said.map(({ field }) => field),
  });
  const candidates = candidatesFor(channels, named, kind, body);
  const found = await findCorrespondents(db, owner, leading.names);
  const known = onePerChannel(found, leading.names).filter(({ channel }) =>
    candidates.some(({ id }) => id === channel.id),
  );
  if (known.length === 0) return strangerAt(candidates, kind, said);
  const channel = requireChoice(known.map((each) => each.channel));
  const correspondent = known.find((each) => each.channel.id === channel.id);
  if (!correspondent) throw new Error("a channel was chosen that nobody is on");
  requireAgreement(correspondent, named, body, said);
  return destinationOf(correspondent, said);
}

function recipientsOf(body: SendBody): Said[] {
  const said: Said[] = [];
  for (const field of ["platform_user_id", "wa_user_id", "to_phone"] as const) {
    const text = body[field];
    if (text !== undefined) said.push({ field, text, names: namesOf(field, text) });
  }
  if (body.to_phone !== undefined && !isPossiblePhoneNumber(body.to_phone)) {
    throw fieldRefused("/to_phone", "cannot be a telephone number: its length fits no country");
  }
  return said;
}

function namedChannel(channels: readonly SendingChannel[], body: SendBody): SendingChannel | null {
  if (body.channel_id === undefined) return null;
  const named = channels.find(({ id }) => id === body.channel_id);
  if (named) {
    if (body.platform === undefined || body.platform === named.kind) return named;
    throw conflict(`The channel is of the kind ${named.kind}, not ${body.platform}.`);
  }
  throw fieldRefused("/channel_id", `there is no channel ${publicId("ch", body.channel_id)}`);
}

async function findByConversation(
  db: Queryable,
  owner: Owner,
  given: string | number,
): Promise<Correspondent> {
  const id = typeof given === "string" ? conversationIn(given) : null;
  const serial = serialOf(given);
  const by = id !== null ? { id } : serial !== null ? { serial } : null;
  const found = by && (await findCorrespondent(db, owner, by));
  if (found) return found;
  const detail = `there is no conversation ${given}, or its channel is gone`;
  throw fieldRefused("/conversation_id", detail, "recipient_unknown");
}

/** Our own id, which Chatmefy's bodies print as `conv_…`. */
function conversationIn(text: string): string | null {
  return parseId("cnv", text.replace(/^conv_/, "cnv_"));
}

/** A number that dialects print, of which there are no more than an int holds. */
export function serialOf(given: string | number): number | null {
  const text = String(given);
  if (!/^[1-9]\d{0,9}$/.test(text)) return null;
  const serial = Number(text);
  return serial <= 0x7fffffff ? serial : null;
}

/** Channels that the request leaves open. */
function candidatesFor(
  channels: readonly SendingChannel[],
  named: SendingChannel | null,
  kind: ChannelKind | null,
  body: SendBody,
): readonly SendingChannel[] {
  if (named && kind !== null && named.kind !== kind) {
    throw conflict(`The channel is of the kind ${named.kind}, and the recipient is on ${kind}.`);
  }
  if (named) return [named];
  const open = channels.filter((each) => kind === null || each.kind === kind);
  if (open.length > 0) return open;
  const meant = kind ?? "messaging";
  const hint =
    kind === "sms" && body.platform === undefined
      ? ' to_phone alone means SMS; for WhatsApp add "platform": "whatsapp".'
      : "";
  throw new CurlewError("channel_missing", `No ${meant} channel is connected.${hint}`);
}

/** Two people may go by two forms of one number: who goes by the one that was given is meant. */
function onePerChannel(found: readonly Correspondent[], { kinds, exact }: Names): Correspondent[] {
  const isExact = ({ identities }: Correspondent) => isNamed({ kinds, values: exact }, identities);
  const sorted = [...found.filter((each) => !isExact(each)), ...found.filter(isExact)];
  return [...new Map(sorted.map((each) => [each.channel.id, each])).values()];
}

function requireChoice(candidates: readonly SendingChannel[]): SendingChannel {
  const chosen = chooseChannel(candidates);
  if (chosen) return chosen;
  if (candidates.length === 0) {
    throw new CurlewError("channel_missing", "No channel is connected that could send this.");
  }
  const ids = candidates.map(({ id }) => publicId("ch", id));
  throw new CurlewError(
    "ambiguous_channel",
    `${ids.length} channels could send this: name one with channel_id, or make one the default.`,
    { extra: { candidates: ids } },
  );
}

/** Every way in which the request says whom it means must mean this one. */
function requireAgreement(
  { channel, identities }: Correspondent,
  named: SendingChannel | null,
  body: SendBody,
  said: readonly Said[],
): void {
  if (named && named.id !== channel.id) {
    throw conflict("The conversation is on another channel than channel_id names.");
  }
  if (body.platform !== undefined && body.platform !== channel.kind) {
    throw conflict(`The conversation is on ${channel.kind}, not on ${body.platform}.`);
  }
  const other = said.find(({ names }) => !isNamed(names, identities));
  if (!other) return;
  const leading = body.conversation_id === undefined ? said[0]?.field : "conversation_id";
  throw conflict(`${leading} and ${other.field} mean different people, as far as is known here.`);
}

function conflict(detail: string): CurlewError {
  return new CurlewError("recipient_conflict", detail);
}

function destinationOf(found: Correspondent, said: readonly Said[]): Destination {
  const { channel, conversationId, contactId, lastInboundAt, isOptedOut, identities } = found;
  const provider = requireProvider(channel.kind);
  const to = nameFor(identities, said);
  if (to === null) {
    throw new CurlewError("recipient_unknown", "Nothing is known that this person is reached by.");
  }
  return {
    channel,
    provider,
    target: { kind: "conversation", conversationId, contactId },
    to,
    lastInboundAt,
    isOptedOut,
    phone: phoneAmong(identities),
  };
}

function phoneAmong(identities: readonly IdentityName[]): string | null {
  const phones = identities.map(({ kind, value }) =>
    kind === "phone" ? value : kind === "wa_id" ? phoneOfWaId(value) : null,
  );
  return phones.find((each) => each !== null) ?? null;
}

/** The name that was asked for; else the number, which goes first wherever both are known. */
function nameFor(
  identities: Correspondent["identities"],
  [leading]: readonly Said[],
): IdentityName | null {
  const asked = leading && identities.filter((each) => isNamed(leading.names, [each]));
  const [first] = [...(asked ?? []), ...identities].sort((a, b) => rank(a, asked) - rank(b, asked));
  // Who commented is reached by the comment alone, and once: that is asked for by the comment's id.
  return first === undefined || first.kind === "comment" ? null : first;
}

function rank(identity: IdentityName, asked: Correspondent["identities"] | undefined): number {
  const kind = identity.kind === "wa_id" ? 0 : identity.kind === "comment" ? 4 : 1;
  return (asked?.includes(identity) ? 0 : 2) + kind;
}

/** Somebody whom no channel has heard of: they are known by what the channel would call them. */
function strangerAt(
  candidates: readonly SendingChannel[],
  kind: ChannelKind | null,
  said: readonly Said[],
): Destination {
  const [leading, ...others] = said;
  const identityOn = (channel: SendingChannel) =>
    leading ? strangerOf(channel.kind, leading.field, leading.text) : null;
  // An id that could be anybody's, on any channel, is nobody's until a platform is named.
  const open = candidates.filter(
    (each) => identityOn(each) !== null && (kind !== null || each.kind === "whatsapp"),
  );
  if (!leading || open.length === 0) {
    const detail = "nobody of this name has written to a channel of yours";
    throw fieldRefused(`/${leading?.field ?? ""}`, detail, "recipient_unknown");
  }
  const channel = requireChoice(open);
  const identity = identityOn(channel);
  if (!identity) throw new Error("a channel was chosen that has no name for the recipient");
  const other = others.find(({ names }) => !isNamed(names, [identity]));
  if (other) throw conflict(`${leading.field} and ${other.field} are not known to be one person.`);
  return strangerOn(channel, identity);
}

function strangerOn(channel: SendingChannel, identity: IdentityName): Destination {
  return {
    channel,
    provider: requireProvider(channel.kind),
    target: { kind: "stranger", identity },
    to: identity,
    lastInboundAt: null,
    isOptedOut: false,
    phone: phoneAmong([identity]),
  };
}

/** Whoever wrote a comment is answered in private, through the comment. */
async function destinationOfComment(
  db: Queryable,
  channels: readonly SendingChannel[],
  named: SendingChannel | null,
  body: SendBody,
  commentId: string,
  said: readonly Said[],
): Promise<Destination> {
  if (said.length > 0 || body.conversation_id !== undefined) {
    throw conflict("comment_id names the recipient alone.");
  }
  const candidates = candidatesFor(channels, named, body.platform ?? named?.kind ?? null, body);
  const open = candidates.filter(({ kind }) => kind === "messenger" || kind === "instagram");
  if (open.length === 0 && candidates.length > 0 && (named || body.platform !== undefined)) {
    const detail = "comments are answered on Messenger and Instagram only";
    throw fieldRefused("/comment_id", detail, "unsupported_action");
  }
  const to = { kind: "comment", value: commentId } as const;
  const heardOn = await findCommentChannel(
    db,
    commentId,
    open.map(({ id }) => id),
  );
  const channel = open.find(({ id }) => id === heardOn) ?? requireChoice(open);
  return strangerOn(channel, to);
}

function requireProvider(kind: ChannelKind): Provider {
  const provider = providerOf(kind);
  if (provider) return provider;
  throw new CurlewError("unsupported_action", `This version cannot send to ${kind} yet.`);
}

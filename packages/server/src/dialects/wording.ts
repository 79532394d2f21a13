import {
  asBag,
  type Bag,
  bagAt,
  listAt,
  type NativeEvent,
  textAt,
  valueAt,
} from "./native-event.ts";

/** Everything that a message says in words, or null. */
export function wordsOf(content: Bag): string | null {
  return (
    textAt(content, "text") ??
    textAt(bagAt(content, "media"), "caption") ??
    textAt(content, "title") ??
    textAt(content, "rendered_preview") ??
    textAt(content, "body")
  );
}

/** Where it can be seen what a message brought: its file, or what was shared. */
export function linkOf(content: Bag): string | null {
  const share = bagAt(content, "share");
  return (
    textAt(bagAt(content, "media"), "url") ?? textAt(share, "url") ?? textAt(share, "permalink")
  );
}

/** The message that an event is about: its own, or the first one of a conversation that began. */
export function messageOf({ data }: NativeEvent): Bag {
  const own = bagAt(data, "message");
  return Object.keys(own).length > 0 ? own : bagAt(data, "first_message");
}

/** The contact's addresses on the channel that the event is about, or all when it is about none. */
export function identitiesOf({ contact, channel }: NativeEvent): Bag[] {
  const all = listAt(contact, "identities").map(asBag);
  const kind = textAt(channel, "kind");
  return kind === null ? all : all.filter((each) => valueAt(each, "channel") === kind);
}

/** What a customer is known by, where there are several names: one that a reply can be sent to. */
const BEST_KNOWN = ["wa_id", "psid", "igsid", "phone"];

/** What the platform calls the customer. */
export function platformIdOf(identities: readonly Bag[]): string | null {
  for (const kind of BEST_KNOWN) {
    const found = identities.find((each) => textAt(each, "kind") === kind);
    if (found) return textAt(found, "id");
  }
  return (identities[0] && textAt(identities[0], "id")) ?? null;
}

export function usernameOf(identities: readonly Bag[]): string | null {
  return identities.map((each) => textAt(each, "username")).find((each) => each !== null) ?? null;
}

/** In E.164, when one of the addresses is a telephone number. */
export function phoneOf(identities: readonly Bag[]): string | null {
  for (const each of identities) {
    const id = textAt(each, "id") ?? "";
    if (textAt(each, "kind") === "wa_id" && /^\d+$/.test(id)) return `+${id}`;
    // Twilio's addresses name the way before the number where it is not SMS.
    const number = /^(?:[a-z]+:)?(\+\d+)$/i.exec(id)?.[1];
    if (number !== undefined) return number;
  }
  return null;
}

/** One of our ids under another noun's prefix, or what somebody else calls it, with that prefix. */
export function idAs(prefix: string, value: unknown): string | null {
  if (typeof value === "number") return `${prefix}_${value}`;
  if (typeof value !== "string" || value === "") return null;
  if (value.startsWith(`${prefix}_`)) return value;
  const ours = /^[a-z]{2,4}_([0-9a-hjkmnp-tv-z]{26})$/.exec(value);
  return `${prefix}_${ours?.[1] ?? value}`;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** `2026-11-21T10:00:00Z`: UTC, without milliseconds. What is no instant stays what it is. */
export function inSeconds(instant: string): string {
  const at = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(at) ? instant : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

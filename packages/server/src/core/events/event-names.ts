/** A dialect's own name for some events of one canonical type. */
export interface EventName {
  readonly name: string;
  readonly type: string;
  /** What must hold of the event; null asks for nothing. `none` stands for an event without it. */
  readonly channels: readonly string[] | null;
  /** What kind of content the message has. */
  readonly contents: readonly string[] | null;
  /** Who wrote the message. */
  readonly actors: readonly string[] | null;
  /** Over what a campaign acted, as `data.channel`, the channel or what was written says: linkedin, inmail or email. */
  readonly media: readonly string[] | null;
}

/** What of an event decides how a dialect calls it. */
export interface EventFacts {
  readonly type: string;
  readonly channel: string;
  readonly content: string;
  readonly actor: string;
  readonly medium: string;
}

const NONE = "none";

/** `body` is the event's native body. */
export function factsOf(
  event: { readonly type: string; readonly channelKind: string | null },
  body: object,
): EventFacts {
  const { data }: { data?: unknown } = body;
  const { message, channel: via }: { message?: unknown; channel?: unknown } = objectOf(data);
  const { content, actor }: { content?: unknown; actor?: unknown } = objectOf(message);
  const channel = event.channelKind ?? NONE;
  const contentType = typeOf(content);
  return {
    type: event.type,
    channel,
    content: contentType,
    actor: typeOf(actor),
    // Where neither is named, an e-mail is one all the same.
    medium:
      typeof via === "string"
        ? via
        : channel === NONE && contentType === "email"
          ? contentType
          : channel,
  };
}

/** What a dialect calls an event: the first name that fits, or null when it has none for it. */
export function findName(names: readonly EventName[], facts: EventFacts): string | null {
  const found = names.find(
    (each) =>
      each.type === facts.type &&
      (each.channels?.includes(facts.channel) ?? true) &&
      (each.contents?.includes(facts.content) ?? true) &&
      (each.actors?.includes(facts.actor) ?? true) &&
      (each.media?.includes(facts.medium) ?? true),
  );
  return found?.name ?? null;
}

function typeOf(value: unknown): string {
  const { type }: { type?: unknown } = objectOf(value);
  return typeof type === "string" ? type : NONE;
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

import { type EventFacts, factsOf } from "../core/events/event-names.ts";

/** A JSON object of which nothing is known: what a publisher wrote need not be what the type promises. */
export type Bag = Readonly<Record<string, unknown>>;

const EMPTY: Bag = {};

/** A native body, read. What an event does not have is an empty object. */
export interface NativeEvent {
  readonly id: string;
  readonly type: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly occurredAt: string;
  readonly workspaceId: string;
  readonly account: Bag;
  readonly channel: Bag;
  readonly conversation: Bag;
  readonly contact: Bag;
  readonly data: Bag;
  readonly facts: EventFacts;
}

/** Bodies are our own: the first five members are always there. */
export function readNative(native: string): NativeEvent {
  const body = asBag(JSON.parse(native));
  const type = textAt(body, "type") ?? "";
  const [channel, data] = [bagAt(body, "channel"), bagAt(body, "data")];
  return {
    ...{ type, channel, data },
    id: textAt(body, "id") ?? "",
    occurredAt: textAt(body, "occurred_at") ?? "",
    workspaceId: textAt(body, "workspace_id") ?? "",
    account: bagAt(body, "account"),
    conversation: bagAt(body, "conversation"),
    contact: bagAt(body, "contact"),
    facts: factsOf({ type, channelKind: textAt(channel, "kind") }, body),
  };
}

/** The value of an own member, or null. */
export function valueAt(bag: Bag, key: string): unknown {
  return Object.hasOwn(bag, key) ? (bag[key] ?? null) : null;
}

export function bagAt(bag: Bag, ...keys: readonly string[]): Bag {
  return keys.reduce((inner, key) => asBag(valueAt(inner, key)), bag);
}

export function textAt(bag: Bag, key: string): string | null {
  const value = valueAt(bag, key);
  return typeof value === "string" ? value : null;
}

export function numberAt(bag: Bag, key: string): number | null {
  const value = valueAt(bag, key);
  return typeof value === "number" ? value : null;
}

export function listAt(bag: Bag, key: string): readonly unknown[] {
  const value = valueAt(bag, key);
  return Array.isArray(value) ? value : [];
}

export function isEmpty(bag: Bag): boolean {
  return Object.keys(bag).length === 0;
}

export function asBag(value: unknown): Bag {
  const isBag = typeof value === "object" && value !== null && !Array.isArray(value);
  // An object that JSON.parse made is a record of unknowns.
  return isBag ? (value as Bag) : EMPTY;
}

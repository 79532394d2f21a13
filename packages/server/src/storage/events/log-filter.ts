import type { Parameters } from "../connections/parameters.ts";

/** Which events of the log are wanted. */
export interface FeedFilter {
  /** Types, and prefixes like `order.*`; empty for all, as are the others. */
  types: readonly string[];
  /** Kinds and ids together say which channels. */
  channelKinds: readonly string[];
  channelIds: readonly string[];
  accountId: string | null;
  conversationId: string | null;
}

/** What a filter, and the account that a key is confined to, ask of the events called `e`. */
export function filterConditions(
  e: string,
  p: Parameters,
  filter: FeedFilter,
  confinedTo: string | null,
): string[] {
  const { types, channelKinds, channelIds, accountId, conversationId } = filter;
  const wanted: string[] = [];
  for (const id of [accountId, confinedTo]) {
    if (id !== null) wanted.push(`${e}.account_id = ${p.of(id, "uuid")}`);
  }
  if (conversationId !== null)
    wanted.push(`${e}.conversation_id = ${p.of(conversationId, "uuid")}`);
  if (types.length > 0) wanted.push(isOfType(`${e}.type`, p, types));
  if (channelKinds.length + channelIds.length > 0) {
    wanted.push(`(${e}.channel_kind = any(${p.of(channelKinds, "text[]")})
      or ${e}.channel_id = any(${p.of(channelIds, "uuid[]")}))`);
  }
  return wanted;
}

/** Whether a type is among these, prefixes like `order.*` included. */
export function isOfType(type: string, p: Parameters, types: readonly string[]): string {
  const exact = types.filter((each) => !each.endsWith(".*"));
  const prefixes = types.filter((each) => each.endsWith(".*")).map((each) => each.slice(0, -1));
  return `(${type} = any(${p.of(exact, "text[]")})
    or exists (select from unnest(${p.of(prefixes, "text[]")}) as x (prefix) where starts_with(${type}, x.prefix)))`;
}

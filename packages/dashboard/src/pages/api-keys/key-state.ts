import type { Shape } from "../../api/client.ts";
import type { ShownState } from "../../parts/values/state.tsx";
import type { apiKeyWords } from "../../words/index.ts";

export type ApiKey = Shape<"ApiKey">;

/** A key that was made just now, shown once. */
export interface MadeKey {
  title: string;
  secret: string;
}

export type KeyState = keyof typeof apiKeyWords.states;

/** A key that has a living successor is being replaced; it works until it expires. */
export function keyState(
  key: Pick<ApiKey, "revoked_at" | "expires_at">,
  successor: Pick<ApiKey, "id"> | undefined,
  now: number,
): KeyState {
  if (key.revoked_at !== null) return "revoked";
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return "expired";
  return successor === undefined ? "live" : "ending";
}

/** The key that was made in place of this one, and was not revoked. */
export function successorOf(id: string, keys: readonly ApiKey[]): ApiKey | undefined {
  return keys.find(({ rotated_from, revoked_at }) => rotated_from === id && revoked_at === null);
}

export const KEY_OUTLINES: Record<KeyState, ShownState> = {
  live: "delivered",
  ending: "retrying",
  expired: "cancelled",
  revoked: "cancelled",
};

/** `curlew_live_8fK2…aZ4b` */
export function shownKey({ prefix, last4 }: Pick<ApiKey, "prefix" | "last4">): string {
  return `${prefix}…${last4}`;
}

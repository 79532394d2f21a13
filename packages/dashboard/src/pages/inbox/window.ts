import type { Conversation } from "./queries.ts";

/** How the customer can be written to now; not at all where the channel is gone or they want nothing. */
export type Way = "free" | "human" | "templates" | "shut" | "opted_out" | "channel_deleted";

export function isShut(way: Way): boolean {
  return way !== "free" && way !== "human";
}

/** `free` too where a channel has no window at all. */
export function wayOf({ channel, window, blocked_by: blockedBy }: Conversation, now: number): Way {
  if (blockedBy !== null) return blockedBy;
  const { free_form_until: free, human_agent_until: human } = window;
  if (!hasWindow(channel.kind)) return "free";
  if (free !== null && Date.parse(free) > now) return "free";
  if (human !== null && Date.parse(human) > now) return "human";
  return channel.kind === "whatsapp" ? "templates" : "shut";
}

export function hasWindow(kind: Conversation["channel"]["kind"]): boolean {
  return kind === "whatsapp" || kind === "instagram" || kind === "messenger";
}

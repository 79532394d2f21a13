import type { Conversation } from "./queries.ts";

/** How the customer can be written to now. */
export type Way = "free" | "human" | "templates" | "shut";

/** `free` too where a channel has no window at all. */
export function wayOf({ channel, window }: Conversation, now: number): Way {
  const { free_form_until: free, human_agent_until: human } = window;
  if (!hasWindow(channel.kind)) return "free";
  if (free !== null && Date.parse(free) > now) return "free";
  if (human !== null && Date.parse(human) > now) return "human";
  return channel.kind === "whatsapp" ? "templates" : "shut";
}

export function hasWindow(kind: Conversation["channel"]["kind"]): boolean {
  return kind === "whatsapp" || kind === "instagram" || kind === "messenger";
}

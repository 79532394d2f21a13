import type { apiKeyWords } from "../../words/index.ts";

type Line = keyof typeof apiKeyWords.nouns;
type Noun = Exclude<Line, "event_bodies">;
type Verb = keyof typeof apiKeyWords.verbs;

/** Scopes as they are ticked: a line a noun, a box a verb. What has no way back has a line of its own. */
export const SCOPE_LINES: readonly { line?: Line; noun: Noun; verbs: readonly Verb[] }[] = [
  { noun: "endpoints", verbs: ["read", "write"] },
  { noun: "deliveries", verbs: ["read", "write"] },
  { noun: "events", verbs: ["read", "write"] },
  { noun: "channels", verbs: ["read", "write"] },
  { noun: "conversations", verbs: ["read", "write"] },
  { noun: "messages", verbs: ["read", "send"] },
  { noun: "accounts", verbs: ["read", "write"] },
  { noun: "api_keys", verbs: ["read", "write"] },
  { noun: "settings", verbs: ["read", "write"] },
  { noun: "members", verbs: ["read", "write"] },
  { noun: "audit_log", verbs: ["read"] },
  { line: "event_bodies", noun: "events", verbs: ["expunge"] },
];

export const EVERY_SCOPE = SCOPE_LINES.flatMap(({ noun, verbs }) =>
  verbs.map((verb) => `${noun}:${verb}`),
);

export type Preset = keyof typeof apiKeyWords.new.presets;

/** What a preset ticks, of the scopes that you have yourself; `*` is every scope there will be. */
export function scopesOf(
  preset: Preset,
  ticked: readonly string[],
  yours: readonly string[],
): string[] {
  const has = (scope: string) => yours.includes(scope);
  if (preset === "chosen") return [...ticked];
  if (preset === "send") return SENDING.filter(has);
  if (preset === "watch")
    return EVERY_SCOPE.filter((scope) => scope.endsWith(":read") && has(scope));
  return EVERY_SCOPE.every(has) ? ["*"] : EVERY_SCOPE.filter(has);
}

const SENDING = ["messages:read", "messages:send", "conversations:read", "channels:read"];

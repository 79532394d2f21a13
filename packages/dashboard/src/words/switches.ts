/** The switches that a workspace, an account and a channel have alike. */
export const switchWords = {
  ai_enabled: {
    name: "AI answers",
    help: "Curlew's own AI and automations may answer customers.",
  },
  external_reply_mode: {
    name: "External Reply Mode",
    help: "Answers come from your backend over the Send API: nothing here replies by itself.",
  },
  inbound_body_purge: {
    name: "Inbound Body Purge",
    help: "SMS and WhatsApp: what customers write is forwarded once and kept nowhere. Kind, time and id stay. Not with AI answers, unless External Reply Mode is on.",
    not: "SMS and WhatsApp only: on other channels the provider keeps what was written.",
  },
  here: "Set here",
  above: { account: "From the workspace", channel: "From the account or the workspace" },
  reset: "Use theirs",
  failed: "The setting was not changed",
  conflict: {
    title: "AI answers customers by what they write here, and purging destroys it:",
    levels: { workspace: "Workspace", account: "Account", channel: "Channel" },
    text: "Turn AI off there, or External Reply Mode on.",
    turnModeOn: "Turn External Reply Mode on too",
    turnAiOff: "Turn AI off here too",
  },
} as const;

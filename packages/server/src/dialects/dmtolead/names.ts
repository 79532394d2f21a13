import type { EventName } from "../../core/events/event-names.ts";

const ANY = { channels: null, contents: null, actors: null, media: null };

export const names: readonly EventName[] = [
  { ...ANY, type: "conversation.created", name: "conversation.created" },
  { ...ANY, type: "conversation.reopened", name: "conversation.created" },
  { ...ANY, type: "message.received", name: "message.received" },
  { ...ANY, type: "outreach.replied", name: "message.received" },
  { ...ANY, type: "message.sent", name: "message.sent" },
  { ...ANY, type: "automation.triggered", name: "automation.triggered" },
  { ...ANY, type: "conversation.closed", name: "conversation.closed" },
];

import type { EventName } from "../../core/events/event-names.ts";

const ANY = { channels: null, contents: null, actors: null, media: null };

export const names: readonly EventName[] = [
  { ...ANY, type: "lead.created", name: "lead.created" },
  { ...ANY, type: "lead.updated", name: "lead.updated" },
  { ...ANY, type: "conversation.created", name: "conversation.started" },
  { ...ANY, type: "conversation.reopened", name: "conversation.started" },
  { ...ANY, type: "conversation.closed", name: "conversation.ended" },
  { ...ANY, type: "handoff.requested", name: "conversation.handoff" },
  // Any bot, ours or the customer's own over the Send API; people and campaigns are none.
  { ...ANY, type: "message.sent", name: "message.sent", actors: ["ai", "bot", "automation"] },
  { ...ANY, type: "message.received", name: "message.received" },
  { ...ANY, type: "outreach.replied", name: "message.received" },
];

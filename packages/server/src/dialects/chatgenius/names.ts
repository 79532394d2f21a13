import type { EventName } from "../../core/events/event-names.ts";

const ANY = { channels: null, contents: null, actors: null, media: null };
/** An event that was published without a channel has no platform: it gets the general name. */
const DIRECT = ["instagram", "messenger", "none"];
const RECEIVED = { ...ANY, type: "message.received" };

export const names: readonly EventName[] = [
  { ...RECEIVED, name: "sms.message_received", channels: ["sms"] },
  { ...RECEIVED, name: "whatsapp.message_received", channels: ["whatsapp"] },
  { ...RECEIVED, name: "reel_shared", channels: DIRECT, contents: ["reel_share"] },
  { ...RECEIVED, name: "post_shared", channels: DIRECT, contents: ["post_share"] },
  { ...RECEIVED, name: "message_received", channels: DIRECT },
  {
    ...ANY,
    type: "outreach.replied",
    name: "message_received",
    channels: ["instagram", "messenger"],
  },
  { ...ANY, type: "lead.created", name: "lead_captured" },
  { ...ANY, type: "handoff.requested", name: "escalation" },
  { ...ANY, type: "booking.created", name: "booking" },
];

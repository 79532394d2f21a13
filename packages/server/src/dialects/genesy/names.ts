import type { EventName } from "../../core/events/event-names.ts";

const ANY = { channels: null, contents: null, actors: null, media: null };
const SENT = { ...ANY, type: "outreach.message_sent" };

export const names: readonly EventName[] = [
  { ...ANY, type: "outreach.connection_sent", name: "CONNECTION_REQUEST_SENT" },
  { ...ANY, type: "outreach.connection_accepted", name: "CONNECTION_REQUEST_ACCEPTED" },
  { ...SENT, name: "LINKEDIN_MESSAGE_SENT", media: ["linkedin", "none"] },
  { ...SENT, name: "EMAIL_SENT", media: ["email"] },
  { ...SENT, name: "INMAIL_SENT", media: ["inmail"] },
  { ...ANY, type: "outreach.replied", name: "MESSAGE_REPLIED" },
  { ...ANY, type: "outreach.post_liked", name: "POST_LIKED" },
  { ...ANY, type: "outreach.profile_visited", name: "PROFILE_VISITED" },
];

import {
  asBag,
  type Bag,
  bagAt,
  isEmpty,
  listAt,
  numberAt,
  textAt,
  valueAt,
} from "../native-event.ts";

/** What WhatsApp and Messenger call the same thing by two names. */
const TYPES: Record<string, string> = {
  voice: "audio",
  reel_share: "reel",
  post_share: "post",
  media_share: "media",
  interactive_reply: "interactive",
};

/** A message in snake case; what its content does not have is left out. */
export function showMessage(message: Bag): object {
  const content = bagAt(message, "content");
  const type = textAt(content, "type") ?? "unsupported";
  const quoted = bagAt(message, "quoted");
  return {
    id: textAt(message, "id"),
    platform_message_id: textAt(message, "provider_id"),
    direction: textAt(message, "direction") ?? "inbound",
    type: TYPES[type] ?? type,
    ...sayingOf(content),
    ...partsOf(type, content),
    ...attachmentsOf(content),
    ...(type === "purged" ? { body_purged: true } : {}),
    reply_to: textAt(quoted, "message_id") ?? textAt(quoted, "provider_id"),
    ticket_ref: textAt(message, "ticket_ref"),
    // Twilio tells no time.
    sent_at: textAt(message, "sent_at") ?? textAt(message, "received_at"),
  };
}

/** The words, and for an SMS how they travelled; words beside a picture of it are its text as well. */
function sayingOf(content: Bag): object {
  const text = textAt(content, "text") ?? textAt(content, "title");
  if (!Object.hasOwn(content, "segments")) return { text };
  return {
    text: text ?? textAt(bagAt(content, "media"), "caption"),
    encoding: textAt(content, "encoding"),
    segments: numberAt(content, "segments"),
  };
}

/** What else came in the same message. */
function attachmentsOf(content: Bag): object {
  const attachments = listAt(content, "attachments").map(asBag);
  if (attachments.length === 0) return {};
  return {
    attachments: attachments.map((each) => {
      const type = textAt(each, "type") ?? "unsupported";
      return { type: TYPES[type] ?? type, ...partsOf(type, each) };
    }),
  };
}

function partsOf(type: string, content: Bag): object {
  const media = bagAt(content, "media");
  const share = bagAt(content, "share");
  return {
    ...(isEmpty(media) ? {} : { caption: textAt(media, "caption"), media: mediaOf(type, media) }),
    ...(isEmpty(share) ? {} : { share: shareOf(share) }),
    ...particularsOf(type, content),
  };
}

function shareOf(share: Bag): object {
  const url = textAt(share, "url") ?? textAt(share, "permalink");
  return { id: textAt(share, "id"), url, title: textAt(share, "title") };
}

function particularsOf(type: string, content: Bag): object {
  switch (type) {
    case "interactive_reply": {
      const answers = textAt(content, "response_json");
      return {
        interactive: {
          kind: textAt(content, "kind"),
          id: textAt(content, "id") ?? textAt(content, "payload"),
          title: textAt(content, "title"),
          description: textAt(content, "description"),
          ...(answers === null ? {} : { response_json: answers }),
        },
      };
    }
    case "location":
    case "reaction":
    case "order":
      return { [type]: without(content, "type", "text") };
    case "contacts":
      return { contacts: valueAt(content, "contacts") };
    case "story_reply":
    case "story_mention":
      return { story: asBag(valueAt(content, "story")) };
    default:
      return {};
  }
}

function mediaOf(type: string, media: Bag): object {
  return {
    id: textAt(media, "id"),
    mime_type: textAt(media, "mime"),
    url: textAt(media, "url"),
    sha256: textAt(media, "sha256"),
    filename: textAt(media, "filename"),
    bytes: numberAt(media, "bytes"),
    voice: type === "voice",
  };
}

function without(bag: Bag, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !keys.includes(key)));
}

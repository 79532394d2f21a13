import { findName } from "../../core/events/event-names.ts";
import { parseId } from "../../core/ids.ts";
import type { FrozenEvent, Speech } from "../dialect.ts";
import {
  type Bag,
  bagAt,
  isEmpty,
  type NativeEvent,
  numberAt,
  readNative,
  textAt,
  valueAt,
} from "../native-event.ts";
import { wordsOf } from "../wording.ts";
import { names } from "./names.ts";

const CONTENT_TYPES: Record<string, string> = {
  image: "IMAGE",
  sticker: "IMAGE",
  video: "VIDEO",
  audio: "AUDIO",
  voice: "AUDIO",
  document: "FILE",
};

/** Released: what it gives for an event never changes. A different body is a new renderer. */
export function render({ native }: FrozenEvent, { customFields }: Speech): string {
  const event = readNative(native);
  const { data } = event;
  const name = findName(names, event.facts);
  return JSON.stringify({
    eventType: name ?? event.type,
    timestamp: inMicroseconds(event),
    ...(name === null ? { data } : {}),
    campaign: namedBy(bagAt(data, "campaign")),
    step: stepOf(bagAt(data, "step")),
    contact: contactOf(event),
    identity: namedBy(bagAt(data, "sender")),
    conversationId: numberAt(event.conversation, "serial"),
    ...(name === null ? {} : bodyOf(name, event)),
    customFields: chosenFields(event, customFields),
  });
}

/**
 * Its docs tell consumers to know a repeated event by its time and type. The last three digits are
 * taken from the event's id, so that two of one millisecond are hardly ever taken for one.
 */
function inMicroseconds({ occurredAt, id }: NativeEvent): string {
  const digits = Number.parseInt(parseId("evt", id)?.slice(-6) ?? "0", 16) % 1000;
  return occurredAt.replace(/(\.\d{3})Z$/, `$1${String(digits).padStart(3, "0")}Z`);
}

function bodyOf(name: string, event: NativeEvent): object {
  const { data } = event;
  switch (name) {
    case "CONNECTION_REQUEST_SENT":
      return { note: textAt(data, "note") };
    case "LINKEDIN_MESSAGE_SENT":
    case "EMAIL_SENT":
    case "INMAIL_SENT":
    case "MESSAGE_REPLIED":
      return { message: messageOf(event) };
    case "POST_LIKED": {
      const target = bagAt(data, "target");
      return { post: { id: valueAt(target, "id"), url: textAt(target, "url") } };
    }
    case "PROFILE_VISITED":
      return { profile: { url: textAt(bagAt(data, "target"), "url") } };
    default:
      return {};
  }
}

function messageOf({ data, facts, occurredAt }: NativeEvent): object {
  const message = bagAt(data, "message");
  const content = bagAt(message, "content");
  const isContactSender = facts.type === "outreach.replied";
  return {
    id: numberOf(message),
    type: facts.medium === "email" ? "EMAIL" : facts.medium === "inmail" ? "INMAIL" : "LINKEDIN",
    contentType: CONTENT_TYPES[facts.content] ?? "TEXT",
    content: wordsOf(content),
    subject: textAt(content, "subject"),
    isContactSender,
    isAutosent: !isContactSender && facts.actor !== "agent",
    createdAt: textAt(message, "sent_at") ?? occurredAt,
  };
}

function contactOf({ contact, data }: NativeEvent): object | null {
  const own = bagAt(data, "contact");
  if (isEmpty(contact) && isEmpty(own)) return null;
  const name = textAt(own, "name") ?? textAt(contact, "name") ?? "";
  const [first = "", ...last] = name.split(" ");
  const company = bagAt(own, "company");
  return {
    id: numberOf(own) ?? numberOf(contact),
    firstName: textAt(own, "first_name") ?? first,
    lastName: textAt(own, "last_name") ?? last.join(" "),
    email: textAt(own, "email") ?? textAt(bagAt(contact, "custom_fields"), "email"),
    linkedinUrl: textAt(own, "linkedin_url"),
    company: isEmpty(company) ? null : namedBy(company),
  };
}

function stepOf(step: Bag): object | null {
  if (isEmpty(step)) return null;
  return { number: numberAt(step, "n"), action: textAt(step, "action") };
}

function namedBy(bag: Bag): object | null {
  return isEmpty(bag) ? null : { id: numberOf(bag), name: textAt(bag, "name") };
}

/** Its ids are integers: our serials, or the number that whoever published gave. */
function numberOf(bag: Bag): number | null {
  const id = valueAt(bag, "id");
  const own = typeof id === "string" && /^\d{1,15}$/.test(id) ? Number(id) : numberAt(bag, "id");
  return numberAt(bag, "serial") ?? own;
}

/** What the endpoint asked for of the contact and their company; null where there is none. */
function chosenFields({ contact, data }: NativeEvent, names: readonly string[]): object {
  const own = bagAt(data, "contact");
  const places = [
    bagAt(own, "custom_fields"),
    bagAt(contact, "custom_fields"),
    bagAt(own, "company", "custom_fields"),
    own,
  ];
  return Object.fromEntries(
    names.map((name) => [
      name,
      places.map((place) => valueAt(place, name)).find((value) => value !== null) ?? null,
    ]),
  );
}

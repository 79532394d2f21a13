import { findName } from "../../core/events/event-names.ts";
import type { FrozenEvent, Speech } from "../dialect.ts";
import {
  asBag,
  type Bag,
  bagAt,
  isEmpty,
  type NativeEvent,
  numberAt,
  readNative,
  textAt,
  valueAt,
} from "../native-event.ts";
import { identitiesOf, messageOf, phoneOf, platformIdOf, usernameOf } from "../wording.ts";
import { showMessage } from "./message.ts";
import { names } from "./names.ts";

/** Released: what it gives for an event never changes. A different body is a new renderer. */
export function render({ native, history }: FrozenEvent, { options }: Speech): string {
  const event = readNative(native);
  const name = findName(names, event.facts);
  return JSON.stringify({
    event: name ?? event.type,
    event_id: event.id,
    timestamp: event.occurredAt,
    client_id: textAt(event.account, "id") ?? event.workspaceId,
    platform: textAt(event.channel, "kind"),
    conversation: conversationOf(event),
    customer: customerOf(event),
    ...(name === null ? { data: event.data } : bodyOf(name, event)),
    ...historyOf(history, Number(options["history_messages"])),
  });
}

function conversationOf({ conversation }: NativeEvent): object | null {
  if (isEmpty(conversation)) return null;
  return {
    id: textAt(conversation, "id"),
    status: textAt(conversation, "status"),
    ai_enabled: valueAt(conversation, "ai_enabled"),
    window: valueAt(conversation, "window"),
    ticket_ref: textAt(conversation, "ticket_ref"),
    first_touch: valueAt(conversation, "first_touch"),
  };
}

function customerOf(event: NativeEvent): object | null {
  const { contact } = event;
  if (isEmpty(contact)) return null;
  const identities = identitiesOf(event);
  const opaque = identities.find((each) => textAt(each, "kind") === "bsuid");
  return {
    id: textAt(contact, "id"),
    platform_user_id: platformIdOf(identities),
    wa_user_id: opaque ? textAt(opaque, "id") : null,
    phone: phoneOf(identities),
    name: textAt(contact, "name"),
    username: usernameOf(identities),
    custom_fields: bagAt(contact, "custom_fields"),
  };
}

function bodyOf(name: string, event: NativeEvent): object {
  switch (name) {
    case "lead_captured":
      return { lead: leadOf(event) };
    case "escalation":
      return { escalation: escalationOf(event) };
    case "booking":
      return { booking: bookingOf(event) };
    default: {
      const message = messageOf(event);
      return { message: showMessage(message), referral: referralOf(bagAt(message, "referral")) };
    }
  }
}

function referralOf(referral: Bag): object | null {
  if (isEmpty(referral)) return null;
  return {
    ad_id: textAt(referral, "ad_id"),
    headline: textAt(referral, "headline"),
    body: textAt(referral, "body"),
    click_id: textAt(referral, "ctwa_clid"),
    source_url: textAt(referral, "source_url"),
    source_type: textAt(referral, "source"),
    ref: textAt(referral, "ref"),
    media: valueAt(referral, "media"),
  };
}

function leadOf({ data, channel }: NativeEvent): object {
  const lead = bagAt(data, "lead");
  return {
    id: valueAt(lead, "id"),
    name: textAt(lead, "name"),
    email: textAt(lead, "email"),
    phone: textAt(lead, "phone"),
    company: textAt(lead, "company"),
    score: numberAt(lead, "score"),
    status: textAt(lead, "status"),
    source_channel: textAt(channel, "kind"),
    source: valueAt(lead, "source"),
    custom_fields: bagAt(lead, "custom_fields"),
    created_at: textAt(lead, "created_at"),
  };
}

function escalationOf({ data, occurredAt }: NativeEvent): object {
  const handoff = bagAt(data, "handoff");
  return {
    id: valueAt(handoff, "id"),
    reason: textAt(handoff, "reason"),
    trigger: textAt(handoff, "trigger"),
    summary: textAt(handoff, "summary"),
    priority: valueAt(handoff, "priority"),
    queue: textAt(handoff, "queue"),
    requested_at: textAt(handoff, "requested_at") ?? occurredAt,
  };
}

function bookingOf({ data }: NativeEvent): object {
  const booking = bagAt(data, "booking");
  return {
    id: valueAt(booking, "id"),
    starts_at: textAt(booking, "starts_at"),
    ends_at: textAt(booking, "ends_at"),
    timezone: textAt(booking, "tz"),
    status: textAt(booking, "status"),
    title: textAt(booking, "title"),
    location: valueAt(booking, "location"),
  };
}

/** The last of the messages before, the oldest first, as many as the endpoint asked for. */
function historyOf(history: string | null, most: number): object {
  if (history === null || !(most > 0)) return {};
  const messages: unknown = JSON.parse(history);
  if (!Array.isArray(messages)) return {};
  return { history: messages.slice(-most).map((message) => showMessage(asBag(message))) };
}

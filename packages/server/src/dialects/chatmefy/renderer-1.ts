import { findName } from "../../core/events/event-names.ts";
import type { FrozenEvent } from "../dialect.ts";
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
import {
  idAs,
  identitiesOf,
  inSeconds,
  linkOf,
  messageOf,
  phoneOf,
  platformIdOf,
  wordsOf,
} from "../wording.ts";
import { names } from "./names.ts";

/** Released: what it gives for an event never changes. A different body is a new renderer. */
export function render({ native }: FrozenEvent): string {
  const event = readNative(native);
  const name = findName(names, event.facts);
  return JSON.stringify({
    event: name ?? event.type,
    timestamp: inSeconds(event.occurredAt),
    data: name === null ? event.data : dataOf(name, event),
  });
}

function dataOf(name: string, event: NativeEvent): object {
  switch (name) {
    case "lead.created":
    case "lead.updated":
      return leadOf(event);
    case "message.sent":
    case "message.received":
      return messageData(name === "message.sent" ? "bot" : "user", event);
    default:
      return conversationOf(name, event);
  }
}

function leadOf(event: NativeEvent): object {
  const { data, occurredAt } = event;
  const lead = bagAt(data, "lead");
  const source = bagAt(lead, "source");
  const changes = valueAt(data, "changes");
  return {
    id: leadId(lead, event),
    email: textAt(lead, "email"),
    name: textAt(lead, "name"),
    phone: textAt(lead, "phone"),
    company: textAt(lead, "company"),
    score: numberAt(lead, "score"),
    source: {
      url: textAt(source, "url"),
      referrer: textAt(source, "referrer"),
      campaign: textAt(source, "campaign"),
    },
    custom_fields: bagAt(lead, "custom_fields"),
    conversation_id: idAs("conv", valueAt(lead, "conversation_id")) ?? conversationId(event),
    bot_id: idAs("bot", valueAt(lead, "bot_id")) ?? botId(event),
    created_at: inSeconds(textAt(lead, "created_at") ?? occurredAt),
    ...(changes === null
      ? {}
      : { changes, updated_at: inSeconds(textAt(lead, "updated_at") ?? occurredAt) }),
  };
}

/** Its own, or the same one for all that is told of one contact. */
function leadId(lead: Bag, { contact, id }: NativeEvent): string | null {
  return idAs("lead", valueAt(lead, "id")) ?? idAs("lead", valueAt(contact, "id") ?? id);
}

function conversationOf(name: string, event: NativeEvent): object {
  return {
    id: conversationId(event),
    bot_id: botId(event),
    channel: textAt(event.channel, "kind"),
    visitor: visitorOf(event),
    ...standingOf(name, event),
  };
}

function standingOf(name: string, event: NativeEvent): object {
  const { data, occurredAt } = event;
  switch (name) {
    case "conversation.ended":
      return {
        status: "ended",
        ended_by: textAt(data, "closed_by"),
        reason: textAt(data, "reason"),
        duration: numberAt(data, "duration"),
        ended_at: inSeconds(occurredAt),
      };
    case "conversation.handoff": {
      const handoff = bagAt(data, "handoff");
      return {
        status: "handoff",
        reason: textAt(handoff, "reason"),
        trigger: textAt(handoff, "trigger"),
        summary: textAt(handoff, "summary"),
        priority: valueAt(handoff, "priority"),
        requested_at: inSeconds(textAt(handoff, "requested_at") ?? occurredAt),
      };
    }
    default:
      return {
        status: "active",
        first_message: wordsOf(bagAt(messageOf(event), "content")),
        started_at: inSeconds(occurredAt),
      };
  }
}

function messageData(role: "bot" | "user", event: NativeEvent): object {
  const message = messageOf(event);
  const content = bagAt(message, "content");
  const at = textAt(message, "sent_at") ?? textAt(message, "received_at") ?? event.occurredAt;
  return {
    id: textAt(message, "id"),
    conversation_id: conversationId(event),
    bot_id: botId(event),
    role,
    type: textAt(content, "type"),
    content: wordsOf(content),
    media_url: linkOf(content),
    channel: textAt(event.channel, "kind"),
    visitor: visitorOf(event),
    created_at: inSeconds(at),
  };
}

function visitorOf(event: NativeEvent): object | null {
  const { contact } = event;
  if (isEmpty(contact)) return null;
  const identities = identitiesOf(event);
  const fields = bagAt(contact, "custom_fields");
  return {
    id: platformIdOf(identities),
    name: textAt(contact, "name"),
    email: textAt(fields, "email"),
    phone: phoneOf(identities) ?? textAt(fields, "phone"),
  };
}

function conversationId({ conversation }: NativeEvent): string | null {
  return idAs("conv", valueAt(conversation, "id"));
}

/** Who answers on the channel goes by the channel's id. */
function botId({ channel }: NativeEvent): string | null {
  return idAs("bot", valueAt(channel, "id"));
}

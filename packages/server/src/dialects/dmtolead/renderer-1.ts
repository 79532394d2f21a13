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
  linkOf,
  messageOf,
  platformIdOf,
  usernameOf,
  wordsOf,
} from "../wording.ts";
import { names } from "./names.ts";

/** People, and what they wrote past us; everybody else is a machine. */
const BY_HAND: ReadonlySet<string> = new Set(["agent", "echo"]);
/** Whoever closes over the API has an agent's part, and a conversation that timed out the AI's. */
const CLOSED_BY: Record<string, "agent" | "ai"> = {
  agent: "agent",
  api: "agent",
  ai: "ai",
  timeout: "ai",
};

/** Released: what it gives for an event never changes. A different body is a new renderer. */
export function render({ native }: FrozenEvent): string {
  const event = readNative(native);
  const name = findName(names, event.facts);
  return JSON.stringify({
    event: name ?? event.type,
    timestamp: event.occurredAt,
    data: name === null ? event.data : dataOf(name, event),
  });
}

function dataOf(name: string, event: NativeEvent): object {
  const conversationId = textAt(event.conversation, "id");
  const { data } = event;
  switch (name) {
    case "conversation.created":
      return {
        conversationId,
        workspaceId: workspaceId(event),
        automationId: automationId(event),
        channel: textAt(event.channel, "kind"),
        customer: customerOf(event),
        firstMessage: wordsOf(bagAt(messageOf(event), "content")),
      };
    case "message.received":
      return receivedOf(event, conversationId);
    case "message.sent":
      return sentOf(messageOf(event), event, conversationId);
    case "automation.triggered":
      return {
        conversationId,
        workspaceId: workspaceId(event),
        automationId: automationId(event),
        kind: textAt(bagAt(data, "automation"), "kind"),
        matched: textAt(bagAt(data, "match"), "text"),
        rule: textAt(bagAt(data, "match"), "rule"),
        outcome: textAt(data, "outcome"),
        channel: textAt(event.channel, "kind"),
        customer: customerOf(event),
      };
    default: {
      const by = textAt(data, "closed_by") ?? "";
      return {
        conversationId,
        workspaceId: workspaceId(event),
        closedBy: CLOSED_BY[by] ?? "agent",
        reason: textAt(data, "reason"),
      };
    }
  }
}

function receivedOf(event: NativeEvent, conversationId: string | null): object {
  const message = messageOf(event);
  const content = bagAt(message, "content");
  return {
    conversationId,
    workspaceId: workspaceId(event),
    messageId: textAt(message, "id"),
    direction: "inbound",
    channel: textAt(event.channel, "kind"),
    customer: customerOf(event),
    text: wordsOf(content),
    contentType: textAt(content, "type"),
    mediaUrl: linkOf(content),
  };
}

/** An automated reply costs a credit, what a person writes costs none, unless it was counted otherwise. */
function sentOf(message: Bag, { facts }: NativeEvent, conversationId: string | null): object {
  const type = BY_HAND.has(facts.actor) ? "manual" : "ai";
  return {
    conversationId,
    messageId: textAt(message, "id"),
    direction: "outbound",
    type,
    text: wordsOf(bagAt(message, "content")),
    creditsUsed: numberAt(message, "credits_used") ?? (type === "ai" ? 1 : 0),
  };
}

function customerOf(event: NativeEvent): object | null {
  if (isEmpty(event.contact)) return null;
  const identities = identitiesOf(event);
  return {
    platformId: platformIdOf(identities),
    name: textAt(event.contact, "name"),
    username: usernameOf(identities),
  };
}

function workspaceId(event: NativeEvent): string | null {
  return idAs("wks", event.workspaceId);
}

function automationId(event: NativeEvent): string | null {
  const { data } = event;
  const own = valueAt(data, "automation_id") ?? valueAt(bagAt(data, "automation"), "id");
  return idAs("auto", own ?? valueAt(bagAt(messageOf(event), "automation"), "id"));
}

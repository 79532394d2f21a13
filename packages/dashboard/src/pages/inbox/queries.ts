import { queryOptions } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";
import { record } from "./reading.ts";

export type Conversation = Shape<"Conversation">;
export type Message = Shape<"Message">;
export type Template = Shape<"Template">;

/** One conversation. */
export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: ["conversation", id],
    queryFn: () => taken(api.GET("/v1/conversations/{id}", { params: { path: { id } } })),
  });
}

/** All conversations of a person, on every channel. */
export function conversationsOfQuery(contactId: string) {
  return queryOptions({
    queryKey: ["conversations", { contactId }],
    queryFn: async () => {
      const params = { query: { contact_id: contactId, limit: 20 } };
      return (await taken(api.GET("/v1/conversations", { params }))).data;
    },
  });
}

/** A reaction that somebody put on a message, or took back. */
export interface Reaction {
  /** The message that it is on. */
  messageId: string;
  emoji: string;
}

const MOST_REACTIONS = 30;

/**
 * The customers' reactions of a conversation, the newest of each message. They are events and no
 * messages: the list of events names them, and each tells itself.
 */
export function reactionsQuery(conversationId: string) {
  return queryOptions({
    queryKey: ["conversation", conversationId, "reactions"],
    queryFn: async (): Promise<Reaction[]> => {
      const query = {
        conversation_id: conversationId,
        type: "message.reaction_added,message.reaction_removed",
        limit: MOST_REACTIONS,
      };
      const { data } = await taken(api.GET("/v1/events", { params: { query } }));
      const told = await Promise.all(
        data.map(({ id }) => taken(api.GET("/v1/events/{id}", { params: { path: { id } } }))),
      );
      const newest = new Map<string, string | null>();
      for (const { type, payload } of told) {
        const of = record(record(payload["data"])["target"])["message_id"];
        const emoji = record(record(payload["data"])["reaction"])["emoji"];
        if (typeof of !== "string" || newest.has(of)) continue;
        newest.set(of, type.endsWith("added") && typeof emoji === "string" ? emoji : null);
      }
      return [...newest].flatMap(([messageId, emoji]) =>
        emoji === null ? [] : [{ messageId, emoji }],
      );
    },
    staleTime: 30_000,
  });
}

const TOLD_BY: Record<Message["direction"], string> = {
  inbound: "message.received",
  outbound: "message.sent,message.failed,message.unconfirmed",
};
/** The id of the event that told of a message; null when it is no longer kept. */
export function eventOfQuery(messageId: string) {
  return queryOptions({
    queryKey: ["message", messageId, "event"],
    queryFn: async (): Promise<string | null> => {
      const path = { id: messageId };
      const { direction } = await taken(api.GET("/v1/messages/{id}", { params: { path } }));
      const query = { message_id: messageId, type: TOLD_BY[direction], limit: 100 };
      const { data } = await taken(api.GET("/v1/events", { params: { query } }));
      return data.at(-1)?.id ?? null;
    },
    staleTime: 5_000,
  });
}

/** Every endpoint, with what became of an event there or what left it out. */
export function whyQuery(eventId: string) {
  return queryOptions({
    queryKey: ["event", eventId, "why"],
    queryFn: async () => {
      const params = { path: { id: eventId }, query: { limit: 100 } };
      return (await taken(api.GET("/v1/events/{id}/why", { params }))).data;
    },
    refetchInterval: 5_000,
  });
}

/** What files a channel takes. */
export function fileLimitsQuery(channelId: string) {
  return queryOptions({
    queryKey: ["channel", channelId, "file-limits"],
    queryFn: async () => {
      const params = { path: { id: channelId } };
      return (await taken(api.GET("/v1/channels/{id}/file-limits", { params }))).data;
    },
    staleTime: Infinity,
  });
}

/** The approved templates of a channel's business account. */
export function templatesQuery(channelId: string) {
  return queryOptions({
    queryKey: ["templates", channelId],
    queryFn: () => loadTemplates(channelId, false),
    staleTime: 60_000,
  });
}

export async function loadTemplates(channelId: string, refresh: boolean): Promise<Template[]> {
  const query = {
    channel_id: channelId,
    status: "APPROVED",
    limit: 100,
    refresh: refresh ? ("true" as const) : ("false" as const),
  };
  return (await taken(api.GET("/v1/templates", { params: { query } }))).data;
}

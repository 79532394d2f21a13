import { queryOptions } from "@tanstack/react-query";
import { api, taken } from "../../api/client.ts";

const AGAIN_MS = 1_500;

/** The newest conversation of a channel; null while nobody has written. */
export const newestConversationQuery = (channelId: string) =>
  queryOptions({
    queryKey: ["conversations", "newest", channelId],
    queryFn: async () => {
      const params = { query: { channel_id: channelId, limit: 1 } };
      return (await taken(api.GET("/v1/conversations", { params }))).data[0] ?? null;
    },
    refetchInterval: ({ state }) => (state.data ? false : AGAIN_MS),
  });

const LEFT = new Set(["sent", "delivered", "read"]);

/** The first of the newest messages of a conversation that has left for the customer; null while none has. */
export const answerQuery = (conversationId: string) =>
  queryOptions({
    queryKey: ["conversation", conversationId, "answer"],
    queryFn: async () => {
      const params = { path: { id: conversationId }, query: { limit: 100 } };
      const { data } = await taken(api.GET("/v1/conversations/{id}/messages", { params }));
      const isAnswer = ({ direction, status }: (typeof data)[number]) =>
        direction === "outbound" && LEFT.has(status);
      return data.findLast(isAnswer) ?? null;
    },
    refetchInterval: ({ state }) => (state.data ? false : AGAIN_MS),
  });

/** Whether anything has ever been delivered. */
export const deliveredQuery = queryOptions({
  queryKey: ["deliveries", "first"],
  queryFn: async () => {
    const params = { query: { state: "delivered" as const, limit: 1 } };
    return (await taken(api.GET("/v1/deliveries", { params }))).data.length > 0;
  },
  refetchInterval: ({ state }) => (state.data === true ? false : 5_000),
});

import { queryOptions } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";

export type Simulator = Shape<"Simulator">;
export type SimulatedChannel = Simulator["channels"][number];
export type PhoneEntry = Shape<"PhoneEntry">;
export type Catcher = Shape<"Catcher">;
export type CaughtRequest = Shape<"CaughtRequest">;
export type SimulatedKind = SimulatedChannel["kind"];

export const KINDS: readonly SimulatedKind[] = ["whatsapp", "instagram", "messenger", "sms"];

export const simulatorQuery = queryOptions({
  queryKey: ["simulator"],
  queryFn: () => taken(api.GET("/v1/simulator")),
});

/** What the phone shows; asked again and again while it is looked at, for statuses come late. */
export const threadQuery = (channelId: string) =>
  queryOptions({
    queryKey: ["phone", channelId],
    queryFn: () =>
      taken(
        api.GET("/v1/simulator/channels/{id}/thread", {
          params: { path: { id: channelId }, query: {} },
        }),
      ),
    refetchInterval: 1_500,
  });

export const catchersQuery = queryOptions({
  queryKey: ["catchers"],
  queryFn: () => taken(api.GET("/v1/catchers", { params: { query: { limit: 100 } } })),
});

export const caughtQuery = (catcherId: string, isPaused: boolean) =>
  queryOptions({
    queryKey: ["caught", catcherId],
    queryFn: () =>
      taken(
        api.GET("/v1/catchers/{id}/requests", {
          params: { path: { id: catcherId }, query: { limit: 50 } },
        }),
      ),
    refetchInterval: isPaused ? false : 1_500,
  });

export const caughtOneQuery = (catcherId: string, requestId: string) =>
  queryOptions({
    queryKey: ["caught", catcherId, requestId],
    queryFn: () =>
      taken(
        api.GET("/v1/catchers/{id}/requests/{request_id}", {
          params: { path: { id: catcherId, request_id: requestId } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

import { queryOptions } from "@tanstack/react-query";
import { api, taken } from "../../api/client.ts";

const SHOWN = 20;
const LIVE_MS = 5_000;

export const queueQuery = queryOptions({
  queryKey: ["queue"],
  queryFn: () => taken(api.GET("/v1/queue")),
  refetchInterval: LIVE_MS,
});

/** The endpoints that the overview shows, the newest first. */
export const endpointsQuery = queryOptions({
  queryKey: ["endpoints", "overview"],
  queryFn: async () =>
    (await taken(api.GET("/v1/endpoints", { params: { query: { limit: SHOWN } } }))).data,
  refetchInterval: 30_000,
});

/** Events that the overview shows. */
export const LATEST = 8;

export const latestEventsQuery = queryOptions({
  queryKey: ["events", "latest"],
  queryFn: async () =>
    (await taken(api.GET("/v1/events", { params: { query: { limit: LATEST } } }))).data,
});

const troubled = { limit: SHOWN, troubled: "true" as const };

/** Endpoints that need somebody. */
export const troubledEndpointsQuery = queryOptions({
  queryKey: ["endpoints", "troubled"],
  queryFn: async () =>
    (await taken(api.GET("/v1/endpoints", { params: { query: troubled } }))).data,
  refetchInterval: 10_000,
});

/** Channels that need somebody. */
export const troubledChannelsQuery = queryOptions({
  queryKey: ["channels", "troubled"],
  queryFn: async () => (await taken(api.GET("/v1/channels", { params: { query: troubled } }))).data,
  refetchInterval: 10_000,
});

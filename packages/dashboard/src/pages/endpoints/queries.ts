import { queryOptions } from "@tanstack/react-query";
import { api, taken } from "../../api/client.ts";

/** One endpoint. */
export function endpointQuery(id: string) {
  return queryOptions({
    queryKey: ["endpoint", id],
    queryFn: () => taken(api.GET("/v1/endpoints/{id}", { params: { path: { id } } })),
  });
}

/** How it fares; asked again every ten seconds while it is seen. */
export function healthQuery(id: string) {
  return queryOptions({
    queryKey: ["endpoint", id, "health"],
    queryFn: () => taken(api.GET("/v1/endpoints/{id}/health", { params: { path: { id } } })),
    refetchInterval: 10_000,
  });
}

/** Its newest deliveries. */
export function recentQuery(id: string) {
  return queryOptions({
    queryKey: ["deliveries", "of", id],
    queryFn: () =>
      taken(api.GET("/v1/deliveries", { params: { query: { endpoint_id: id, limit: 8 } } })),
    refetchInterval: 10_000,
  });
}

/** How endpoints can be spoken to; it changes with the version of the server. */
export const dialectsQuery = queryOptions({
  queryKey: ["dialects"],
  queryFn: async () => (await taken(api.GET("/v1/dialects"))).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/** The catalogue, and the workspace's own types. */
export const eventTypesQuery = queryOptions({
  queryKey: ["event-types"],
  queryFn: async () => (await taken(api.GET("/v1/event-types"))).data,
  staleTime: 60_000,
});

export const accountsQuery = queryOptions({
  queryKey: ["accounts", "all"],
  queryFn: async () =>
    (await taken(api.GET("/v1/accounts", { params: { query: { limit: 100 } } }))).data,
  staleTime: 60_000,
});

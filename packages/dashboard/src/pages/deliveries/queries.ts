import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";

export type Delivery = Shape<"Delivery">;
export type DeliveryDetail = Shape<"DeliveryDetail">;
export type Endpoint = Shape<"Endpoint">;

const MOST = 100;

export const endpointsQuery = queryOptions({
  queryKey: ["endpoints", "by-id"],
  queryFn: async () => {
    const page = await taken(api.GET("/v1/endpoints", { params: { query: { limit: MOST } } }));
    return new Map(page.data.map((endpoint) => [endpoint.id, endpoint]));
  },
  staleTime: 30_000,
});

/** By id: those that rows name. */
export function useEndpoints(): ReadonlyMap<string, Endpoint> {
  return useQuery(endpointsQuery).data ?? NONE;
}
const NONE: ReadonlyMap<string, Endpoint> = new Map();

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ["delivery", id],
    queryFn: () => taken(api.GET("/v1/deliveries/{id}", { params: { path: { id } } })),
    // What waits changes by itself.
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? 2_000 : false),
  });

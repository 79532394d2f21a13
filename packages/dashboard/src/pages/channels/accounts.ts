import { queryOptions } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";

export type Account = Shape<"Account">;

export function accountQuery(id: string) {
  return queryOptions({
    queryKey: ["account", id],
    queryFn: () => taken(api.GET("/v1/accounts/{id}", { params: { path: { id } } })),
    staleTime: 30_000,
  });
}

/** The first hundred, for what chooses one. */
export function accountsQuery() {
  return queryOptions({
    queryKey: ["accounts", "to-choose"],
    queryFn: async () =>
      (await taken(api.GET("/v1/accounts", { params: { query: { limit: 100 } } }))).data,
    staleTime: 30_000,
  });
}

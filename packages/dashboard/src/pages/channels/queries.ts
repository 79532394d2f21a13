import { queryOptions } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";

export type Channel = Shape<"Channel">;

export function channelQuery(id: string) {
  return queryOptions({
    queryKey: ["channel", id],
    queryFn: () => taken(api.GET("/v1/channels/{id}", { params: { path: { id } } })),
  });
}

/** The first hundred, for what chooses one. */
export function channelsQuery() {
  return queryOptions({
    queryKey: ["channels", "to-choose"],
    queryFn: async () =>
      (await taken(api.GET("/v1/channels", { params: { query: { limit: 100 } } }))).data,
    staleTime: 30_000,
  });
}

/** What holds where nobody says anything, or you may not read it. */
export const DEFAULT_SETTINGS: Shape<"Settings"> = {
  ai_enabled: true,
  external_reply_mode: false,
  inbound_body_purge: false,
};

/** What holds in the workspace where nothing else says otherwise. */
export function settingsQuery() {
  return queryOptions({
    queryKey: ["settings"],
    queryFn: () => taken(api.GET("/v1/settings")),
  });
}

import { queryOptions } from "@tanstack/react-query";
import { shellWords } from "../words/index.ts";
import { api, taken } from "./client.ts";

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: () => taken(api.GET("/v1/server")),
  staleTime: 60_000,
  refetchInterval: 60_000,
});

/** The server's name as it is seen everywhere: the worst mistake is the right act on the wrong one. */
export function serverName(): { name: string; address: string | null } {
  const isLocal = /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return isLocal
    ? { name: shellWords.local, address: location.host }
    : { name: location.host, address: null };
}

import { useQuery } from "@tanstack/react-query";
import { ArchiveX } from "lucide-react";
import { api, taken } from "../../api/client.ts";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { deadLettersSearch } from "./search.ts";

export const deadLetterPages: readonly PageDef[] = [
  {
    path: "/dead-letters",
    title: pageTitles.deadLetters,
    needs: "deliveries:read",
    search: deadLettersSearch,
    load: () => import("./dead-letters.tsx"),
    nav: {
      group: "traffic",
      order: 2,
      icon: ArchiveX,
      key: "x",
      onPhone: true,
      useWaiting: useDeadCount,
    },
  },
];

/** How many wait for a person. */
function useDeadCount(): number | null {
  const { data } = useQuery({
    queryKey: ["dead-letters", "count"],
    queryFn: async () => {
      const { data: causes } = await taken(
        api.GET("/v1/dead-letters/causes", { params: { query: {} } }),
      );
      return causes.reduce((sum, { count }) => sum + count, 0);
    },
    refetchInterval: 30_000,
  });
  return data === undefined || data === 0 ? null : data;
}

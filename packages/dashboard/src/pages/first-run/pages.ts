import { ListChecks } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { useIsPutAway } from "./put-away.ts";
import { firstRunSearch } from "./search.ts";

export const firstRunPages: readonly PageDef[] = [
  {
    path: "/first-run",
    title: pageTitles.firstRun,
    needs: "endpoints:write",
    search: firstRunSearch,
    load: () => import("./first-run.tsx"),
    nav: { group: "build", order: 1, icon: ListChecks, useIsAway: useIsPutAway },
  },
];

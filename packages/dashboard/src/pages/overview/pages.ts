import { Gauge } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { overviewSearch } from "./search.ts";

export const overviewPages: readonly PageDef[] = [
  {
    path: "/",
    title: pageTitles.overview,
    needs: "deliveries:read",
    search: overviewSearch,
    load: () => import("./overview.tsx"),
    nav: { group: "top", order: 1, icon: Gauge, key: "o", onPhone: true },
  },
];

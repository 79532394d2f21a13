import { ChartNoAxesColumn } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";

export const usagePages: readonly PageDef[] = [
  {
    path: "/usage",
    title: pageTitles.usage,
    needs: "settings:read",
    load: () => import("./usage.tsx"),
    nav: { group: "workspace", order: 3, icon: ChartNoAxesColumn, key: "u" },
  },
];

import { ChartNoAxesColumn } from "lucide-react";
import { usageWords } from "../../words/index.ts";
import type { PageDef } from "../page.ts";

export const usagePages: readonly PageDef[] = [
  {
    path: "/usage",
    title: usageWords.title,
    needs: "settings:read",
    load: () => import("./usage.tsx"),
    nav: { group: "workspace", order: 3, icon: ChartNoAxesColumn, key: "u" },
  },
];

import { Settings } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { settingsSearch } from "./search.ts";

export const settingsPages: readonly PageDef[] = [
  {
    path: "/settings",
    title: pageTitles.settings,
    search: settingsSearch,
    load: () => import("./settings.tsx"),
    nav: { group: "workspace", order: 4, icon: Settings, key: "," },
  },
];

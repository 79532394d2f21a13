import { Smartphone, Target } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { catcherSearch, simulatorSearch } from "./search.ts";

export const simulatorPages: readonly PageDef[] = [
  {
    path: "/simulator",
    title: pageTitles.simulator,
    needs: "channels:read",
    search: simulatorSearch,
    load: () => import("./simulator.tsx"),
    nav: { group: "build", order: 2, icon: Smartphone, key: "s" },
  },
  {
    path: "/catcher",
    title: pageTitles.catcher,
    needs: "endpoints:read",
    search: catcherSearch,
    load: () => import("./catcher-page.tsx"),
    nav: { group: "build", order: 3, icon: Target },
    opens: { prefix: "cat_", to: (id) => `/catcher?catcher=${id}` },
  },
];

import { Building2 } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { accountsSearch } from "./search.ts";

export const accountsPages: readonly PageDef[] = [
  {
    path: "/accounts",
    title: pageTitles.accounts,
    needs: "accounts:read",
    search: accountsSearch,
    load: () => import("./list.tsx"),
    nav: { group: "connect", order: 3, icon: Building2 },
  },
];

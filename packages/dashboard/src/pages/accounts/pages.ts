import { Building2 } from "lucide-react";
import { accountWords } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { accountsSearch } from "./search.ts";

export const accountsPages: readonly PageDef[] = [
  {
    path: "/accounts",
    title: accountWords.title,
    needs: "accounts:read",
    search: accountsSearch,
    load: () => import("./list.tsx"),
    nav: { group: "connect", order: 3, icon: Building2 },
  },
];

import { Users } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { membersSearch } from "./search.ts";

export const memberPages: readonly PageDef[] = [
  {
    path: "/members",
    title: pageTitles.members,
    needs: "members:read",
    search: membersSearch,
    load: () => import("./members.tsx"),
    nav: { group: "workspace", order: 1, icon: Users, key: "m" },
  },
];

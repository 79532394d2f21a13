import { Users } from "lucide-react";
import { memberWords } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { membersSearch } from "./search.ts";

export const memberPages: readonly PageDef[] = [
  {
    path: "/members",
    title: memberWords.title,
    needs: "members:read",
    search: membersSearch,
    load: () => import("./members.tsx"),
    nav: { group: "workspace", order: 1, icon: Users, key: "m" },
  },
];

import { Inbox } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { inboxSearch } from "./search.ts";

const common = {
  title: pageTitles.inbox,
  needs: "conversations:read",
  search: inboxSearch,
  load: () => import("./inbox.tsx"),
};

export const inboxPages: readonly PageDef[] = [
  {
    ...common,
    path: "/inbox",
    nav: { group: "top", order: 2, icon: Inbox, key: "i", onPhone: true },
  },
  {
    ...common,
    path: "/inbox/$id",
    opens: { prefix: "cnv_", to: (id) => `/inbox/${id}` },
  },
];

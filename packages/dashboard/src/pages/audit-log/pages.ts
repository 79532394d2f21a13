import { ScrollText } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { auditSearch } from "./search.ts";

export const auditLogPages: readonly PageDef[] = [
  {
    path: "/audit-log",
    title: pageTitles.auditLog,
    needs: "audit_log:read",
    search: auditSearch,
    load: () => import("./audit-log.tsx"),
    nav: { group: "workspace", order: 2, icon: ScrollText, key: "l" },
  },
];

import { Send } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { deliveriesSearch, deliverySearch } from "./search.ts";

export const deliveryPages: readonly PageDef[] = [
  {
    path: "/deliveries",
    title: pageTitles.deliveries,
    needs: "deliveries:read",
    search: deliveriesSearch,
    load: () => import("./deliveries.tsx"),
    nav: { group: "traffic", order: 1, icon: Send, key: "d", onPhone: true },
  },
  {
    path: "/deliveries/$id",
    title: pageTitles.delivery,
    needs: "deliveries:read",
    search: deliverySearch,
    load: () => import("./delivery.tsx"),
    opens: { prefix: "dlv_", to: (id) => `/deliveries/${id}` },
  },
];

import { Webhook } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { endpointSearch, endpointsSearch } from "./search.ts";

export const endpointsPages: readonly PageDef[] = [
  {
    path: "/endpoints",
    title: pageTitles.endpoints,
    needs: "endpoints:read",
    search: endpointsSearch,
    load: () => import("./list.tsx"),
    nav: { group: "connect", order: 1, icon: Webhook, key: "e" },
  },
  {
    path: "/endpoints/new",
    title: pageTitles.newEndpoint,
    needs: "endpoints:write",
    load: () => import("./new.tsx"),
  },
  {
    path: "/endpoints/$id",
    title: pageTitles.endpoint,
    needs: "endpoints:read",
    search: endpointSearch,
    load: () => import("./endpoint.tsx"),
    opens: { prefix: "ep_", to: (id) => `/endpoints/${id}` },
  },
];

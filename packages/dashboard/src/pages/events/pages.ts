import { Activity } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { catalogueSearch, eventsSearch } from "./search.ts";

export const eventPages: readonly PageDef[] = [
  {
    path: "/events",
    title: pageTitles.events,
    needs: "events:read",
    search: eventsSearch,
    load: () => import("./events.tsx"),
    nav: { group: "traffic", order: 3, icon: Activity, key: "v" },
  },
  {
    path: "/events/$id",
    title: pageTitles.event,
    needs: "events:read",
    load: () => import("./event.tsx"),
    opens: { prefix: "evt_", to: (id) => `/events/${id}` },
  },
  {
    path: "/event-types",
    title: pageTitles.catalogue,
    needs: "events:read",
    search: catalogueSearch,
    load: () => import("./catalogue.tsx"),
  },
];

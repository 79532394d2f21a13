import { Radio } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { channelsSearch } from "./search.ts";

export const channelsPages: readonly PageDef[] = [
  {
    path: "/channels",
    title: pageTitles.channels,
    needs: "channels:read",
    search: channelsSearch,
    load: () => import("./list.tsx"),
    nav: { group: "connect", order: 2, icon: Radio, key: "n" },
  },
  {
    path: "/channels/new",
    title: pageTitles.newChannel,
    needs: "channels:write",
    search: channelsSearch,
    load: () => import("./connect.tsx"),
  },
  {
    path: "/channels/$id",
    title: pageTitles.channel,
    needs: "channels:read",
    load: () => import("./channel.tsx"),
    opens: { prefix: "ch_", to: (id) => `/channels/${id}` },
  },
];

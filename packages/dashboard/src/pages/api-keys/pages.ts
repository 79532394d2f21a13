import { KeyRound } from "lucide-react";
import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";
import { apiKeysSearch } from "./search.ts";

export const apiKeyPages: readonly PageDef[] = [
  {
    path: "/api-keys",
    title: pageTitles.apiKeys,
    needs: "api_keys:read",
    search: apiKeysSearch,
    load: () => import("./api-keys.tsx"),
    nav: { group: "build", order: 4, icon: KeyRound, key: "a" },
  },
];

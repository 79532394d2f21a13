import { pageTitles } from "../../words/index.ts";
import type { PageDef } from "../page.ts";

export const healthPages: readonly PageDef[] = [
  { path: "/health", title: pageTitles.health, load: () => import("./health.tsx") },
];

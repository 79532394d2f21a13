import { healthWords } from "../../words/index.ts";
import type { PageDef } from "../page.ts";

export const healthPages: readonly PageDef[] = [
  { path: "/health", title: healthWords.title, load: () => import("./health.tsx") },
];

import { pageTitles } from "./shell.ts";

/** The health of the whole server, for its operator. */
export const healthWords = {
  title: pageTitles.health,
  verdict: {
    ok: "Everything is well.",
    warning: (count: number) =>
      count === 1 ? "One thing needs a look." : `${count} things need a look.`,
    critical: (count: number) =>
      count === 1 ? "One thing is wrong." : `${count} things are wrong.`,
  },
  summary: (ok: number, all: number) => `${ok} of ${all} are well`,
  asked: "Asked every 10 seconds",
  levels: { ok: "Well", warning: "Look", critical: "Wrong" },
  columns: { level: "State", what: "What", name: "Name", value: "Now" },
  table: "Every entry",
  notYours: {
    title: "The operator sees this",
    text: "Whoever owns the default workspace of this server is its operator. Your own endpoints have their health on their pages.",
  },
  days: (count: string) => `${count} d`,
} as const;

import { counted } from "./format.ts";
import { pageTitles } from "./shell.ts";

export const deadLetterWords = {
  title: pageTitles.deadLetters,
  summary: (count: string, causes: number) =>
    `${counted(count, "waits", "wait")} for you, from ${causes === 1 ? "one cause" : `${causes} causes`}`,
  none: "Nothing waits for you",
  causes: "Causes",
  all: "All",
  allCauses: "Every endpoint and cause",
  since: (from: string) => `last at ${from}`,
  now: {
    accepts: "accepts now",
    failing: "still fails",
    unknown: "not tried in 24 h",
    paused: "is paused",
    disabled: "is disabled",
  },
  columns: {
    event: "Event",
    died: "Died",
  },
  empty: {
    title: "Nothing is dead",
    text: "A delivery lands here when its last retry has failed, and waits until you replay it. Most who look here repair one cause, then replay all that it struck.",
  },
  inexact: "Counted over the newest 20,000",
} as const;

import { counted } from "./format.ts";
import { pageTitles } from "./shell.ts";

/** The overview: the books, what needs somebody, the endpoints. */
export const overviewWords = {
  title: pageTitles.overview,
  headline: (count: string) => counted(count, "delivery", "deliveries"),
  balanced: "every one accounted for",
  unbalanced: (count: string) => `${counted(count, "is", "are")} not accounted for`,
  balancedAt: (at: string) => `Balanced at ${at}`,
  bar: "What became of them",
  strip: {
    events: "Events accepted",
    unwanted: (count: string) => `${count} wanted by nobody`,
    requests: "Requests that succeed",
    failed: (count: string) => `${count} failed`,
    arrival: "From accepted to delivered",
    answer: "Endpoints answer within",
    percentiles: (p95: string, p99: string) => `p95 ${p95}, p99 ${p99}`,
    oldest: "Oldest due",
    onTime: "nothing is late",
  },
  chart: {
    title: "Deliveries",
    accepted: "Events accepted",
    delivered: "Delivered",
    failed: "Failed attempts",
    dead: "Dead",
    summary: (accepted: string, delivered: string, failed: string, dead: string) =>
      `${accepted} events accepted, ${delivered} deliveries delivered, ${failed} attempts failed, ${dead} dead`,
    none: "Nothing was accepted in this time",
    noneText: "What customers write, and what you publish, is drawn here as it is delivered.",
  },
  needs: {
    title: "Needs you",
    none: "Nothing waits for you.",
    unknown: "What waits for you did not load.",
    dead: (count: string) => `${counted(count, "is", "are")} dead`,
    deadText: "They wait for a replay, for as long as the log keeps them.",
    look: "Look",
    failing: (name: string) => `${name} fails`,
    failingText: (waiting: string) =>
      waiting === "0"
        ? "Nothing waits for it"
        : `${counted(waiting, "delivery waits", "deliveries wait")} for it`,
    paused: (name: string) => `${name} is paused`,
    pausedText: "Its queue waits",
    pending: (name: string) => `${name} is not verified`,
    pendingText: "It gets nothing yet",
    disabled: (name: string) => `${name} was disabled for failing`,
    disabledText: "What it misses stays in the log, to be replayed",
    channelRefused: (name: string) => `${name} is refused by its provider`,
    channelRefusedText: "What is sent there fails until its credentials are right",
    channelPaused: (name: string) => `${name} stands still`,
    channelPausedText: "What is sent there waits",
  },
  endpoints: {
    title: "Endpoints",
    all: "All of them",
    none: "No endpoint yet. Make one, and every event that its filters want is delivered to it.",
  },
  live: {
    title: "Events, live",
    none: "Nothing has happened yet.",
    unknown: "What happened did not load.",
    all: "All of them",
  },
} as const;

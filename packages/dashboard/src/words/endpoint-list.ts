import { pageTitles } from "./shell.ts";

/** Endpoints in a list, here and on the overview. */
export const endpointListWords = {
  title: pageTitles.endpoints,
  create: pageTitles.newEndpoint,
  states: {
    enabled: "Enabled",
    failing: "Enabled, failing",
    paused: "Paused",
    disabled: "Disabled",
    pending: "Not verified",
  },
  columns: {
    name: "Endpoint",
    dialect: "Dialect",
    state: "State",
    hours: "24 hours, failures in red",
    share: "Accepted",
    took: "Took",
    waiting: "Waiting",
    url: "URL",
  },
  rowName: (name: string, state: string, dialect: string) => `${name}, ${state}, ${dialect}`,
  hoursLabel: (delivered: string, failed: string) =>
    `In 24 hours ${delivered} requests were accepted and ${failed} failed`,
  filterState: "state",
  empty: {
    title: "No endpoint yet",
    text: "An endpoint is a URL of yours that receives signed webhooks: which events it gets, in which dialect, and how often a failure is tried again.",
  },
  noMatch: "No endpoint matches",
  noMatchText: (state: string) => `None is ${state}.`,
  removeFilter: "Remove that filter",
} as const;

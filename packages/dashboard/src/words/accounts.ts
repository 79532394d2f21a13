import { pageTitles } from "./shell.ts";

/** Accounts: the clients inside a workspace. */
export const accountWords = {
  title: pageTitles.accounts,
  one: "Account",
  create: "New account…",
  columns: {
    name: "Account",
    externalId: "Your own id",
    settings: "Settings",
    since: "Made",
    id: "Id",
  },
  rowName: (name: string, externalId: string | null) =>
    externalId === null ? name : `${name}, ${externalId}`,
  empty: {
    title: "There is no account",
    text: "An account is a client of yours: it owns channels, and a key that is confined to it sees nothing else. You need none to begin with.",
  },
  form: {
    title: "New account",
    edit: (name: string) => `Change ${name}`,
    name: "Name",
    externalId: "Your own id",
    externalIdHelp: "What you call this account yourself; optional",
    create: "Make the account",
    save: "Save",
    needsName: "Give it a name first",
    failed: "The account was not made",
    editFailed: "The account was not changed",
    done: (name: string) => `${name} is made`,
  },
  change: "Change…",
  remove: "Delete…",
  removeTitle: (name: string) => `Delete ${name}?`,
  removeText:
    "Its keys are revoked. It can be deleted only when it has no channels and no endpoints.",
  removeDo: "Delete",
  removeKeep: "Keep it",
  removeFailed: "The account was not deleted",
  removed: (name: string) => `${name} is deleted`,
  properties: "Properties",
  channels: "Channels",
  noChannels: "It has no channel.",
  confined: "A key confined to this account sees this account alone.",
} as const;

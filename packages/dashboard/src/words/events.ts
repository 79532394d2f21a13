import { counted } from "./format.ts";
import { pageTitles } from "./shell.ts";

export const eventWords = {
  title: pageTitles.events,
  one: pageTitles.event,
  summary: "Every fact, in the order in which it happened",
  tabs: { log: "Log", catalogue: "Catalogue" },
  columns: {
    at: "At",
    type: "Type",
    from: "From",
    channel: "Channel",
    seq: "In its conversation",
    id: "Id",
  },
  filters: {
    type: "type",
    channel: "channel",
    conversation: "conversation",
    message: "message",
    range: "time",
  },
  messagePlaceholder: "msg_…",
  paused: (count: string) => `${count} new`,
  empty: {
    title: "Nothing has happened yet",
    text: "An event is a fact: a customer wrote, a message was read, an order of yours was shipped. Write as a customer, or publish one of your own with POST /v1/events.",
    act: "Open the simulator",
  },
  noMatch: "No event matches.",
  rowName: (type: string, from: string, at: string) => `${type} from ${from} at ${at}`,
  verdict: {
    nobody: "No endpoint wanted it. It is kept, and can be replayed to one that you add.",
    all: (count: number) =>
      count === 1 ? "It went to one endpoint." : `It went to ${count} endpoints.`,
    some: (delivered: number, count: number) =>
      count === 1
        ? "One endpoint wanted it"
        : `${delivered === 0 ? "None" : delivered} of ${count} endpoints ${delivered === 1 ? "has" : "have"} it`,
    pending: (count: number) => `${count === 1 ? "one is" : `${count} are`} still to take it`,
    dead: (count: number) => `${count === 1 ? "one has" : `${count} have`} failed for good`,
    cancelled: (count: number) => `${count === 1 ? "one was" : `${count} were`} cancelled`,
  },
  properties: {
    event: "Event",
    at: "Happened",
    conversation: "Conversation",
    seq: "Number in it",
    channel: "Channel",
    account: "Account",
    campaign: "Campaign",
  },
  deliveries: "Where it went",
  noDeliveries: "Nowhere.",
  body: "Body",
  expunged: "expunged: who it was about, by id, and nothing of what was said",
  expunge: {
    act: "Expunge body…",
    title: (type: string) => `Expunge the body of this ${type}?`,
    text: "It goes wherever the log keeps it: with the event, in the requests that were made of it, in answers that may repeat it, and in receivers inside Curlew. Ids, types, times and outcomes stay. Nothing brings it back.",
    waiting: (count: number) =>
      count === 1
        ? "One delivery still waits for it, and is cancelled."
        : `${count} deliveries still wait for it, and are cancelled.`,
    inbox: "A message in the inbox is another record, and stays.",
    keep: "Keep it",
    does: "Expunge it",
    failed: "The body was not expunged",
    done: "Body expunged",
    cancelled: (count: number) =>
      count === 1
        ? "One delivery that waited is cancelled"
        : `${count} deliveries that waited are cancelled`,
    gone: "Its body has been expunged.",
    askedFor: (who: string) => `${who} asked for it `,
  },
  bodyNote: "native; each dialect's is made of it",
  why: {
    title: "Why it went where it went",
    text: "Every endpoint, as it stood when the event was accepted.",
    button: "Why",
    leftOut: "Left out",
    more: "There are more endpoints: GET /v1/events/<id>/why lists them.",
  },
  catalogue: {
    title: pageTitles.catalogue,
    summary: (count: string) => counted(count, "type", "types"),
    find: "Find a type",
    own: "own",
    operational: "must be named",
    operationalText: "About Curlew itself: * does not stand for it.",
    example: "Example",
    exampleNote: (dialect: string) => `as an endpoint of ${dialect} gets it`,
    schema: "Schema of data",
    noSchema: "Any object: this type has no schema.",
    dialect: "Dialect",
    none: "This dialect has no event of this kind: its endpoints get nothing, unless they ask for extended events.",
    calls: (dialect: string, name: string) => `${dialect} calls it ${name}.`,
    choose: "Choose a type to see its schema and what each dialect sends.",
    noExample: "No example was given for this type.",
  },
  dialects: {
    curlew: "curlew",
    chatgenius: "chatgenius",
    chatmefy: "chatmefy",
    dmtolead: "dmtolead",
    genesy: "genesy",
  },
} as const;

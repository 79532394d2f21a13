import type { DescribedRoute, Reference } from "../../support/api/described-routes.ts";
import type { Try } from "../../support/api/trespass.ts";
import type { Belongings } from "./household.ts";

type Name = keyof Belongings;

/** What an id in a path is of, by what stands before it. The longest that fits counts. */
const PATHS: Readonly<Record<string, readonly Name[]>> = {
  "/v1/accounts/{id}": ["account"],
  "/v1/api-keys/{id}": ["apiKey"],
  "/v1/catchers/{id}": ["catcher"],
  "/v1/catchers/{id}/requests/{request_id}": ["catcher", "request"],
  "/v1/channels/{id}": ["channel"],
  "/v1/contacts/{id}": ["contact"],
  "/v1/conversations/{id}": ["conversation"],
  "/v1/deliveries/{id}": ["delivery"],
  "/v1/endpoints/{id}": ["endpoint"],
  "/v1/events/{id}": ["event"],
  "/v1/jobs/{id}": ["job"],
  "/v1/media/{id}": ["media"],
  "/v1/messages/{id}": ["message"],
  "/v1/messages/{id}/cancel": ["queued"],
  "/v1/simulator/channels/{id}": ["channel"],
  "/v1/webhooks/{id}": ["webhook"],
};
/** They belong to nobody, or to a whole workspace, whose own test asks for them. */
const OF_NO_ACCOUNT =
  /^\/v1\/(workspaces|plans|dialects|members|invitations|event-types)\/\{(id|name|type)\}/;

const SINCE = "2020-01-01T00:00:00Z";
/** So many that the request would be carried out, were it not for the id. */
const BODIES: Readonly<Record<string, (own: Belongings) => unknown>> = {
  actAsCustomer: () => ({ text: "Is it yours?" }),
  createApiKey: () => ({ name: "k", scopes: ["events:read"] }),
  createChannel: () => ({ kind: "sms", name: "c", external_id: "+447700900123" }),
  createEndpoint: (own) => ({ name: "e", url: own.url, events: ["order.*"] }),
  createSimulatedChannel: () => ({ kind: "sms" }),
  publishEvents: () => ({ type: "order.shipped", data: {} }),
  "publishEvents /0": () => [{ type: "order.shipped", data: {} }],
  replayDeadLetters: () => ({ dry_run: true }),
  replayEndpoint: () => ({ since: SINCE, dry_run: true }),
  rotateApiKey: () => ({}),
  rotateEndpointSecret: () => ({}),
  sendMessage: () => ({ ...STRANGER, text: "Hello", dry_run: true }),
  "sendMessage /conversation_id": () => ({ text: "Hello", dry_run: true }),
  "sendMessage /fallback": () => ({
    ...{ ...STRANGER, text: "Hello", dry_run: true },
    fallback: [{ ...STRANGER }],
  }),
  "sendMessage /fallback/0/media": (own) => ({
    ...{ conversation_id: own.conversation, text: "Hello", dry_run: true },
    fallback: [{ media: { type: "image" } }],
  }),
  "sendMessage /media": (own) => ({
    ...{ conversation_id: own.conversation, media: { type: "image" }, dry_run: true },
  }),
  "sendMessage /reaction": (own) => ({
    ...{ conversation_id: own.conversation, reaction: { emoji: "👍" }, dry_run: true },
  }),
  "sendMessage /reply_to": (own) => ({
    ...{ conversation_id: own.conversation, text: "Hello", dry_run: true },
  }),
  testEndpoint: () => ({}),
  updateAccount: () => ({ name: "Taken" }),
  updateCatcher: () => ({ name: "Taken" }),
  updateChannel: () => ({ name: "Taken" }),
  updateEndpoint: () => ({ name: "Taken" }),
  updateGenesyWebhook: () => ({ name: "Taken" }),
};
const STRANGER = { platform: "whatsapp", to_phone: "+15550100177" };
const QUERIES: Readonly<Record<string, string>> = { exportDeliveries: "format=ndjson" };

const OF_PREFIX: Readonly<Record<string, Name>> = {
  ...{ acc: "account", ch: "channel", cnv: "conversation", con: "contact", dlv: "deadLetter" },
  ...{ ep: "endpoint", evt: "event", med: "media", msg: "message" },
};
/** Where an id may stand that the description does not call one. */
const MORE: Readonly<Record<string, readonly (readonly [Reference["in"], string, Name])[]>> = {
  createEndpoint: [["body", "/channels/0", "channel"]],
  updateEndpoint: [["body", "/channels/0", "channel"]],
  publishEvents: [["body", "/channel", "channel"]],
  listEvents: [["query", "channel", "channel"]],
  streamEvents: [["query", "channel", "channel"]],
  listDeadLetters: [["query", "channel", "channel"]],
  exportDeliveries: [["query", "channel", "channel"]],
  listDeliveries: [
    ["query", "channel", "channel"],
    ...(["delivery", "event", "endpoint", "conversation", "channel"] as const).map(
      (name) => ["query", "q", name] as const,
    ),
  ],
  sendMessage: [
    ["body", "/conversation_id", "conversation"],
    ["body", "/reply_to", "message"],
    ["body", "/reaction/message_id", "message"],
  ],
};
/** A place in the log, which is the same for all: what is read from there is the reader's own. */
const POSITIONS = /^(after|last-event-id)$/;
/** Meta is asked before anything else, and there is none here. */
const ASK_META_FIRST = ["connectWhatsapp", "connectPage"];

interface Tries {
  tries: Try[];
  /** Routes of which nobody has said how they are tried. */
  unknown: string[];
}

/** Every route that is about one thing, with whoever's id. What destroys comes last. */
export function leadsOf(routes: readonly DescribedRoute[], theirs: Belongings): Tries {
  const unknown: string[] = [];
  const tries = routes
    .filter(({ path }) => path.includes("{") && !OF_NO_ACCOUNT.test(path))
    .flatMap((route) => {
      const path = pathWith(route, theirs);
      if (path === null) unknown.push(`${route.method} ${route.path}`);
      return path === null ? [] : [{ ...tryOf(route, path), body: BODIES[route.name]?.(theirs) }];
    });
  return { tries: tries.sort(byHarm), unknown };
}

/** Every other place in which a route takes an id, with theirs there in a request that is one's own otherwise. */
export function referencesOf(
  routes: readonly DescribedRoute[],
  own: Belongings,
  theirs: Belongings,
): Tries {
  const unknown: string[] = [];
  const tries = routes.flatMap((route) => {
    if (ASK_META_FIRST.includes(route.name)) return [];
    const path = route.path.includes("{") ? pathWith(route, own) : route.path;
    return placesIn(route).flatMap(([place, at, name]) => {
      const made = path === null || name === null ? null : bodyFor(route, place, at, own);
      if (path === null || name === null || made === null) {
        unknown.push(`${route.name} ${at}`);
        return [];
      }
      const id = theirs[name];
      const asked = { ...tryOf(route, path), name: `${route.name} ${at} ${name}` };
      if (place === "header") return [{ ...asked, headers: { [at]: id } }];
      if (place === "body") return [{ ...asked, body: withIdAt(made.body, at, id) }];
      const query = [QUERIES[route.name] ?? [], `${at}=${id}`].flat().join("&");
      return [{ ...asked, path: `${path}?${query}` }];
    });
  });
  // One's own thing, and in it somebody else's.
  tries.push({
    name: "getCaughtRequest request_id",
    method: "GET",
    path: `/v1/catchers/${own.catcher}/requests/${theirs.request}`,
  });
  return { tries, unknown };
}

function placesIn({ name, references }: DescribedRoute) {
  const described = references
    .filter(({ at }) => !POSITIONS.test(at))
    .map(({ in: place, at, prefix }) => [place, at, OF_PREFIX[prefix] ?? null] as const);
  return [...described, ...(MORE[name] ?? [])];
}

/** Null where nobody has said what a whole request is. */
function bodyFor(
  { name }: DescribedRoute,
  place: Reference["in"],
  at: string,
  own: Belongings,
): { body: unknown } | null {
  if (place !== "body") return { body: undefined };
  const steps = at.split("/");
  // That of the very place, else of what holds it, else the route's.
  for (let length = steps.length; length > 0; length--) {
    const make = BODIES[length === 1 ? name : `${name} ${steps.slice(0, length).join("/")}`];
    if (make) return { body: make(own) };
  }
  return null;
}

function pathWith({ path }: DescribedRoute, ids: Belongings): string | null {
  const [known] = Object.keys(PATHS)
    .filter((each) => path === each || path.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length);
  const names = known === undefined ? undefined : PATHS[known];
  if (!names) return null;
  const left = names.map((name) => ids[name]);
  return path.replace(/\{\w+\}/g, () => left.shift() ?? "nobody");
}

function tryOf({ name, method }: DescribedRoute, path: string): Try {
  return { name, method, path };
}

function byHarm(a: Try, b: Try): number {
  const harm = ({ method, path }: Try) => (method === "DELETE" ? 100 - path.length / 1_000 : 0);
  return harm(a) - harm(b);
}

function withIdAt(body: unknown, pointer: string, id: string): unknown {
  const copy: unknown = structuredClone(body);
  const steps = pointer.split("/").slice(1);
  const last = steps.pop() ?? "";
  let place = copy as Record<string, unknown>; // a body of ours, above
  for (const [i, step] of steps.entries()) {
    const isList = /^\d+$/.test(steps[i + 1] ?? last);
    place[step] ??= isList ? [] : {};
    place = place[step] as Record<string, unknown>; // just made, where there was none
  }
  place[last] = id;
  return copy;
}

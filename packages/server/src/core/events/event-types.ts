import { nearest } from "../spelling.ts";

export interface EventType {
  readonly type: string;
  /** One line for whoever chooses what to subscribe to. */
  readonly description: string;
  /** About Curlew itself: `*` does not stand for it, and the endpoint it speaks of never gets it. */
  readonly operational: boolean;
}

const DESCRIPTIONS: Record<string, string> = {
  "message.received": "A customer wrote to one of your channels.",
  "message.sent": "A message left for a customer, whoever wrote it.",
  "message.delivered": "A message reached the customer's device.",
  "message.read": "The customer has seen a message.",
  "message.failed": "A message could not be delivered; the error says why and what helps.",
  "message.unconfirmed":
    "Nobody knows whether a message left: its provider did not say so within fifteen minutes.",
  "message.media_failed":
    "A file of a message could not be fetched from its provider; the error says why.",
  "message.edited": "A message was changed after it was sent.",
  "message.deleted": "A message was withdrawn.",
  "message.reaction_added": "A reaction was put on a message.",
  "message.reaction_removed": "A reaction was taken from a message.",
  "message.purged": "The body of a message was destroyed after it was forwarded.",
  "message.purge_lost": "The body of a message was destroyed and its one attempt had failed.",
  "turn.completed": "A customer has finished a burst of messages; they come together.",
  "typing.started": "Somebody began to type.",
  "typing.stopped": "Somebody stopped typing.",
  "conversation.created": "A first message opened a conversation.",
  "conversation.updated": "Something about a conversation changed.",
  "conversation.reopened": "A closed conversation goes on.",
  "conversation.closed": "A conversation was closed.",
  "conversation.assigned": "A conversation was given to an agent or a team.",
  "conversation.window_closing": "The time for free messages is about to end.",
  "conversation.window_closed": "The time for free messages has ended.",
  "control.offered": "Control over a conversation was offered to another party.",
  "control.passed": "Control over a conversation went to another party.",
  "control.accepted": "The other party took control over a conversation.",
  "control.released": "Control over a conversation was given back.",
  "control.lease_expired": "Control over a conversation ended because its time was over.",
  "handoff.requested": "A human is wanted in a conversation.",
  "handoff.started": "A human took over a conversation.",
  "handoff.resolved": "A human has finished with a conversation.",
  "lead.created": "A contact left what makes them a lead.",
  "lead.updated": "Something about a lead changed.",
  "lead.status_changed": "A lead moved to another status.",
  "booking.created": "An appointment was made.",
  "booking.rescheduled": "An appointment was moved.",
  "booking.cancelled": "An appointment was cancelled.",
  "booking.completed": "An appointment took place.",
  "booking.no_show": "The customer did not come to an appointment.",
  "booking.reminded": "A reminder of an appointment was sent.",
  "automation.triggered": "A rule matched and acted.",
  "comment.received": "Somebody commented in public.",
  "comment.replied": "A public comment was answered.",
  "comment.edited": "A comment was changed by whoever wrote it.",
  "comment.deleted": "A comment was taken away.",
  "contact.created": "A person appeared for the first time.",
  "contact.updated": "Something about a person changed.",
  "contact.merged": "Two contacts turned out to be one person.",
  "contact.unmerged": "A merge of contacts was undone.",
  "contact.deleted": "A contact was deleted.",
  "consent.opted_out": "A customer asked not to be written to.",
  "consent.opted_in": "A customer agreed to be written to.",
  "campaign.started": "A campaign began.",
  "campaign.paused": "A campaign was halted.",
  "campaign.completed": "A campaign has reached everybody.",
  "outreach.connection_sent": "A request to connect was sent.",
  "outreach.connection_accepted": "A request to connect was accepted.",
  "outreach.connection_withdrawn": "A request to connect was taken back.",
  "outreach.message_sent": "A campaign's message was sent over LinkedIn, InMail or e-mail.",
  "outreach.replied": "A contact of a campaign replied.",
  "outreach.post_liked": "A contact's post was liked.",
  "outreach.profile_visited": "A contact's profile was visited.",
  "outreach.followed": "A contact was followed.",
  "email.opened": "An e-mail was opened.",
  "email.clicked": "A link in an e-mail was followed.",
  "email.bounced": "An e-mail came back.",
  "email.unsubscribed": "A recipient does not want further e-mail.",
  "template.status_changed": "A message template was approved, refused or paused.",
  "template.quality_changed": "The quality rating of a message template changed.",
  "template.category_changed": "A message template was moved to another category.",
  "account.connected": "A channel was connected.",
  "account.disconnected": "A channel was disconnected.",
  "account.degraded": "A channel works only in part.",
  "account.updated": "Something about a channel or its account changed at the provider.",
  "number.provisioned": "A telephone number is ready for use.",
  "quota.warned": "A quota is nearly used up.",
  "quota.exceeded": "A quota is used up.",
  "credits.used": "Credits were spent.",
  "endpoint.verified": "An endpoint passed its verification.",
  "endpoint.tested": "A test event for one endpoint.",
  "endpoint.disabled": "An endpoint was disabled, by a person or after failures.",
  "delivery.dead_lettered": "A delivery's schedule is spent; it waits for replay.",
  "secret.rotated": "A signing secret was staged, promoted or retired.",
};

const OPERATIONAL: ReadonlySet<string> = new Set(["endpoint", "delivery", "secret"]);

export const EVENT_TYPES: readonly EventType[] = Object.entries(DESCRIPTIONS).map(
  ([type, description]) => ({ type, description, operational: isOperational(type) }),
);

const NAMESPACES: ReadonlySet<string> = new Set(EVENT_TYPES.map(({ type }) => namespaceOf(type)));
const DOTTED = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;
const PREFIX = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\.\*$/;
export const MAX_TYPE_LENGTH = 128;

export function isCatalogued(type: string): boolean {
  return Object.hasOwn(DESCRIPTIONS, type);
}

/** True for everything below `endpoint.`, `delivery.` and `secret.`. */
export function isOperational(type: string): boolean {
  return OPERATIONAL.has(namespaceOf(type));
}

/**
 * True for a type that a customer may make up: dotted lower case, outside Curlew's own namespaces.
 * Those are closed so that a slip (`message.recieved`) is found when it is made, and so that the
 * catalogue can grow.
 */
export function isOwnType(type: string): boolean {
  return type.length <= MAX_TYPE_LENGTH && DOTTED.test(type) && !NAMESPACES.has(namespaceOf(type));
}

/** True for what an endpoint may list: `*`, a known type, an own type, or a prefix like `order.*`. */
export function isEventSelector(text: string): boolean {
  if (text === "*" || isCatalogued(text) || isOwnType(text)) return true;
  if (text.length > MAX_TYPE_LENGTH || !PREFIX.test(text)) return false;
  if (!NAMESPACES.has(namespaceOf(text))) return true;
  const stem = text.slice(0, -1);
  return EVENT_TYPES.some(({ type }) => type.startsWith(stem));
}

/**
 * Why a text is no event type, with what was probably meant where something is near. `names` are what
 * else is known where it was written.
 */
export function notAType(text: string, names: readonly string[] = []): string {
  const meant = nearestType(text, names);
  const hint =
    meant === null
      ? "a type of your own is dotted lower case, like order.shipped"
      : `did you mean ${meant}?`;
  return `${JSON.stringify(text)} is no event type; ${hint}`;
}

/** The known type that is spelled most like the text, whatever its case and separators; null when none is near. */
export function nearestType(text: string, names: readonly string[] = []): string | null {
  const wanted = text
    .slice(0, MAX_TYPE_LENGTH)
    .replace(/([a-z0-9])([A-Z])/g, "$1.$2")
    .toLowerCase();
  const own = new Map(names.map((name) => [plain(name.toLowerCase()), name]));
  const found = nearest(plain(wanted), [...own.keys(), ...PLAIN.keys()]) ?? "";
  return own.get(found) ?? PLAIN.get(found) ?? null;
}

function plain(type: string): string {
  return type.replace(/[^a-z0-9]+/g, ".");
}

const PLAIN: ReadonlyMap<string, string> = new Map(
  EVENT_TYPES.map(({ type }) => [plain(type), type]),
);

function namespaceOf(type: string): string {
  const dot = type.indexOf(".");
  return dot === -1 ? type : type.slice(0, dot);
}

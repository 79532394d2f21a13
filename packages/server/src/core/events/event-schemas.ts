import { actor, message } from "./content-schema.ts";
import {
  anyObject,
  anything,
  flag,
  id,
  idOrNull,
  instant,
  instantOrNull,
  integer,
  integerOrNull,
  type JsonSchema,
  listOf,
  number,
  numberOrNull,
  object,
  oneOf,
  orNull,
  text,
  textOrNull,
} from "./schema-parts.ts";

const changes = listOf(object({ field: text, from: anything, to: anything }, "field"));

const contact = object({
  id: idOrNull,
  serial: integerOrNull,
  name: textOrNull,
  identities: listOf(anyObject),
  custom_fields: orNull(anyObject),
  first_name: textOrNull,
  last_name: textOrNull,
  email: textOrNull,
  phone: textOrNull,
  linkedin_url: textOrNull,
  company: anything,
});

const lead = object({
  id: idOrNull,
  serial: integerOrNull,
  status: textOrNull,
  email: textOrNull,
  phone: textOrNull,
  name: textOrNull,
  company: textOrNull,
  score: numberOrNull,
  score_reasons: orNull(listOf(text)),
  source: orNull(anyObject),
  custom_fields: orNull(anyObject),
  conversation_id: textOrNull,
  contact_id: textOrNull,
  evidence: orNull(listOf(anyObject)),
  created_at: instantOrNull,
  updated_at: instantOrNull,
});

const booking = object(
  {
    booking: object({
      id: idOrNull,
      status: textOrNull,
      starts_at: instantOrNull,
      ends_at: instantOrNull,
      tz: textOrNull,
      title: textOrNull,
      location: textOrNull,
      conversation_id: textOrNull,
      source: textOrNull,
      reminders: orNull(listOf(instant)),
      reschedule_of: idOrNull,
    }),
  },
  "booking",
);

const handoff = object(
  {
    handoff: object({
      id: idOrNull,
      reason: textOrNull,
      trigger: textOrNull,
      summary: textOrNull,
      priority: textOrNull,
      queue: textOrNull,
      requested_at: instantOrNull,
      agent: orNull(anyObject),
    }),
  },
  "handoff",
);

/** One of ours by name; another app by its provider's id. */
const party: JsonSchema = { type: ["string", "object", "null"] };
const control = object({
  at: instantOrNull,
  from: party,
  to: party,
  reason: textOrNull,
  metadata: anything,
  history: listOf(anyObject),
});

const campaign = object({ id: idOrNull, serial: integerOrNull, name: textOrNull, status: text });

const OUTREACH = {
  campaign,
  step: orNull(object({ n: integer, action: text, variant: textOrNull })),
  channel: text,
  sender: orNull(anyObject),
  contact,
};
const outreach = object({ ...OUTREACH, note: textOrNull });
const target = object({ ...OUTREACH, target: object({ url: textOrNull, id: idOrNull }) }, "target");

const comment = object(
  {
    comment: object(
      {
        // Of a post that names the account there is no comment.
        id: idOrNull,
        text: textOrNull,
        post: orNull(anyObject),
        parent_id: idOrNull,
        created_at: instantOrNull,
      },
      "id",
    ),
  },
  "comment",
);

const OF_MESSAGE = { message_id: text, provider_id: textOrNull };
const status = object(
  { ...OF_MESSAGE, at: instant, is_final: flag, pricing: orNull(anyObject) },
  "message_id",
);
const rewritten = object(
  { ...OF_MESSAGE, at: instantOrNull, before: orNull(anyObject), after: orNull(anyObject) },
  "message_id",
);
const reaction = object(
  { reaction: object({ emoji: textOrNull }), target: object({ message_id: textOrNull }) },
  ...["reaction", "target"],
);
const typing = object({ actor }, "actor");
const reopened = object({ changes, first_message: orNull(message) });
const windowEnd = object({ until: instant, channel: text, allowed_next: listOf(text) }, "until");
const leadChanged = object({ lead, changes }, "lead");
const people = object({ surviving: contact, discarded: contact }, ...["surviving", "discarded"]);
const consent = object({
  at: instantOrNull,
  channel: text,
  keyword: textOrNull,
  topic: textOrNull,
  /** What the customer wrote, or where it stands. */
  evidence: { type: ["string", "object", "null"] },
});
const ofCampaign = object({ campaign }, "campaign");
const email = object({ message_id: text, link: textOrNull, reason: textOrNull }, "message_id");
const template = object(
  { template: anyObject, before: anything, after: anything },
  ...["template", "after"],
);
const account = object({ reason: textOrNull, action_url: textOrNull });
const meter = object({ meter: text, used: number, limit: numberOrNull, resets_at: instantOrNull });
/** What an operational event says of the endpoint that it is about, and what has happened to it. */
function ofEndpoint(more: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const all = { endpoint_id: text, endpoint_name: text, ...more };
  return object(all, ...Object.keys(all));
}

/** What the `data` of each type of the catalogue looks like. Members that no schema names may be there too. */
export const EVENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  "message.received": object({ message }, "message"),
  "message.sent": object({ message }, "message"),
  "message.delivered": status,
  "message.read": status,
  "message.failed": object({ ...OF_MESSAGE, at: instant, error: anyObject }, "message_id", "error"),
  "message.unconfirmed": object({ ...OF_MESSAGE, at: instant }, "message_id"),
  "message.edited": rewritten,
  "message.deleted": rewritten,
  "message.reaction_added": reaction,
  "message.reaction_removed": reaction,
  "message.purged": object(
    {
      ...OF_MESSAGE,
      receipt_id: text,
      purged_at: instant,
      stores: listOf(text),
      delivered: integer,
      lost: integer,
      sealed: integer,
      deliveries: listOf(
        object({ id: text, event_type: text, endpoint_id: textOrNull, outcome: text }, "id"),
      ),
    },
    "message_id",
  ),
  "message.purge_lost": object(
    {
      ...OF_MESSAGE,
      event_id: text,
      event_type: text,
      endpoint_id: textOrNull,
      delivery_id: textOrNull,
      attempted: flag,
      reason: textOrNull,
    },
    "message_id",
  ),
  "message.media_failed": object({ ...OF_MESSAGE, at: instant, media: anyObject }, "message_id"),
  "turn.completed": object({ turn_id: id, messages: listOf(message) }, "messages"),
  "typing.started": typing,
  "typing.stopped": typing,
  "conversation.created": object({ first_message: orNull(message), automation_id: idOrNull }),
  "conversation.updated": object({ changes }, "changes"),
  "conversation.reopened": reopened,
  "conversation.closed": object({
    closed_by: textOrNull,
    reason: textOrNull,
    duration: numberOrNull,
  }),
  "conversation.assigned": object({ agent: anything, team: anything }),
  "conversation.window_closing": windowEnd,
  "conversation.window_closed": windowEnd,
  "control.offered": control,
  "control.passed": control,
  "control.accepted": control,
  "control.released": control,
  "control.lease_expired": control,
  "handoff.requested": handoff,
  "handoff.started": handoff,
  "handoff.resolved": handoff,
  "lead.created": object({ lead }, "lead"),
  "lead.updated": leadChanged,
  "lead.status_changed": leadChanged,
  "booking.created": booking,
  "booking.rescheduled": booking,
  "booking.cancelled": booking,
  "booking.completed": booking,
  "booking.no_show": booking,
  "booking.reminded": booking,
  "automation.triggered": object(
    { automation: anyObject, match: anything, outcome: textOrNull, explanation: textOrNull },
    "automation",
  ),
  "comment.received": comment,
  "comment.replied": comment,
  "comment.edited": comment,
  "comment.deleted": comment,
  "contact.created": object({ contact }, "contact"),
  "contact.updated": object({ contact, changes }, "contact"),
  "contact.merged": people,
  "contact.unmerged": people,
  "contact.deleted": object({ contact, channel: textOrNull }, "contact"),
  "consent.opted_out": consent,
  "consent.opted_in": consent,
  "campaign.started": ofCampaign,
  "campaign.paused": ofCampaign,
  "campaign.completed": ofCampaign,
  "outreach.connection_sent": outreach,
  "outreach.connection_accepted": outreach,
  "outreach.connection_withdrawn": outreach,
  "outreach.message_sent": object({ ...OUTREACH, message, variant: textOrNull }, "message"),
  "outreach.replied": object(
    { ...OUTREACH, message, sentiment: textOrNull, is_first: flag },
    "message",
  ),
  "outreach.post_liked": target,
  "outreach.profile_visited": target,
  "outreach.followed": target,
  "email.opened": email,
  "email.clicked": email,
  "email.bounced": email,
  "email.unsubscribed": email,
  "template.status_changed": template,
  "template.quality_changed": template,
  "template.category_changed": template,
  "account.connected": account,
  "account.disconnected": account,
  "account.degraded": account,
  "account.updated": account,
  "number.provisioned": object({ number: text }, "number"),
  "quota.warned": meter,
  "quota.exceeded": meter,
  "credits.used": meter,
  "endpoint.verified": ofEndpoint({}),
  "endpoint.tested": ofEndpoint({
    event_type: text,
    delivered: flag,
    status: integerOrNull,
    error: textOrNull,
  }),
  "endpoint.disabled": ofEndpoint({
    disabled_by: oneOf("user", "failures", "gone"),
    reason: textOrNull,
  }),
  "delivery.dead_lettered": ofEndpoint({
    count: integer,
    since: instant,
    until: instant,
    last_status: integerOrNull,
    last_error: textOrNull,
    delivery_ids: listOf(text),
  }),
  "secret.rotated": ofEndpoint({
    step: oneOf("staged", "promoted", "retired", "rotated"),
    secret_id: textOrNull,
    retiring_until: instantOrNull,
  }),
};

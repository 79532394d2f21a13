import {
  iso,
  placeOf,
  REFERRAL,
  SAMPLE_IDS,
  type SampleScene,
  sampleMessage,
  sampleScene,
} from "./sample-scene.ts";

type Make = (scene: SampleScene) => object;

const HOUR_MS = 3_600_000;
const IDS = { message_id: SAMPLE_IDS.outbound, provider_id: "mid.outbound" };
const OTHER_PARTY = { from: "ai", to: "external", reason: "asked for a person", metadata: {} };
const AUTOMATION = { id: "auto_1", name: "Keyword: price", kind: "keyword" };
const CAMPAIGN = { id: 123, name: "Autumn outreach", status: "running" };
const STEP = { n: 1, action: "connect", variant: "A" };
const SENDER = { id: 4, name: "Sam Seller", url: "https://www.linkedin.com/in/sam-seller" };
const TEMPLATE = { id: "590000000000001", name: "order_shipped", language: "en_US" };
const ENDPOINT = { id: "ep_01hkaa00000e0080000000000g", name: "Production CRM" };
const AGENT = { id: "usr_7", name: "Dana" };

const contact: Make = ({ channelKind, now }) => sampleScene(channelKind, now).contact;

/** Who changed what. */
const changes = (field: string, from: unknown, to: unknown) => [{ field, from, to }];

const inbound: Make = ({ content, actor, now, channelKind }) =>
  sampleMessage(content, actor ?? "contact", now, {
    ...(channelKind === "whatsapp" ? { referral: REFERRAL } : {}),
  });

const REPLY = "Yes! The green one is in stock in M. Shall I put one aside?";

/** What a machine writes costs a credit, what a person writes costs none. */
const outbound: Make = ({ content, actor, now }) => {
  const said = "text" in content ? { ...content, text: REPLY } : content;
  const byHand = actor === "agent" || actor === "echo";
  const cost = byHand ? {} : { automation: AUTOMATION, credits_used: 1 };
  return sampleMessage(said, actor ?? "ai", now, cost);
};

const lead: Make = ({ now }) => ({
  id: "lead_01hkaa00000e0080000000000c",
  serial: 41,
  status: "new",
  email: "alice@company.example",
  name: "Alice Example",
  phone: "+15550199001",
  company: "Company Ltd",
  score: 85,
  score_reasons: ["asked for a price", "left a telephone number"],
  source: {
    url: "https://yoursite.example/pricing",
    referrer: "https://search.example/",
    campaign: "spring",
  },
  custom_fields: { company_size: "51-200", budget: "$10k-50k", timeline: "This quarter" },
  conversation_id: SAMPLE_IDS.conversation,
  contact_id: SAMPLE_IDS.contact,
  evidence: [{ field: "email", message_id: SAMPLE_IDS.inbound, quote: "alice@company.example" }],
  created_at: iso(now),
  updated_at: iso(now),
});

const booking =
  (status: string): Make =>
  ({ now }) => ({
    booking: {
      id: "bkg_1",
      status,
      starts_at: iso(now + 24 * HOUR_MS),
      ends_at: iso(now + 25 * HOUR_MS),
      tz: "Europe/Lisbon",
      title: "Fitting",
      location: "Rua Augusta 1, Lisbon",
      conversation_id: SAMPLE_IDS.conversation,
      source: "ai",
      reminders: [iso(now + 23 * HOUR_MS)],
      reschedule_of: null,
    },
  });

const handoff =
  (more: object): Make =>
  ({ now }) => ({
    handoff: {
      id: "hnd_1",
      reason: "Wants a refund",
      trigger: "keyword",
      summary: "Alice received the wrong size and asks for her money back.",
      priority: "high",
      queue: "support",
      requested_at: iso(now),
      ...more,
    },
  });

const control: Make = ({ now }) => ({
  ...OTHER_PARTY,
  history: [{ to: "external", at: iso(now) }],
});

const outreach = (scene: SampleScene) => ({
  campaign: CAMPAIGN,
  step: STEP,
  channel: scene.medium,
  sender: SENDER,
  contact: leadContact(scene),
});

const target = (scene: SampleScene) => ({
  ...outreach(scene),
  target: {
    url: "https://www.linkedin.com/feed/update/urn:li:activity:1",
    id: "urn:li:activity:1",
  },
});

function leadContact(scene: SampleScene) {
  return {
    ...contact(scene),
    first_name: "Alice",
    last_name: "Example",
    email: "alice@company.example",
    linkedin_url: "https://www.linkedin.com/in/alice-example",
    company: { id: 9, name: "Company Ltd" },
  };
}

const comment: Make = ({ now }) => ({
  comment: {
    id: "17900000000000002",
    text: "Price?",
    post: { id: "17900000000000001", url: "https://www.instagram.com/p/C2example/" },
    parent_id: null,
    created_at: iso(now),
  },
});

const campaign =
  (status: string): Make =>
  () => ({ campaign: { ...CAMPAIGN, status } });

const template =
  (before: string, after: string): Make =>
  () => ({ template: TEMPLATE, before, after });

const consent =
  (keyword: string): Make =>
  ({ channelKind }) => ({
    channel: channelKind,
    keyword,
    evidence: { message_id: SAMPLE_IDS.inbound },
  });

const quota =
  (used: number): Make =>
  ({ now }) => ({ meter: "sms", used, limit: 1_000, resets_at: iso(now + 24 * HOUR_MS) });

const account =
  (reason: string | null, action: string | null): Make =>
  () => ({ reason, action_url: action });

const endpoint =
  (more: (now: number) => object = () => ({})): Make =>
  ({ now }) => ({ endpoint_id: ENDPOINT.id, endpoint_name: ENDPOINT.name, ...more(now) });

/** The `data` of every type of the catalogue. */
export const SAMPLES: Readonly<Record<string, Make>> = {
  "message.received": (scene) => ({ message: inbound(scene) }),
  "message.sent": (scene) => ({ message: outbound(scene) }),
  "message.delivered": ({ now }) => ({ ...IDS, at: iso(now), is_final: false, pricing: null }),
  "message.read": ({ now }) => ({ ...IDS, at: iso(now), is_final: true, pricing: null }),
  "message.failed": ({ now }) => ({
    ...IDS,
    at: iso(now),
    error: {
      code: "window_closed",
      provider_code: "131047",
      message: "More than 24 hours have passed since the customer last replied.",
      retryable: false,
      advice: "Send an approved template.",
    },
  }),
  "message.unconfirmed": ({ now }) => ({ message_id: SAMPLE_IDS.outbound, at: iso(now) }),
  "message.media_failed": ({ now }) => ({
    ...IDS,
    media: { id: "med_01hkaa00000e0080000000000j" },
    error: { code: "expired", message: "The provider does not have the file any more (404)." },
    at: iso(now),
  }),
  "message.edited": () => ({ ...IDS, before: { text: "Tomorow" }, after: { text: "Tomorrow" } }),
  "message.deleted": ({ now }) => ({ ...IDS, at: iso(now) }),
  "message.reaction_added": () => ({
    reaction: { emoji: "👍" },
    target: { message_id: SAMPLE_IDS.outbound },
  }),
  "message.reaction_removed": () => ({
    reaction: { emoji: null },
    target: { message_id: SAMPLE_IDS.outbound },
  }),
  "message.purged": ({ now }) => ({
    message_id: SAMPLE_IDS.inbound,
    provider_id: "mid.inbound",
    receipt_id: "rcp_01hkaa00000e008000000000g0",
    purged_at: iso(now),
    stores: ["message", "event", "delivery", "attempt", "queue", "media"],
    delivered: 1,
    lost: 0,
    sealed: 0,
    deliveries: [
      {
        id: "dlv_01hkaa00000e008000000000g0_17",
        event_type: "message.received",
        endpoint_id: ENDPOINT.id,
        outcome: "delivered",
      },
    ],
  }),
  "message.purge_lost": () => ({
    message_id: SAMPLE_IDS.inbound,
    provider_id: "mid.inbound",
    event_id: "evt_01hkaa00000e008000000000g0",
    event_type: "message.received",
    endpoint_id: ENDPOINT.id,
    delivery_id: "dlv_01hkaa00000e008000000000g0_17",
    attempted: true,
    reason: "http_503",
  }),
  "turn.completed": (scene) => ({ turn_id: "turn_1", messages: [inbound(scene)] }),
  "typing.started": () => ({ actor: { type: "contact" } }),
  "typing.stopped": () => ({ actor: { type: "contact" } }),
  "conversation.created": (scene) => ({ first_message: inbound(scene), automation_id: "auto_1" }),
  "conversation.updated": () => ({ changes: changes("ticket_ref", null, "T-1042") }),
  "conversation.reopened": (scene) => ({
    changes: changes("status", "closed", "open"),
    first_message: inbound(scene),
  }),
  "conversation.closed": () => ({ closed_by: "agent", reason: "resolved", duration: 1_260 }),
  "conversation.assigned": () => ({ agent: AGENT, team: null }),
  "conversation.window_closing": ({ now, channelKind }) => ({
    until: iso(now + HOUR_MS),
    channel: channelKind,
    allowed_next: ["template"],
  }),
  "conversation.window_closed": ({ now, channelKind }) => ({
    until: iso(now),
    channel: channelKind,
    allowed_next: ["template"],
  }),
  "control.offered": control,
  "control.passed": control,
  "control.accepted": control,
  "control.released": control,
  "control.lease_expired": control,
  "handoff.requested": handoff({}),
  "handoff.started": handoff({ agent: AGENT }),
  "handoff.resolved": handoff({ agent: AGENT }),
  "lead.created": (scene) => ({ lead: lead(scene) }),
  "lead.updated": (scene) => ({ lead: lead(scene), changes: changes("score", 60, 85) }),
  "lead.status_changed": (scene) => ({
    lead: { ...lead(scene), status: "qualified" },
    changes: changes("status", "new", "qualified"),
  }),
  "booking.created": booking("confirmed"),
  "booking.rescheduled": booking("confirmed"),
  "booking.cancelled": booking("cancelled"),
  "booking.completed": booking("completed"),
  "booking.no_show": booking("no_show"),
  "booking.reminded": booking("confirmed"),
  "automation.triggered": () => ({
    automation: AUTOMATION,
    match: { rule: "price", text: "Price?" },
    outcome: "replied",
    explanation: "The message contains the keyword “price”.",
  }),
  "comment.received": comment,
  "comment.replied": comment,
  "comment.edited": comment,
  "comment.deleted": comment,
  "contact.created": (scene) => ({ contact: contact(scene) }),
  "contact.updated": (scene) => ({
    contact: contact(scene),
    changes: changes("name", "Alice", "Alice Example"),
  }),
  "contact.merged": () => ({
    surviving: { id: SAMPLE_IDS.contact },
    discarded: { id: SAMPLE_IDS.other },
  }),
  "contact.unmerged": () => ({
    surviving: { id: SAMPLE_IDS.contact },
    discarded: { id: SAMPLE_IDS.other },
  }),
  "contact.deleted": (scene) => ({
    contact: { id: SAMPLE_IDS.contact },
    channel: scene.channelKind,
  }),
  "consent.opted_out": consent("STOP"),
  "consent.opted_in": consent("START"),
  "campaign.started": campaign("running"),
  "campaign.paused": campaign("paused"),
  "campaign.completed": campaign("completed"),
  "outreach.connection_sent": (scene) => ({ ...outreach(scene), note: "Shall we connect?" }),
  "outreach.connection_accepted": outreach,
  "outreach.connection_withdrawn": outreach,
  "outreach.message_sent": (scene) => ({
    ...outreach(scene),
    message: sampleMessage(scene.content, scene.actor ?? "campaign", scene.now),
    variant: "A",
  }),
  "outreach.replied": (scene) => ({
    ...outreach(scene),
    message: sampleMessage(scene.content, scene.actor ?? "contact", scene.now),
    sentiment: "positive",
    is_first: true,
  }),
  "outreach.post_liked": target,
  "outreach.profile_visited": (scene) => ({
    ...outreach(scene),
    target: { url: leadContact(scene).linkedin_url, id: null },
  }),
  "outreach.followed": target,
  "email.opened": () => ({ message_id: SAMPLE_IDS.outbound }),
  "email.clicked": () => ({ message_id: SAMPLE_IDS.outbound, link: "https://shop.example/offer" }),
  "email.bounced": () => ({ message_id: SAMPLE_IDS.outbound, reason: "mailbox unknown" }),
  "email.unsubscribed": () => ({ message_id: SAMPLE_IDS.outbound }),
  "template.status_changed": template("PENDING", "APPROVED"),
  "template.quality_changed": template("GREEN", "YELLOW"),
  "template.category_changed": template("UTILITY", "MARKETING"),
  "account.connected": account(null, null),
  "account.disconnected": account(
    "The access token was revoked.",
    "https://gateway.example/channels",
  ),
  "account.degraded": account("The number is flagged.", "https://gateway.example/channels"),
  "account.updated": account("The display name was approved.", null),
  "number.provisioned": () => ({ number: placeOf("sms").externalId }),
  "quota.warned": quota(800),
  "quota.exceeded": quota(1_000),
  "credits.used": ({ now }) => ({ meter: "credits", used: 1, limit: 500, resets_at: iso(now) }),
  "endpoint.verified": endpoint(),
  "endpoint.tested": endpoint(() => ({
    event_type: "message.received",
    delivered: true,
    status: 200,
    error: null,
  })),
  "endpoint.disabled": endpoint(() => ({
    disabled_by: "failures",
    reason: "five days of failures only",
  })),
  "delivery.dead_lettered": endpoint((now) => ({
    count: 1,
    since: iso(now),
    until: iso(now),
    last_status: 503,
    last_error: null,
    delivery_ids: ["dlv_01hkaa00000e008000000000g0_17"],
  })),
  "secret.rotated": endpoint((now) => ({
    step: "promoted",
    secret_id: "sec_01hkaa00000e008000000000g0",
    retiring_until: iso(now + 24 * HOUR_MS),
  })),
};

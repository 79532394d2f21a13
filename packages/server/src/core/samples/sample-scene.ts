import { type ActorType, windowObject } from "../events/envelope.ts";
import { publicId } from "../ids.ts";
import type { ChannelKind } from "../messages/channel-kinds.ts";
import type { Referral } from "../messages/inbound.ts";

/** The made-up shop, customer and conversation that sample events are about. */
export const SAMPLE_IDS = {
  account: publicId("acc", sampleUuid(1)),
  channel: publicId("ch", sampleUuid(2)),
  contact: publicId("con", sampleUuid(3)),
  conversation: publicId("cnv", sampleUuid(4)),
  inbound: publicId("msg", sampleUuid(5)),
  outbound: publicId("msg", sampleUuid(6)),
  other: publicId("con", sampleUuid(7)),
} as const;

/** A fixed uuid of version 7 that no generator makes: its time is long past. */
function sampleUuid(n: number): string {
  return `018cd4a0-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** What a type's sample is made from. */
export interface SampleScene {
  now: number;
  channelKind: string;
  content: object;
  /** Who wrote the message; as is usual for the type when null. */
  actor: ActorType | null;
  medium: string;
}

interface Place {
  name: string;
  externalId: string;
  identity: { kind: string; id: string; username: string | null };
}

const PLACES: Record<string, Place> = {
  whatsapp: {
    name: "Shop on WhatsApp",
    externalId: "109900000000001",
    identity: { kind: "wa_id", id: "15550199001", username: null },
  },
  messenger: {
    name: "The Shop's page",
    externalId: "109900000000002",
    identity: { kind: "psid", id: "7890123456789012", username: null },
  },
  instagram: {
    name: "@the.shop",
    externalId: "17841400000000001",
    identity: { kind: "igsid", id: "6543210987654321", username: "alice.example" },
  },
  sms: {
    name: "+1 555 010 0001",
    externalId: "+15550100001",
    identity: { kind: "phone", id: "+15550199001", username: null },
  },
  webchat: {
    name: "Chat on yoursite.example",
    externalId: "bot-1",
    identity: { kind: "visitor", id: "v-4711", username: null },
  },
  email: {
    name: "hello@shop.example",
    externalId: "hello@shop.example",
    identity: { kind: "email", id: "alice@company.example", username: null },
  },
  linkedin: {
    name: "Sam Seller",
    externalId: "urn:li:person:sam",
    identity: {
      kind: "linkedin",
      id: "https://www.linkedin.com/in/alice-example",
      username: "alice-example",
    },
  },
};

export function placeOf(channelKind: string): Place {
  const place = PLACES[channelKind];
  if (!place) throw new Error(`there is no sample of a channel that is ${channelKind}`);
  return place;
}

/** The envelope's objects, as they are shown of a conversation on such a channel. */
export function sampleScene(channelKind: string, now: number) {
  const { name, externalId, identity } = placeOf(channelKind);
  return {
    account: { id: SAMPLE_IDS.account, serial: 12, name: "Acme Corp", external_id: "acme" },
    channel: {
      id: SAMPLE_IDS.channel,
      serial: 31,
      kind: channelKind,
      name,
      external_id: externalId,
    },
    conversation: {
      id: SAMPLE_IDS.conversation,
      serial: 345,
      status: "open",
      ai_enabled: true,
      window: windowObject(channelKind as ChannelKind, now), // `placeOf` refuses any other
      ticket_ref: null,
      first_touch: null,
    },
    contact: {
      id: SAMPLE_IDS.contact,
      serial: 77,
      name: "Alice Example",
      identities: [{ channel: channelKind, ...identity }],
      custom_fields: {
        email: "alice@company.example",
        company: "Company Ltd",
        mobilePhone: "+15550199001",
        leadCountry: "PT",
      },
    },
  };
}

export const REFERRAL: Referral = {
  source: "ad",
  type: null,
  ref: null,
  ad_id: "120210000000000001",
  source_url: "https://fb.me/spring",
  headline: "Spring collection",
  body: "The green one is back",
  media: { type: "image" },
  ctwa_clid: "ARAkLkA8rmlFeiCktEJQ",
  product_id: null,
};

export function sampleMedia(mime: string, filename?: string) {
  return {
    id: "1003383421387256",
    mime,
    bytes: 48_210,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ...(filename === undefined ? {} : { filename }),
    url: "https://gateway.example/media/1003383421387256",
    expires_at: null,
  };
}

/** A message that holds such content. */
export function sampleMessage(
  content: object,
  actor: ActorType,
  now: number,
  more: object = {},
): object {
  const isInbound = actor === "contact";
  return {
    id: isInbound ? SAMPLE_IDS.inbound : SAMPLE_IDS.outbound,
    serial: isInbound ? 981 : 982,
    provider_id: isInbound ? "mid.inbound" : "mid.outbound",
    direction: isInbound ? "inbound" : "outbound",
    actor: {
      type: actor,
      id: isInbound ? SAMPLE_IDS.contact : null,
      name: isInbound ? "Alice Example" : null,
    },
    status: isInbound ? "received" : "sent",
    content,
    quoted: null,
    ticket_ref: null,
    metadata: {},
    sent_at: iso(now - 1_000),
    received_at: isInbound ? iso(now) : null,
    ...more,
  };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

import type { ActorType } from "../events/envelope.ts";
import type { EventName } from "../events/event-names.ts";
import { isOperational } from "../events/event-types.ts";
import { nativeBody } from "../events/native-body.ts";
import type { EventDraft } from "../events/recording.ts";
import type { Content } from "../messages/content.ts";
import { sampleContent } from "./sample-content.ts";
import { SAMPLES } from "./sample-data.ts";
import { sampleScene } from "./sample-scene.ts";

/** What a sample is asked to be; what is left open is as usual for its type. */
export interface SampleWish {
  channelKind?: string;
  content?: Content["type"];
  actor?: ActorType;
  /** Over what a campaign acted: linkedin, inmail or email. */
  medium?: string;
}

/**
 * A realistic event of a type of the catalogue, about a made-up shop and customer, ready to be
 * recorded for a workspace: it belongs to no conversation and no channel that exists, and shows both.
 */
export function sampleDraft(
  type: string,
  o: { now: number; workspaceId: string },
  wish: SampleWish = {},
): EventDraft {
  const make = SAMPLES[type];
  if (!make) throw new Error(`there is no sample of ${type}`);
  const isOutreach = type.startsWith("outreach.");
  const medium = wish.medium ?? (wish.channelKind === "email" ? "email" : "linkedin");
  const channelKind = wish.channelKind ?? (isOutreach ? channelOf(medium) : usualChannel(type));
  const content = sampleContent(
    wish.content ?? (medium === "email" && isOutreach ? "email" : "text"),
    channelKind,
  );
  const scene = { now: o.now, channelKind, content, actor: wish.actor ?? null, medium };
  const shown = isOperational(type)
    ? { account: null, channel: null, conversation: null, contact: null }
    : sampleScene(channelKind, o.now);
  return {
    workspaceId: o.workspaceId,
    type,
    occurredAt: o.now,
    accountId: null,
    channelId: null,
    channelKind: isOperational(type) ? null : channelKind,
    conversationId: null,
    campaignId: null,
    ...shown,
    data: make(scene),
  };
}

/** A sample that a dialect calls by this name. */
export function sampleNamed(
  { type, channels, contents, actors, media }: EventName,
  o: { now: number; workspaceId: string },
): EventDraft {
  // The names of a dialect are made of kinds, types and actors that exist; its golden files show it.
  return sampleDraft(type, o, {
    ...(channels?.[0] === undefined ? {} : { channelKind: channels[0] }),
    ...(contents?.[0] === undefined ? {} : { content: contents[0] as Content["type"] }),
    ...(actors?.[0] === undefined ? {} : { actor: actors[0] as ActorType }),
    ...(media?.[0] === undefined ? {} : { medium: media[0] }),
  });
}

/** The native body of a sample. `id` is the uuid that it pretends to have. */
export function sampleBody(draft: EventDraft, id: string): string {
  return JSON.stringify(nativeBody(draft, id, 18));
}

function channelOf(medium: string): string {
  return medium === "email" ? "email" : "linkedin";
}

function usualChannel(type: string): string {
  if (type.startsWith("email.")) return "email";
  if (type.startsWith("comment.") || type === "automation.triggered") return "instagram";
  if (type.startsWith("lead.")) return "webchat";
  return "whatsapp";
}

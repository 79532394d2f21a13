import type { MessageTraits, Referral } from "../../core/messages/inbound.ts";
import { labelOf, linkOf, sentenceOf } from "../meta/read.ts";
import { type Form, textAt } from "./form.ts";

/** What Twilio tells beside a message that came by WhatsApp or RCS. */
export interface Surroundings {
  readonly referral: Referral | null;
  readonly traits: MessageTraits;
  /** Twilio's id of the message that this one answers. */
  readonly quotedProviderId: string | null;
  /** There is any of it. */
  readonly hasMore: boolean;
}

export function surroundingsOf(form: Form): Surroundings {
  const quotedProviderId = labelOf(textAt(form, "OriginalRepliedMessageSid"));
  const referral = referralIn(form);
  const traits: MessageTraits = {
    ...(isTrue(form, "Forwarded") ? { forwarded: true } : {}),
    ...(isTrue(form, "FrequentlyForwarded") ? { frequently_forwarded: true } : {}),
  };
  const hasMore = quotedProviderId !== null || referral !== null || Object.keys(traits).length > 0;
  return { referral, traits, quotedProviderId, hasMore };
}

/** The advertisement that brought somebody here. */
function referralIn(form: Form): Referral | null {
  const at = (name: string) => textAt(form, `Referral${name}`);
  const source = labelOf(at("SourceType"));
  const adId = labelOf(at("SourceId"));
  const url = linkOf(at("SourceUrl"));
  const clickId = labelOf(at("CtwaClid"));
  if (source === null && adId === null && url === null && clickId === null) return null;
  const [family] = labelOf(at("MediaContentType"))?.toLowerCase().split("/") ?? [];
  return {
    source: source?.toLowerCase() ?? null,
    type: null,
    ref: null,
    ad_id: adId,
    source_url: url,
    headline: sentenceOf(at("Headline")),
    body: sentenceOf(at("Body")),
    media: family === undefined ? null : { type: family },
    ctwa_clid: clickId,
    product_id: null,
  };
}

function isTrue(form: Form, name: string): boolean {
  return textAt(form, name)?.toLowerCase() === "true";
}

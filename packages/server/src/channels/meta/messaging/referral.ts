import type { Referral } from "../../../core/messages/inbound.ts";
import { idOf, type JsonObject, labelOf, linkOf, objectOf, sentenceOf } from "../read.ts";

const SOURCES: ReadonlyMap<string, string> = new Map([
  ["ADS", "ad"],
  ["SHORTLINK", "short_link"],
  ["SHORTLINKS", "short_link"],
  ["CUSTOMER_CHAT_PLUGIN", "chat_plugin"],
]);

/** What brought somebody to Messenger or Instagram: an advertisement, a link, a product. */
export function readReferral(referral: JsonObject | null): Referral | null {
  if (referral === null) return null;
  const ad = objectOf(referral["ads_context_data"]);
  const source = labelOf(referral["source"]);
  const product = objectOf(referral["product"]);
  const type = ad?.["video_url"] ? "video" : ad?.["photo_url"] ? "image" : null;
  return {
    source: source === null ? null : (SOURCES.get(source.toUpperCase()) ?? source.toLowerCase()),
    type: labelOf(referral["type"])?.toLowerCase() ?? null,
    ref: labelOf(referral["ref"]),
    ad_id: idOf(referral["ad_id"]),
    source_url: linkOf(referral["referer_uri"]),
    headline: sentenceOf(ad?.["ad_title"]),
    body: null,
    media: type === null ? null : { type },
    ctwa_clid: null,
    product_id: idOf(product?.["id"]) ?? idOf(ad?.["product_id"]),
  };
}

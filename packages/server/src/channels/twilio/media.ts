import type { AddressLeave } from "../../core/outside/media-download.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { isAmong, type LocateMedia, lost, notNow } from "../locate-media.ts";
import { authorizationOf } from "./account.ts";

/** Where Twilio's API sends whoever may have a file. */
const STORES = [".twiliocdn.com"];
/** Twilio's bucket, for some regions; the bucket is the first part of the path. */
const BUCKET = { host: /^s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/, path: "/media.twiliocdn.com/" };

/** Twilio's API gives files to the account that they were sent to, by a redirect to where they lie. */
export const locateTwilioMedia: LocateMedia = async (_, places, sender, { url }) => {
  if (url === null) return lost("expired", "Twilio gave no address for the file.");
  if (sender === null) return notNow("credentials_refused", "The channel has no credentials.");
  return {
    kind: "located",
    url,
    headers: { authorization: authorizationOf(sender) },
    leaveFor: (target) => leaveFor(target, places),
  };
};

function leaveFor(url: URL, { twilio }: Pick<ProviderPlaces, "twilio">): AddressLeave {
  if (url.origin === new URL(twilio.apiUrl).origin) return "with_credentials";
  if (url.protocol !== "https:") return "refused";
  if (isAmong(url.hostname, ["api.twilio.com"])) return "with_credentials";
  const isBucket = BUCKET.host.test(url.hostname) && url.pathname.startsWith(BUCKET.path);
  return isBucket || isAmong(url.hostname, STORES) ? "bare" : "refused";
}

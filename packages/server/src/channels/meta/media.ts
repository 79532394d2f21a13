import { z } from "zod";
import type { AddressLeave } from "../../core/outside/media-download.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import type { LocateMedia } from "../locate-media.ts";
import { isAmong, lost, notNow } from "../locate-media.ts";
import { askGraph } from "./ask.ts";

/** Where Meta keeps what people send. */
const HOSTS = [".fbcdn.net", ".fbsbx.com", ".cdninstagram.com", ".whatsapp.net"];
/** Of these, who is shown the channel's access token. */
const TOKEN_HOSTS = ["lookaside.fbsbx.com", "graph.facebook.com"];

const Description = z.object({ url: z.string().min(1), file_size: z.number().optional() });

/** WhatsApp names a file: Meta says where it is, and gives it to whoever has the token. */
export const locateByName: LocateMedia = async (http, places, sender, source) => {
  const token = sender?.credentials.access_token;
  if (!token) return notNow("credentials_refused", "The channel has no access token.");
  const headers = { authorization: `Bearer ${token.reveal()}` };
  const leave = (target: URL) => leaveFor(target, places, true);
  const { providerMediaId: id, url: link } = source;
  if (id === null) {
    return link === null
      ? lost("expired", "The provider gave no address for the file.")
      : { kind: "located", url: link, headers, leaveFor: leave };
  }
  const { graphUrl, graphVersion } = places.meta;
  const url = `${graphUrl}/${graphVersion}/${encodeURIComponent(id)}`;
  const reply = await askGraph(http, url, token);
  if (reply.kind === "silent") {
    return notNow("unreachable", `Meta did not say where the file is (${reply.reason}).`);
  }
  if (reply.kind === "refused") {
    const { code, message } = reply;
    if (code === 100) return lost("expired", "Meta does not have the file any more.");
    const isAccess = code === 0 || code === 3 || code === 10 || code === 190 || isPermission(code);
    return notNow(
      isAccess ? "credentials_refused" : "unreachable",
      `Meta refuses to say where the file is: (#${code}) ${message}`,
    );
  }
  const described = Description.safeParse(reply.body);
  if (!described.success) return notNow("unreachable", "Meta did not say where the file is.");
  return { kind: "located", url: described.data.url, headers, leaveFor: leave };
};

/** Messenger and Instagram give a link that whoever knows it may follow, for a while. */
export const locateByLink: LocateMedia = async (_, places, _sender, { url }) => {
  if (url === null) return lost("expired", "The provider gave no address for the file.");
  return {
    kind: "located",
    url,
    headers: {},
    leaveFor: (target) => leaveFor(target, places, false),
  };
};

function leaveFor(url: URL, { meta }: Pick<ProviderPlaces, "meta">, shows: boolean): AddressLeave {
  const isOwn = url.origin === new URL(meta.graphUrl).origin;
  const isTrusted = isOwn || (url.protocol === "https:" && isAmong(url.hostname, TOKEN_HOSTS));
  if (isTrusted) return shows ? "with_credentials" : "bare";
  return url.protocol === "https:" && isAmong(url.hostname, HOSTS) ? "bare" : "refused";
}

function isPermission(code: number): boolean {
  return code >= 200 && code <= 299;
}

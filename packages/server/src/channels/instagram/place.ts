import type { ProviderPlaces, Sender } from "../../core/outgoing.ts";

/** Who gave the token: the Page that the account belongs to, or Instagram's own login. */
export function loginOf({ credentials }: Sender): "page" | "instagram" {
  return credentials.access_token?.reveal().startsWith("IG") ? "instagram" : "page";
}

/** Where an account is asked: a Page's token knows it as `me`, Instagram's own login by its id. */
export function accountUrl({ meta }: ProviderPlaces, sender: Sender): string {
  const { graphUrl, graphVersion } = meta;
  if (loginOf(sender) === "page") return `${graphUrl}/${graphVersion}/me`;
  const instagramUrl = graphUrl.replace("//graph.facebook.com", "//graph.instagram.com");
  return `${instagramUrl}/${graphVersion}/${sender.externalId}`;
}

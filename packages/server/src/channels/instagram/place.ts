import type { ProviderPlaces, Sender } from "../../core/outgoing.ts";

/** Where an account is asked: a Page's token knows it as `me`, Instagram's own login by its id. */
export function accountUrl({ meta }: ProviderPlaces, { login, externalId }: Sender): string {
  const { graphUrl, graphVersion } = meta;
  if (login !== "instagram") return `${graphUrl}/${graphVersion}/me`;
  const instagramUrl = graphUrl.replace("//graph.facebook.com", "//graph.instagram.com");
  return `${instagramUrl}/${graphVersion}/${externalId}`;
}

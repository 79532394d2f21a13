import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";

/** Where an account is asked: a Page's token knows it as `me`, Instagram's own login by its id. */
export function accountUrl({ meta }: ProviderPlaces, { login, externalId }: Sender): string {
  const base = graphUrl({ meta }, { login });
  return login === "instagram" ? `${base}/${externalId}` : `${base}/me`;
}

/** Where the Graph API is for an account; Instagram's own login has a host of its own. */
export function graphUrl(
  { meta }: Pick<ProviderPlaces, "meta">,
  { login }: Pick<Sender, "login">,
): string {
  const { graphUrl: url, graphVersion } = meta;
  const host =
    login === "instagram" ? url.replace("//graph.facebook.com", "//graph.instagram.com") : url;
  return `${host}/${graphVersion}`;
}

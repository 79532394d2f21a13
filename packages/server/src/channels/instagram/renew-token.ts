import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { askGraph, type GraphReply } from "../meta/ask.ts";
import { graphUrl } from "./place.ts";

const Renewed = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

export type Renewal =
  | { kind: "renewed"; token: Secret; expiresInMs: number }
  | Exclude<GraphReply, { kind: "told" }>;

/**
 * A token of Instagram's own login for one that lives for sixty days from now. Meta gives it for a token
 * that is a day old and has not ended; the old one stays good until its own end. Never rejects.
 */
export async function renewToken(
  http: ProviderHttp,
  places: Pick<ProviderPlaces, "meta">,
  token: Secret,
): Promise<Renewal> {
  const query = new URLSearchParams({
    grant_type: "ig_refresh_token",
    access_token: token.reveal(),
  });
  const url = `${graphUrl(places, { login: "instagram" })}/refresh_access_token?${query}`;
  const reply = await askGraph(http, url, null);
  if (reply.kind !== "told") return reply;
  const renewed = Renewed.safeParse(reply.body);
  if (!renewed.success) return { kind: "silent", reason: "an answer that cannot be read" };
  const { access_token, expires_in } = renewed.data;
  return { kind: "renewed", token: new Secret(access_token), expiresInMs: expires_in * 1000 };
}

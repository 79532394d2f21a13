import { createRoute, z } from "@hono/zod-openapi";
import { bad, type Finding, fine } from "../../channels/check.ts";
import { providerOf } from "../../channels/registry.ts";
import { isoOf } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { type SenderDeps, senderOf } from "../../outbox/sender.ts";
import { type Channel, findChannel } from "../../storage/channels/channels.ts";
import { readTokenStanding } from "../../storage/channels/token-renewals.ts";
import { findChannelMeans } from "../../storage/sending/sending.ts";
import {
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { ownerOf } from "../resource.ts";

const ShownCheck = z
  .object({
    ok: z.boolean().openapi({ description: "Nothing has failed" }),
    checks: z.array(
      z.object({
        check: z.string().openapi({ example: "token" }),
        state: z.enum(["ok", "warning", "failed", "unknown"]),
        detail: z.string(),
        advice: z.string().nullable(),
      }),
    ),
  })
  .openapi("ChannelCheck");

const check = createRoute({
  tags: ["Channels"],
  middleware: requireScope("channels:write"),
  method: "post",
  path: "/channels/{id}/check",
  operationId: "checkChannel",
  summary: "Ask the provider what usually goes wrong with a channel",
  description:
    "The credentials, what they permit, whether webhooks are subscribed to and which, and for WhatsApp the " +
    "number's quality. Nothing is changed.",
  request: { params: idParams("ch") },
  responses: { 200: jsonAnswer("What was found.", ShownCheck), ...problems("not_found") },
});

export interface ChannelCheckDeps extends Pick<SenderDeps, "openCredentials" | "logger"> {
  db: Queryable;
  http: ProviderHttp;
  places: ProviderPlaces;
}

export function channelCheckRoutes(deps: ChannelCheckDeps): Routes {
  const routes = newRoutes();
  routes.openapi(check, async (c) => {
    const { id } = c.req.valid("param");
    const channel = await findChannel(deps.db, ownerOf(c.var.principal), id);
    if (!channel) throw notFound("ch", publicId("ch", id));
    const checks = [
      stateFinding(channel),
      ...(await renewalFindings(deps.db, channel)),
      ...(await providerFindings(deps, id)),
    ];
    return c.json({ ok: checks.every(({ state }) => state !== "failed"), checks }, 200);
  });
  return routes;
}

function stateFinding({ state, stateReason }: Channel): Finding {
  if (state === "connected") return fine("state", "The channel is connected.");
  const advice = "Mend what the other checks name, then give the channel its credentials anew.";
  return bad("state", `The channel is ${state}. ${stateReason ?? ""}`.trim(), advice);
}

/** Only tokens of Instagram's own login end by themselves. */
async function renewalFindings(db: Queryable, { id, login }: Channel): Promise<Finding[]> {
  const standing = login === "instagram" ? await readTokenStanding(db, id) : null;
  if (standing === null) return [];
  const until = standing.expiresAt === null ? "" : ` until ${isoOf(standing.expiresAt)}`;
  if (standing.error === null) {
    return [
      fine("renewal", `The access token is renewed in time; it is good${until || " for now"}.`),
    ];
  }
  const advice = "Log in to Instagram again and give the channel the new token.";
  return [
    bad(
      "renewal",
      `The access token could not be renewed${until && `, and is good${until}`}: ${standing.error}`,
      advice,
    ),
  ];
}

async function providerFindings(deps: ChannelCheckDeps, id: string): Promise<Finding[]> {
  const means = await findChannelMeans(deps.db, id);
  const provider = means && providerOf(means.kind);
  if (!provider) return [];
  const sender = senderOf(deps, provider, id, means);
  if (sender === "key missing") {
    return [bad("token", KEY_MISSING, "Start the server with that key in CURLEW_MASTER_KEY too.")];
  }
  if (sender === null) {
    const needed = provider.credentials.join(" and ");
    return [bad("token", "The channel has no credentials that can be used.", `Give it ${needed}.`)];
  }
  return provider.check(deps.http, deps.places, sender);
}

const KEY_MISSING = "The credentials were sealed with a master key that this server does not have.";

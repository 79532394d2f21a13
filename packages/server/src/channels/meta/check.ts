import { z } from "zod";
import { bad, doubtful, type Finding, fine, unknown } from "../check.ts";
import type { GraphReply } from "./ask.ts";

const TOKEN_CODES: ReadonlySet<number> = new Set([0, 102, 190]);

/** What the first question to Meta says of the token and of what it may do. */
export function accessFindings(reply: GraphReply, name: string): Finding[] {
  if (reply.kind === "told") {
    return [
      fine("token", "Meta takes the access token."),
      fine("permission", `The token may see ${name}.`),
    ];
  }
  if (reply.kind === "silent") return [unknown("token", `Meta did not answer (${reply.reason}).`)];
  const { code, message } = reply;
  if (TOKEN_CODES.has(code)) {
    const advice =
      "Give the channel a new access token: the old one has expired or was taken back.";
    return [bad("token", `Meta refuses the access token: ${message}`, advice)];
  }
  const isPermission = code === 3 || code === 10 || (code >= 200 && code <= 299);
  const advice = isPermission
    ? "Give the app and the token the permissions for messages, and this object among its assets."
    : "Check external_id, and that the token belongs to the same business.";
  return [
    fine("token", "Meta takes the access token."),
    bad("permission", `Meta does not let the token see ${name}: (#${code}) ${message}`, advice),
  ];
}

const Apps = z.object({
  data: z.array(z.object({ subscribed_fields: z.array(z.string()).optional() }).loose()),
});

/** Whether webhooks come at all, and all that are read here. `fields` is null where Meta does not list them. */
export function subscriptionFindings(
  reply: GraphReply,
  fields: { needed: readonly string[]; useful: readonly string[] } | null,
): Finding[] {
  if (reply.kind === "silent") {
    return [unknown("subscription", `Meta did not answer (${reply.reason}).`)];
  }
  if (reply.kind === "refused") {
    return [unknown("subscription", `Meta does not say who is subscribed: ${reply.message}`)];
  }
  const { data } = Apps.safeParse(reply.body);
  if (!data || data.data.length === 0) {
    const advice = "Subscribe the app: POST /<id>/subscribed_apps with the channel's token.";
    return [
      bad("subscription", "No app is subscribed: nothing that customers write comes.", advice),
    ];
  }
  const subscribed = fine("subscription", "The app is subscribed.");
  if (fields === null) return [subscribed];
  const has = new Set(data.data.flatMap((each) => each.subscribed_fields ?? []));
  const missing = (names: readonly string[]) => names.filter((each) => !has.has(each));
  const needed = missing(fields.needed);
  const useful = missing(fields.useful);
  if (needed.length > 0) {
    const advice = "Subscribe the app to these fields too.";
    return [subscribed, bad("webhook_fields", `Missing: ${needed.join(", ")}.`, advice)];
  }
  if (useful.length > 0) {
    const advice = "Subscribe the app to them, or do without what they tell.";
    return [
      subscribed,
      doubtful("webhook_fields", `Not among them: ${useful.join(", ")}.`, advice),
    ];
  }
  return [subscribed, fine("webhook_fields", "Everything that is read here comes.")];
}

/** What is subscribed to for a Page or an Instagram account. */
export const PAGE_FIELDS = {
  needed: ["messages", "messaging_postbacks"],
  useful: [
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_echoes",
    "message_edits",
    "messaging_referrals",
  ],
} as const;

export const INSTAGRAM_FIELDS = {
  needed: ["messages"],
  useful: ["messaging_postbacks", "message_reactions", "messaging_seen", "comments"],
} as const;

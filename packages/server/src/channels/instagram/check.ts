import type { CheckChannel } from "../check.ts";
import { askGraph } from "../meta/ask.ts";
import {
  accessFindings,
  INSTAGRAM_FIELDS,
  PAGE_FIELDS,
  subscriptionFindings,
} from "../meta/check.ts";
import { accountUrl } from "./place.ts";

export const checkInstagram: CheckChannel = async (http, places, sender) => {
  const token = sender.credentials.access_token;
  if (!token) return [];
  const url = accountUrl(places, sender);
  const [access, apps] = await Promise.all([
    askGraph(http, `${url}?fields=id`, token),
    askGraph(http, `${url}/subscribed_apps`, token),
  ]);
  const findings = accessFindings(access, "the account");
  if (access.kind !== "told") return findings;
  const fields = sender.login === "instagram" ? INSTAGRAM_FIELDS : PAGE_FIELDS;
  return [...findings, ...subscriptionFindings(apps, fields)];
};

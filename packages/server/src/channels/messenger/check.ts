import type { CheckChannel } from "../check.ts";
import { askGraph } from "../meta/ask.ts";
import { accessFindings, PAGE_FIELDS, subscriptionFindings } from "../meta/check.ts";

export const checkMessenger: CheckChannel = async (http, { meta }, sender) => {
  const token = sender.credentials.access_token;
  if (!token) return [];
  const page = `${meta.graphUrl}/${meta.graphVersion}/${sender.externalId}`;
  const [access, apps] = await Promise.all([
    askGraph(http, `${page}?fields=id,name`, token),
    askGraph(http, `${page}/subscribed_apps`, token),
  ]);
  const findings = accessFindings(access, "the Page");
  return access.kind === "told"
    ? [...findings, ...subscriptionFindings(apps, PAGE_FIELDS)]
    : findings;
};

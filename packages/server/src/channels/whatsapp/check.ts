import { z } from "zod";
import { bad, type CheckChannel, doubtful, type Finding, fine } from "../check.ts";
import { askGraph } from "../meta/ask.ts";
import { accessFindings, subscriptionFindings } from "../meta/check.ts";

const FIELDS =
  "id,display_phone_number,verified_name,quality_rating,status,name_status,account_mode,code_verification_status";

const text = z.string().optional().catch(undefined);
const Phone = z.object({
  quality_rating: text,
  status: text,
  name_status: text,
  account_mode: text,
});

export const checkWhatsapp: CheckChannel = async (http, { meta }, sender) => {
  const token = sender.credentials.access_token;
  if (!token) return [];
  const base = `${meta.graphUrl}/${meta.graphVersion}`;
  const reply = await askGraph(http, `${base}/${sender.externalId}?fields=${FIELDS}`, token);
  const findings = accessFindings(reply, "the number");
  if (reply.kind === "told") findings.push(...phoneFindings(reply.body));
  if (sender.wabaId === null) {
    const detail = "The channel has no waba_id: its subscription and its templates are not known.";
    findings.push(doubtful("subscription", detail, "Give the channel its waba_id."));
  } else {
    const account = `${base}/${encodeURIComponent(sender.wabaId)}`;
    const apps = await askGraph(http, `${account}/subscribed_apps`, token);
    findings.push(...subscriptionFindings(apps, null));
  }
  return findings;
};

function phoneFindings(body: unknown): Finding[] {
  const { data } = Phone.safeParse(body);
  if (!data) return [];
  const { quality_rating: quality, status, name_status: name, account_mode: mode } = data;
  const findings: Finding[] = [qualityFinding(quality)];
  if (status !== undefined && status !== "CONNECTED") {
    const advice = "Register the number for the Cloud API, or look into the WhatsApp Manager.";
    findings.push(bad("number", `Meta says that the number is ${status}.`, advice));
  }
  if (name === "DECLINED" || name === "EXPIRED") {
    const advice = "Give the number another display name in the WhatsApp Manager.";
    findings.push(doubtful("display_name", `The display name is ${name}.`, advice));
  }
  if (mode === "SANDBOX") {
    const advice = "Take the app live, or use a number of a business that is verified.";
    findings.push(doubtful("app_mode", "The number is in test mode.", advice));
  }
  return findings;
}

function qualityFinding(quality: string | undefined): Finding {
  const fewer = "Send less that nobody asked for: customers block or report the number.";
  switch (quality) {
    case "GREEN":
      return fine("quality", "The number's quality is high.");
    case "YELLOW":
      return doubtful("quality", "The number's quality is medium.", fewer);
    case "RED":
      return bad("quality", "The number's quality is low: Meta may limit it.", fewer);
    default:
      return fine("quality", "The number has no quality rating yet.");
  }
}

import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { bad, doubtful, type Finding, fine, unknown } from "../check.ts";
import { authorizationOf } from "./account.ts";

const DEADLINE_MS = 15_000;
const CHECK = "a2p_registration";
const TOLL_FREE = /^\+18(00|33|44|55|66|77|88)/;
const Compliance = z.object({
  compliance: z.array(z.object({ campaign_status: z.string().nullish().catch(null) }).loose()),
});
const REGISTER = "Register brand and campaign at Twilio, and put the number into their service.";

/**
 * Whether the carriers of the United States let the number's messages through: a campaign must stand behind
 * the messaging service that it sends by (A2P 10DLC). Nothing for numbers that this does not concern.
 */
export async function a2pFindings(
  http: ProviderHttp,
  { twilio }: ProviderPlaces,
  sender: Sender,
): Promise<Finding[]> {
  const { externalId: number, messagingServiceSid: service } = sender;
  if (!number.startsWith("+1") || TOLL_FREE.test(number)) return [];
  if (service === null) {
    if (parsePhoneNumberFromString(number)?.country !== "US") return [];
    const detail = "Without its messaging service nobody can say whether the number is registered.";
    return [doubtful(CHECK, detail, "Give the channel its messaging_service_sid.")];
  }
  const host = twilio.apiUrl.replace("//api.", "//messaging.");
  const answer = await http.request({
    method: "GET",
    url: `${host}/v1/Services/${encodeURIComponent(service)}/Compliance/Usa2p`,
    headers: { authorization: authorizationOf(sender), accept: "application/json" },
    deadlineMs: DEADLINE_MS,
  });
  if (answer.kind === "failed") return [unknown(CHECK, `Twilio did not answer (${answer.error}).`)];
  if (answer.status === 404) {
    const advice = "Give the channel the SID of one of this account's messaging services.";
    return [bad(CHECK, `The account has no messaging service ${service}.`, advice)];
  }
  const { data } = Compliance.safeParse(json(answer.body));
  if (answer.status !== 200 || !data) {
    return [unknown(CHECK, `Twilio answered with ${answer.status}.`)];
  }
  return [findingFor(data.compliance.map(({ campaign_status: status }) => status ?? ""))];
}

function findingFor(statuses: readonly string[]): Finding {
  if (statuses.includes("VERIFIED")) return fine(CHECK, "The A2P 10DLC campaign is verified.");
  const [status] = statuses;
  if (status === undefined) {
    const detail = "No A2P 10DLC campaign stands behind the service: carriers block its messages.";
    return bad(CHECK, detail, REGISTER);
  }
  const isUnderWay = status === "PENDING" || status === "IN_PROGRESS";
  return isUnderWay
    ? doubtful(CHECK, "The A2P 10DLC campaign is still being vetted.", "Wait for Twilio's word.")
    : bad(CHECK, `The A2P 10DLC campaign is ${status || "not verified"}.`, REGISTER);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { z } from "zod";
import type { ProviderAnswer } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { bad, type CheckChannel, doubtful, type Finding, fine, unknown } from "../check.ts";
import { a2pFindings } from "./a2p.ts";
import { authorizationOf } from "./account.ts";

const DEADLINE_MS = 15_000;
const url = z.string().nullish().catch(null);
const Numbers = z.object({
  incoming_phone_numbers: z.array(z.object({ sms_url: url }).loose()),
});

export const checkSms: CheckChannel = async (http, places, sender) => {
  const sid = encodeURIComponent(sender.credentials.account_sid?.reveal() ?? "");
  const query = new URLSearchParams({ PhoneNumber: sender.externalId });
  const answer = await http.request({
    method: "GET",
    url: `${places.twilio.apiUrl}/2010-04-01/Accounts/${sid}/IncomingPhoneNumbers.json?${query}`,
    headers: { authorization: authorizationOf(sender), accept: "application/json" },
    deadlineMs: DEADLINE_MS,
  });
  const findings = findingsIn(answer, places, sender.messagingServiceSid);
  const isReached = findings.some(({ check, state }) => check === "number" && state === "ok");
  return isReached ? [...findings, ...(await a2pFindings(http, places, sender))] : findings;
};

function findingsIn(
  answer: ProviderAnswer,
  { publicUrl }: ProviderPlaces,
  serviceSid: string | null,
): Finding[] {
  if (answer.kind === "failed") {
    return [unknown("token", `Twilio did not answer (${answer.error}: ${answer.detail}).`)];
  }
  if (answer.status === 401 || answer.status === 403) {
    const advice = "Give the channel the account's SID and its current auth token.";
    return [bad("token", "Twilio refuses the account SID or the auth token.", advice)];
  }
  const { data } = Numbers.safeParse(json(answer.body));
  if (answer.status !== 200 || !data) {
    return [unknown("token", `Twilio answered with ${answer.status}.`)];
  }
  const findings = [fine("token", "Twilio takes the account SID and the auth token.")];
  const [number] = data.incoming_phone_numbers;
  if (!number) {
    const advice =
      "Connect a number of this account, or give the credentials of the other account.";
    return [...findings, bad("number", "The account does not have this number.", advice)];
  }
  findings.push(fine("number", "The account has this number."));
  const wanted = publicUrl === null ? null : `${publicUrl}/in/twilio`;
  // A messaging service may call for all of its numbers instead.
  if (wanted === null || serviceSid !== null || number.sms_url === wanted) return findings;
  const is = number.sms_url ? `is ${number.sms_url}` : "is not set";
  const advice = `Set it to ${wanted}, with HTTP POST.`;
  return [
    ...findings,
    doubtful("subscription", `The number's webhook for messages ${is}.`, advice),
  ];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

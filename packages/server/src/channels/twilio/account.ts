import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";

/** Where an account's messages are, without `.json`. */
export function messagesUrl(
  { twilio }: Pick<ProviderPlaces, "twilio">,
  { credentials }: Pick<Sender, "credentials">,
): string {
  const sid = encodeURIComponent(credentials.account_sid?.reveal() ?? "");
  return `${twilio.apiUrl}/2010-04-01/Accounts/${sid}/Messages`;
}

export function authorizationOf({ credentials }: Pick<Sender, "credentials">): string {
  const sid = credentials.account_sid?.reveal() ?? "";
  const [token] = authTokensOf(credentials.auth_token ?? new Secret(""));
  return `Basic ${Buffer.from(`${sid}:${token?.reveal() ?? ""}`).toString("base64")}`;
}

/**
 * While a token is changed there are two, `new,old`: the first is sent with, either may have signed.
 */
export function authTokensOf(given: Secret): Secret[] {
  return given
    .reveal()
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "")
    .map((token) => new Secret(token));
}

import type { Sender } from "./outgoing.ts";

/** What the access tokens and auth tokens of simulated channels begin with: no provider makes such. */
export const SIMULATED_TOKEN = "simulated_";

/** Ids of simulated channels begin so at their providers, to be found again after a restart. */
export const SIMULATED_ADDRESSES = ["9999000", "+1555"] as const;

/** Whether a channel proves itself as a simulated one does. */
export function isSimulatedSender({ credentials }: Pick<Sender, "credentials">): boolean {
  const { access_token, auth_token } = credentials;
  return [access_token, auth_token].some(
    (token) => token?.reveal().startsWith(SIMULATED_TOKEN) === true,
  );
}

/** Whether a request proves itself with the token of a simulated channel, as Meta or as Twilio wants it. */
export function isSimulatedAuthorization(authorization: string | undefined): boolean {
  const [, scheme = "", value = ""] = /^(\w+)\s+(\S+)\s*$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value.startsWith(SIMULATED_TOKEN);
  if (scheme.toLowerCase() !== "basic") return false;
  const text = atob(/^[A-Za-z0-9+/]+={0,2}$/.test(value) ? value : "");
  return text.slice(text.indexOf(":") + 1).startsWith(SIMULATED_TOKEN);
}

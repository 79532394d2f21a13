import { randomInt } from "node:crypto";
import { ControlError } from "../control/input.ts";
import type { HttpClient } from "../http/client.ts";

export type Callbacks = ReturnType<typeof createCallbacks>;

/** Where an account's or a number's webhooks go instead of the app's own URL. */
export interface CallbackOverride {
  url: string;
}

/** Which URL gets whose webhooks: its own, where it has one, else the app's. */
export function createCallbacks(given: { client: HttpClient; appUrl: string | undefined }) {
  const { client } = given;
  let appUrl = given.appUrl;

  function requiredAppUrl(): string {
    if (appUrl !== undefined) return appUrl;
    throw new ControlError(
      "Nobody is subscribed: start with a webhook URL, or POST /_control/subscribe first.",
    );
  }

  return {
    /** Where the webhooks of whoever has this override go. */
    urlOf: (override: CallbackOverride | null) => override?.url ?? requiredAppUrl(),
    reaches: (override: CallbackOverride | null) => (override?.url ?? appUrl) !== undefined,
    appUrl: requiredAppUrl,
    setAppUrl: (next: string) => {
      appUrl = next;
    },
    /**
     * Calls the URL as Meta does before it accepts a subscription: 200 and the bare challenge, or
     * it is refused. Null when it passed, else the reason.
     */
    async verify(callbackUrl: string, verifyToken: string): Promise<string | null> {
      if (!URL.canParse(callbackUrl)) return `not a URL: ${callbackUrl}`;
      const target = new URL(callbackUrl);
      const challenge = String(randomInt(100_000_000, 2_000_000_000));
      target.searchParams.set("hub.mode", "subscribe");
      target.searchParams.set("hub.challenge", challenge);
      target.searchParams.set("hub.verify_token", verifyToken);
      const headers = { "user-agent": "facebookplatform/1.0 (+http://developers.facebook.com)" };
      const answer = await client.send({ method: "GET", url: target.href, headers, body: null });
      if (answer.error !== null) return answer.error;
      if (answer.status !== 200) return `HTTP status ${answer.status}`;
      return answer.text === challenge ? null : "the answer was not the bare challenge";
    },
    reset: () => {
      appUrl = given.appUrl;
    },
  };
}

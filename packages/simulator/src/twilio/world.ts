import { createAccounts, DEFAULT_ACCOUNT, DEFAULT_TWILIO_NUMBER } from "./accounts.ts";
import { createTwilioLog } from "./messages.ts";
import { createSmsPeople } from "./people.ts";
import { DEFAULT_TWILIO_SETTINGS, type TwilioSettings } from "./settings.ts";

export type TwilioWorld = ReturnType<typeof createTwilioWorld>;

/** Everything that Twilio would know of: accounts, numbers, people, the log of messages. */
export function createTwilioWorld(now: () => number) {
  const accounts = createAccounts();
  const people = createSmsPeople();
  const log = createTwilioLog(now);
  let settings = DEFAULT_TWILIO_SETTINGS;

  function furnish(): void {
    accounts.putAccount(DEFAULT_ACCOUNT);
    accounts.putNumber({ phone_number: DEFAULT_TWILIO_NUMBER });
  }
  furnish();

  return {
    accounts,
    people,
    log,
    get settings() {
      return settings;
    },
    set settings(next: TwilioSettings) {
      settings = next;
    },
    /** Whom an opt-out concerns: a service's whole pool, or one number. */
    poolOf: (serviceSid: string | null, number: string | null) => serviceSid ?? number ?? "",
    reset(): void {
      for (const room of [accounts, people, log]) room.clear();
      settings = DEFAULT_TWILIO_SETTINGS;
      furnish();
    },
  };
}

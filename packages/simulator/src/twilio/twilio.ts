import type { Clock } from "../clock.ts";
import { createHttpClient } from "../http/client.ts";
import type {
  MessagingService,
  MessagingServiceInput,
  TwilioAccount,
  TwilioNumber,
  TwilioNumberInput,
} from "./accounts.ts";
import { createTwilioApi } from "./api.ts";
import { createTwilioControls } from "./controls.ts";
import type { SmsEmission, SmsInput } from "./inbound.ts";
import type { TwilioMessage } from "./messages.ts";
import type { SmsPerson, SmsPersonInput } from "./people.ts";
import { createSmsSends } from "./sends.ts";
import type { SmsStatus, TwilioSettings, TwilioSettingsInput } from "./settings.ts";
import { createSmsStatuses } from "./statuses.ts";
import { createTwilioWebhooks, type TwilioPost, type TwilioSignatureKind } from "./webhooks.ts";
import { createTwilioWorld } from "./world.ts";

/** How long Twilio gives a receiver for everything. */
const BUDGET_MS = 15_000;

/** Every method is also a route below `/_control/twilio`, with the same JSON. */
export interface TwilioSimulator {
  emitMessage(input: SmsInput): Promise<SmsEmission>;
  emitStatus(input: {
    sid: string;
    status: SmsStatus;
    error_code?: number;
    repeat?: number;
    signature?: TwilioSignatureKind;
  }): Promise<{ posts: TwilioPost[] }>;
  emitRaw(input: {
    body?: string;
    content_type?: string;
    url?: string;
    to?: string;
    signature?: TwilioSignatureKind;
  }): Promise<TwilioPost>;
  putAccount(input: {
    account_sid?: string;
    auth_token?: string;
    status?: TwilioAccount["status"];
  }): TwilioAccount;
  putNumber(input: TwilioNumberInput): TwilioNumber;
  numbers(): { numbers: TwilioNumber[] };
  putService(input: MessagingServiceInput): MessagingService;
  putPerson(input: SmsPersonInput): SmsPerson;
  settings(): TwilioSettings;
  configure(input: TwilioSettingsInput): TwilioSettings;
  accepted(): { messages: TwilioMessage[] };
  log(): { messages: TwilioMessage[] };
  posts(): { posts: TwilioPost[] };
}

/** Twilio's half of the simulator. */
export function createTwilio({ clock, origin }: { clock: Clock; origin: () => string }) {
  const now = () => clock.now();
  const world = createTwilioWorld(now);
  const client = createHttpClient({ clock, timeoutMs: BUDGET_MS });
  const webhooks = createTwilioWebhooks({ clock, client, settings: () => world.settings });
  const sends = createSmsSends(world, now);
  const statuses = createSmsStatuses({ world, webhooks, clock });
  return {
    api: createTwilioApi({ world, sends, statuses }),
    controls: createTwilioControls({ world, sends, statuses, webhooks, clock, origin }),
    close: () => client.close(),
  };
}

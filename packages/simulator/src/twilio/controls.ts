import type { Clock } from "../clock.ts";
import { ControlError, fieldsOf } from "../control/input.ts";
import type { ControlCommands } from "../control/router.ts";
import { createSmsInbound } from "./inbound.ts";
import type { SmsSends } from "./sends.ts";
import { changeTwilioSettings, SMS_STATUSES } from "./settings.ts";
import type { SmsStatuses } from "./statuses.ts";
import { rawBody, TWILIO_SIGNATURES, type TwilioPost, type TwilioWebhooks } from "./webhooks.ts";
import type { TwilioWorld } from "./world.ts";

export type TwilioControls = ReturnType<typeof createTwilioControls>;

/** Everything of Twilio that can be commanded, by HTTP and in process alike. */
export function createTwilioControls(deps: {
  world: TwilioWorld;
  sends: SmsSends;
  statuses: SmsStatuses;
  webhooks: TwilioWebhooks;
  clock: Clock;
  origin: () => string;
}) {
  const { world, sends, statuses, webhooks, clock, origin } = deps;
  const emit = createSmsInbound({ world, webhooks, origin, now: () => clock.now() });

  return {
    emitMessage: (input: unknown) => emit(fieldsOf(input, "twilio messages")),
    emitStatus: async (input: unknown): Promise<{ posts: TwilioPost[] }> => {
      const fields = fieldsOf(input, "twilio statuses");
      const sid = fields.requiredText("sid");
      const status = fields.choice("status", SMS_STATUSES);
      const code = fields.integer("error_code", { min: 0, max: 99_999 });
      const repeat = fields.integer("repeat", { min: 1, max: 1_000 }) ?? 1;
      const signature = fields.choice("signature", TWILIO_SIGNATURES) ?? "right";
      fields.done();
      const send = sends.find(sid);
      if (!send) throw new ControlError(`twilio statuses: no message ${sid} was sent.`);
      if (!status) {
        throw new ControlError(`twilio statuses: "status" is one of ${SMS_STATUSES.join(", ")}.`);
      }
      const posts: TwilioPost[] = [];
      for (let i = 0; i < repeat; i += 1) {
        const step = { status, ...(code === undefined ? {} : { code }) };
        const post = await statuses.tell(send, step, signature);
        if (post) posts.push(post);
      }
      return { posts };
    },
    /** Signs and posts any body to the number's URL, or to another. */
    emitRaw: async (input: unknown): Promise<TwilioPost> => {
      const fields = fieldsOf(input, "twilio raw");
      const number = world.accounts.meant(fields.text("to"));
      const url = fields.text("url") ?? number.sms_url;
      const text = fields.text("body") ?? "";
      const contentType = fields.text("content_type") ?? "application/x-www-form-urlencoded";
      const signature = fields.choice("signature", TWILIO_SIGNATURES) ?? "right";
      fields.done();
      if (url === null) throw new ControlError('twilio raw: give a "url".');
      return webhooks.post({
        url,
        authToken: world.accounts.authTokenOf(number.account_sid),
        body: rawBody(text, contentType),
        signature,
      });
    },
    putAccount: (input: unknown) => world.accounts.putAccount(input),
    putNumber: (input: unknown) => world.accounts.putNumber(input),
    numbers: () => ({ numbers: world.accounts.all() }),
    putService: (input: unknown) => world.accounts.putService(input),
    putPerson: (input: unknown) => world.people.put(input),
    settings: () => world.settings,
    configure: (input: unknown) => {
      world.settings = changeTwilioSettings(world.settings, input);
      return world.settings;
    },
    /** What was accepted for sending. */
    accepted: () => ({ messages: sends.all() }),
    /** Everything in Twilio's log, in both directions. */
    log: () => ({ messages: world.log.all() }),
    posts: () => ({ posts: webhooks.all() }),
    reset: () => {
      for (const room of [sends, webhooks]) room.clear();
      world.reset();
    },
  };
}

export function twilioCommands(controls: TwilioControls): ControlCommands {
  return {
    "POST /_control/twilio/messages": controls.emitMessage,
    "POST /_control/twilio/statuses": controls.emitStatus,
    "POST /_control/twilio/raw": controls.emitRaw,
    "POST /_control/twilio/accounts": controls.putAccount,
    "POST /_control/twilio/numbers": controls.putNumber,
    "GET /_control/twilio/numbers": controls.numbers,
    "POST /_control/twilio/services": controls.putService,
    "POST /_control/twilio/people": controls.putPerson,
    "GET /_control/twilio/settings": controls.settings,
    "POST /_control/twilio/settings": controls.configure,
    "GET /_control/twilio/accepted": controls.accepted,
    "GET /_control/twilio/log": controls.log,
    "GET /_control/twilio/posts": controls.posts,
  };
}

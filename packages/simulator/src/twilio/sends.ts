import { createRateLimiter } from "../limits.ts";
import type { TwilioAccount, TwilioNumber } from "./accounts.ts";
import { TwilioError } from "./errors.ts";
import { newSid } from "./ids.ts";
import type { TwilioMessage } from "./messages.ts";
import { isKnownAtOnce } from "./people.ts";
import type { TwilioWorld } from "./world.ts";

const E164 = /^\+[1-9]\d{6,14}$/;
const MAX_BODY = 1_600;
const MAX_MEDIA = 10;

/** A message that was accepted, and what only the simulator knows of it. */
export interface SmsSend {
  message: TwilioMessage;
  /** Who really sends it; differs from the answer where a service still has to choose. */
  sender: string;
  /** The error that it ends with, whatever the status script says. */
  failsWith: number | null;
}

export type SmsSends = ReturnType<typeof createSmsSends>;

/** Takes messages as Twilio does: form, sender, recipient, opt-out, limits, in this order. */
export function createSmsSends(world: TwilioWorld, now: () => number) {
  const sends = new Map<string, SmsSend>();
  const rate = createRateLimiter(1_000);

  function senderOf(account: TwilioAccount, form: URLSearchParams): SenderChoice {
    const serviceSid = form.get("MessagingServiceSid");
    const from = form.get("From");
    if (serviceSid) {
      const service = world.accounts.service(serviceSid);
      if (service?.account_sid !== account.account_sid) throw new TwilioError(21701);
      const pool = world.accounts.numbersIn(serviceSid);
      const chosen = from ? pool.find((each) => each.phone_number === from) : pool[0];
      if (!chosen) throw new TwilioError(from ? 21606 : 21703);
      const callback = service.status_callback;
      return { number: chosen, shown: from || null, serviceSid, callback };
    }
    if (!from) throw new TwilioError(21603);
    const number = world.accounts.number(from);
    if (number?.account_sid !== account.account_sid) throw new TwilioError(21606);
    return { number, shown: from, serviceSid: null, callback: number.status_callback };
  }

  return {
    /** Accepts the message or throws what Twilio would answer. */
    accept(account: TwilioAccount, form: URLSearchParams): SmsSend {
      const to = form.get("To") ?? "";
      if (to === "") throw new TwilioError(21604);
      if (!E164.test(to)) {
        throw new TwilioError(21211, {
          message: `Invalid 'To' Phone Number: ${to.slice(0, 20)}`,
        });
      }
      const sender = senderOf(account, form);
      if (sender.number.phone_number === to) throw new TwilioError(21266);
      const body = form.get("Body") ?? "";
      const urls = form.getAll("MediaUrl");
      if (body === "" && urls.length === 0) throw new TwilioError(21602);
      if (body.length > MAX_BODY) throw new TwilioError(21617);
      if (urls.length > MAX_MEDIA) throw new TwilioError(21623);
      if (urls.some((url) => !isHttp(url))) throw new TwilioError(21620);
      const callback = form.get("StatusCallback");
      if (callback !== null && !isHttp(callback)) throw new TwilioError(21609);

      const { fails_with: failsWith } = world.people.person(to);
      if (failsWith !== null && isKnownAtOnce(failsWith)) throw new TwilioError(failsWith);
      const pool = world.poolOf(sender.serviceSid, sender.number.phone_number);
      if (world.settings.handles_opt_out && world.people.hasStopped(to, pool)) {
        throw new TwilioError(21610);
      }
      if (!rate.take(sender.number.phone_number, now(), world.settings.rate_per_s)) {
        throw new TwilioError(20429);
      }

      const message = world.log.add({
        account_sid: account.account_sid,
        from: sender.shown,
        to,
        body,
        direction: "outbound-api",
        status: sender.serviceSid === null ? "queued" : "accepted",
        media: urls.map((url) => ({ sid: newSid("ME"), content_type: "", bytes: null, url })),
        messaging_service_sid: sender.serviceSid,
        date_sent: null,
        status_callback: callback ?? sender.callback,
      });
      const send: SmsSend = { message, sender: sender.number.phone_number, failsWith };
      sends.set(message.sid, send);
      return send;
    },
    find: (sid: string) => (sid === "last" ? [...sends.values()].at(-1) : sends.get(sid)),
    all: () => [...sends.values()].map(({ message }) => message),
    clear() {
      sends.clear();
      rate.clear();
    },
  };
}

interface SenderChoice {
  number: TwilioNumber;
  /** The sender that the answer shows. */
  shown: string | null;
  serviceSid: string | null;
  callback: string | null;
}

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

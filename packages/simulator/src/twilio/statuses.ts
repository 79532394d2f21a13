import type { Clock } from "../clock.ts";
import { TWILIO_ERRORS } from "./errors.ts";
import type { SmsSend } from "./sends.ts";
import { type SmsStatus, type SmsStep, smsSteps } from "./settings.ts";
import type { FormValues } from "./signature.ts";
import {
  formBody,
  type TwilioPost,
  type TwilioSignatureKind,
  type TwilioWebhooks,
} from "./webhooks.ts";
import type { TwilioWorld } from "./world.ts";

const ENDED: readonly string[] = ["delivered", "undelivered", "failed", "read", "canceled"];

export type SmsStatuses = ReturnType<typeof createSmsStatuses>;

/** What becomes of accepted messages, and who is told. */
export function createSmsStatuses(given: {
  world: TwilioWorld;
  webhooks: TwilioWebhooks;
  clock: Clock;
}) {
  const { world, webhooks, clock } = given;

  /** Moves the message in the log and calls back; null where nobody asked to be told. */
  async function tell(
    send: SmsSend,
    step: SmsStep,
    signature: TwilioSignatureKind = "right",
  ): Promise<TwilioPost | null> {
    const { message } = send;
    settle(send, step, clock.now());
    if (message.status_callback === null) return null;
    message.statuses.push(step.status);
    return webhooks.post({
      url: message.status_callback,
      authToken: world.accounts.authTokenOf(message.account_sid),
      body: formBody(statusForm(send, step, clock.now())),
      signature,
    });
  }

  return {
    tell,
    /** Everything that follows an accepted message by itself. */
    async play(send: SmsSend): Promise<void> {
      const steps: SmsStep[] =
        send.failsWith === null
          ? smsSteps(world.settings)
          : [{ status: "sent" }, { status: "undelivered", code: send.failsWith }];
      for (const step of steps) {
        if (world.settings.status_delay_ms > 0) await clock.sleep(world.settings.status_delay_ms);
        await tell(send, step);
      }
    },
  };
}

/** The log never goes backwards, whatever is told and in which order. */
function settle({ message, sender }: SmsSend, { status, code }: SmsStep, now: number): void {
  message.from = sender;
  if (ENDED.includes(message.status)) return;
  message.status = status;
  message.date_updated = now;
  if (status !== "accepted" && status !== "queued") message.date_sent ??= now;
  if (code === undefined) return;
  message.error_code = code;
  message.error_message = TWILIO_ERRORS.get(code)?.message ?? null;
}

function statusForm({ message, sender }: SmsSend, step: SmsStep, now: number): FormValues {
  const { status, code } = step;
  return {
    SmsSid: message.sid,
    SmsStatus: status,
    MessageStatus: status,
    To: message.to,
    MessageSid: message.sid,
    AccountSid: message.account_sid,
    From: sender,
    ApiVersion: "2010-04-01",
    ...(message.messaging_service_sid === null
      ? {}
      : { MessagingServiceSid: message.messaging_service_sid }),
    ...(code === undefined ? {} : { ErrorCode: String(code) }),
    ...(hasReceipt(status) ? { RawDlrDoneDate: receiptDate(now) } : {}),
  };
}

function hasReceipt(status: SmsStatus): boolean {
  return status === "delivered" || status === "undelivered";
}

/** YYMMDDhhmm. */
function receiptDate(now: number): string {
  return new Date(now).toISOString().replace(/\D/g, "").slice(2, 12);
}

import { ControlError, fieldsOf } from "../control/input.ts";
import { TWILIO_ERRORS } from "./errors.ts";

export const SMS_STATUSES = [
  "accepted",
  "queued",
  "sending",
  "sent",
  "delivered",
  "undelivered",
  "failed",
  "read",
] as const;
export type SmsStatus = (typeof SMS_STATUSES)[number];

export interface SmsStep {
  status: SmsStatus;
  code?: number;
}

export interface TwilioSettings {
  /** What follows an accepted message: `sent,delivered`, `sent,undelivered:30003`, or `off`. */
  statuses: string;
  /** Every status callback comes twice. */
  duplicate: boolean;
  /** The last status comes first. */
  reverse: boolean;
  /** The status callbacks come before the answer to the request that made the message. */
  before_answer: boolean;
  /** How long each status takes. */
  status_delay_ms: number;
  /** Messages per second and sender before 429 and code 20429; 0 lifts the limit. */
  rate_per_s: number;
  /** The origin that is really called where a URL names a public one: `http://127.0.0.1:8400`. */
  connect_to: string;
  /** Which form of the URL is signed: as it is configured, or with or without its port. */
  signed_port: "as_configured" | "added" | "removed";
  /** Media need the account's own credentials. */
  protect_media: boolean;
  /** Twilio answers keywords itself, and blocks who stopped. */
  handles_opt_out: boolean;
}

export type TwilioSettingsInput = Partial<TwilioSettings>;

export const DEFAULT_TWILIO_SETTINGS: TwilioSettings = {
  statuses: "off",
  duplicate: false,
  reverse: false,
  before_answer: false,
  status_delay_ms: 0,
  rate_per_s: 0,
  connect_to: "",
  signed_port: "as_configured",
  protect_media: true,
  handles_opt_out: true,
};

/** The statuses of a script, in the order in which they are sent. Throws ControlError in words. */
export function smsSteps({ statuses, reverse, duplicate }: TwilioSettings): SmsStep[] {
  if (statuses === "off" || statuses === "") return [];
  const steps = statuses.split(",").map((text) => readStep(text.trim()));
  if (reverse) steps.reverse();
  return duplicate ? steps.flatMap((step) => [step, step]) : steps;
}

function readStep(text: string): SmsStep {
  const [name = "", code] = text.split(":");
  const status = SMS_STATUSES.find((known) => known === name);
  if (status === undefined || (code !== undefined && !TWILIO_ERRORS.has(Number(code)))) {
    throw new ControlError(
      `twilio settings: "${text}" is not a status. Use off, or a list of ${SMS_STATUSES.join(", ")} ` +
        'such as "sent,delivered" or "sent,undelivered:30003".',
    );
  }
  return code === undefined ? { status } : { status, code: Number(code) };
}

/** The settings with what `input` names changed. Throws ControlError in words. */
export function changeTwilioSettings(current: TwilioSettings, input: unknown): TwilioSettings {
  const fields = fieldsOf(input, "twilio settings");
  const limit = { min: 0, max: 1_000_000_000 };
  const next: TwilioSettings = {
    statuses: fields.text("statuses") ?? current.statuses,
    duplicate: fields.flag("duplicate") ?? current.duplicate,
    reverse: fields.flag("reverse") ?? current.reverse,
    before_answer: fields.flag("before_answer") ?? current.before_answer,
    status_delay_ms: fields.integer("status_delay_ms", limit) ?? current.status_delay_ms,
    rate_per_s: fields.integer("rate_per_s", limit) ?? current.rate_per_s,
    connect_to: fields.text("connect_to") ?? current.connect_to,
    signed_port:
      fields.choice("signed_port", ["as_configured", "added", "removed"]) ?? current.signed_port,
    protect_media: fields.flag("protect_media") ?? current.protect_media,
    handles_opt_out: fields.flag("handles_opt_out") ?? current.handles_opt_out,
  };
  fields.done();
  if (next.connect_to !== "" && !URL.canParse(next.connect_to)) {
    throw new ControlError(`twilio settings: "connect_to" is not a URL: ${next.connect_to}.`);
  }
  smsSteps(next);
  return next;
}

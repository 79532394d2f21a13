import { ControlError, fieldsOf } from "../control/input.ts";
import { TwilioError } from "./errors.ts";
import { newSid } from "./ids.ts";

export interface TwilioAccount {
  account_sid: string;
  auth_token: string;
  status: "active" | "suspended";
}

export interface TwilioNumber {
  /** E.164. */
  phone_number: string;
  sid: string;
  account_sid: string;
  /** Where messages to it are told; null keeps them in the log alone. */
  sms_url: string | null;
  /** Where the statuses of its messages are told, unless the request says otherwise. */
  status_callback: string | null;
  messaging_service_sid: string | null;
}

const CAMPAIGN_STATUSES = ["VERIFIED", "IN_PROGRESS", "FAILED"] as const;
type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export interface MessagingService {
  sid: string;
  account_sid: string;
  friendly_name: string;
  /** Where messages to its numbers are told, in place of the numbers' own URLs. */
  inbound_request_url: string | null;
  status_callback: string | null;
  /** Messages carry `OptOutType`. */
  advanced_opt_out: boolean;
  /** The state of the A2P 10DLC campaign; null where none was registered. */
  campaign_status: CampaignStatus | null;
}

export interface TwilioNumberInput {
  phone_number: string;
  account_sid?: string;
  sms_url?: string;
  status_callback?: string;
  messaging_service_sid?: string;
}

export interface MessagingServiceInput {
  sid?: string;
  account_sid?: string;
  friendly_name?: string;
  inbound_request_url?: string;
  status_callback?: string;
  advanced_opt_out?: boolean;
  campaign_status?: CampaignStatus;
}

/** What exists when nobody names anything. */
export const DEFAULT_ACCOUNT: TwilioAccount = {
  account_sid: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  auth_token: "simulated-auth-token",
  status: "active",
};
export const DEFAULT_TWILIO_NUMBER = "+15558675310";

/** Accounts, their numbers and messaging services. */
export function createAccounts() {
  const accounts = new Map<string, TwilioAccount>();
  const numbers = new Map<string, TwilioNumber>();
  const services = new Map<string, MessagingService>();

  function accountNamed(sid: string | undefined): TwilioAccount {
    const [first] = accounts.values();
    const account = sid === undefined ? first : accounts.get(sid);
    if (account) return account;
    throw new ControlError(
      `There is no Twilio account ${sid ?? ""}. Add one with POST /_control/twilio/accounts.`,
    );
  }

  const all = {
    /** Throws what Twilio answers where the request does not prove whose it is. */
    authenticate(authorization: string | undefined, sid: string): TwilioAccount {
      const encoded = /^Basic\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1] ?? "";
      const [user, password] = splitOnce(Buffer.from(encoded, "base64").toString("utf8"));
      const account = accounts.get(sid);
      if (!account || user !== sid || password !== account.auth_token) {
        throw new TwilioError(20003);
      }
      if (account.status === "suspended") {
        throw new TwilioError(20003, { message: "Account not active", status: 403 });
      }
      return account;
    },
    authTokenOf: (accountSid: string) => accountNamed(accountSid).auth_token,
    number: (phone: string) => numbers.get(phone),
    service: (sid: string) => services.get(sid),
    numbersOf: (accountSid: string) =>
      [...numbers.values()].filter((each) => each.account_sid === accountSid),
    numbersIn: (serviceSid: string) =>
      [...numbers.values()].filter((each) => each.messaging_service_sid === serviceSid),
    all: () => [...numbers.values()],
    /** The number that a control request means: the one it names, or the first. */
    meant(phone: string | undefined): TwilioNumber {
      const [first] = numbers.values();
      const number = phone === undefined ? first : numbers.get(phone);
      if (number) return number;
      const known = [...numbers.keys()].join(", ") || "none";
      throw new ControlError(
        `There is no Twilio number ${phone ?? ""}. Known: ${known}. ` +
          "Add one with POST /_control/twilio/numbers.",
      );
    },
    putAccount(input: unknown): TwilioAccount {
      const fields = fieldsOf(input, "twilio accounts");
      const sid = fields.text("account_sid") ?? newSid("AC");
      const known = accounts.get(sid);
      const account: TwilioAccount = {
        account_sid: sid,
        auth_token: fields.text("auth_token") ?? known?.auth_token ?? DEFAULT_ACCOUNT.auth_token,
        status: fields.choice("status", ["active", "suspended"]) ?? known?.status ?? "active",
      };
      fields.done();
      accounts.set(sid, account);
      return account;
    },
    putNumber(input: unknown): TwilioNumber {
      const fields = fieldsOf(input, "twilio numbers");
      const phone = fields.requiredText("phone_number");
      if (!/^\+[1-9]\d{1,14}$/.test(phone)) {
        throw new ControlError(`twilio numbers: "${phone}" is not in E.164.`);
      }
      const known = numbers.get(phone);
      const serviceSid = fields.text("messaging_service_sid");
      if (serviceSid !== undefined && !services.has(serviceSid)) {
        throw new ControlError(
          `There is no messaging service ${serviceSid}. Add one with POST /_control/twilio/services.`,
        );
      }
      const number: TwilioNumber = {
        phone_number: phone,
        sid: known?.sid ?? newSid("PN"),
        account_sid: accountNamed(fields.text("account_sid") ?? known?.account_sid).account_sid,
        sms_url: fields.text("sms_url") ?? known?.sms_url ?? null,
        status_callback: fields.text("status_callback") ?? known?.status_callback ?? null,
        messaging_service_sid: serviceSid ?? known?.messaging_service_sid ?? null,
      };
      fields.done();
      numbers.set(phone, number);
      return number;
    },
    putService(input: unknown): MessagingService {
      const fields = fieldsOf(input, "twilio services");
      const sid = fields.text("sid") ?? newSid("MG");
      const known = services.get(sid);
      const service: MessagingService = {
        sid,
        account_sid: accountNamed(fields.text("account_sid") ?? known?.account_sid).account_sid,
        friendly_name: fields.text("friendly_name") ?? known?.friendly_name ?? "Simulated Service",
        inbound_request_url:
          fields.text("inbound_request_url") ?? known?.inbound_request_url ?? null,
        status_callback: fields.text("status_callback") ?? known?.status_callback ?? null,
        advanced_opt_out: fields.flag("advanced_opt_out") ?? known?.advanced_opt_out ?? false,
        campaign_status:
          fields.choice("campaign_status", CAMPAIGN_STATUSES) ?? known?.campaign_status ?? null,
      };
      fields.done();
      services.set(sid, service);
      return service;
    },
    clear() {
      for (const each of [accounts, numbers, services]) each.clear();
    },
  };
  return all;
}

function splitOnce(text: string): [string, string] {
  const colon = text.indexOf(":");
  return colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

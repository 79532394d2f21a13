import { Refusal } from "../http/refusal.ts";
import type { JsonObject } from "../json.ts";
import { newTraceId } from "./ids.ts";

interface KnownError {
  status: number;
  title: string;
  details: string;
}

/**
 * The errors that Meta documents for the WhatsApp Cloud API, with the HTTP status of its table of
 * November 2025. Throttling answers 400 there; clients are told to go by `code` and `details`.
 */
export const KNOWN_ERRORS: ReadonlyMap<number, KnownError> = new Map(
  (
    [
      [0, 401, "AuthException", "We were unable to authenticate the app user."],
      [1, 400, "API Unknown", "Invalid request or possible server error."],
      [2, 503, "API Service", "Temporary due to downtime or due to being overloaded."],
      [3, 500, "API Method", "Capability or permissions issue."],
      [4, 400, "Application request limit reached", "The app has reached its API call rate limit."],
      [10, 403, "Permission Denied", "Permission is either not granted or has been removed."],
      [33, 400, "Parameter value is not valid", "The business phone number has been deleted."],
      [100, 400, "Invalid parameter", "The request included unsupported or misspelled parameters."],
      [190, 401, "Access token has expired", "Your access token has expired."],
      [200, 403, "API Permission", "Permission is either not granted or has been removed."],
      [368, 403, "Temporarily blocked for policies violations", "The account has been restricted."],
      [230, 403, "Requires pages_messaging permission, or the user's consent.", ""],
      [551, 400, "This person isn't available right now.", ""],
      [613, 400, "Calls to this api have exceeded the rate limit.", "Custom rate limit reached."],
      [1200, 400, "Temporary send message failure. Please try again later.", ""],
      [2022, 400, "This person isn't receiving messages from you right now.", ""],
      [10903, 400, "This user can't reply to this activity", ""],
      [10904, 400, "This activity cannot be replied to", ""],
      [
        80007,
        400,
        "Rate limit issues",
        "The WhatsApp Business Account has reached its rate limit.",
      ],
      [130429, 400, "Rate limit hit", "Cloud API message throughput has been reached."],
      [130472, 400, "User's number is part of an experiment", "Message was not sent."],
      [130497, 403, "Business account is restricted from messaging users in this country.", ""],
      [131000, 500, "Something went wrong", "Message failed to send due to an unknown error."],
      [131005, 403, "Access denied", "Permission is either not granted or has been removed."],
      [131008, 400, "Required parameter is missing", "The request is missing a parameter."],
      [131009, 400, "Parameter value is not valid", "One or more parameter values are invalid."],
      [131016, 500, "Service unavailable", "A service is temporarily unavailable."],
      [131021, 400, "Recipient cannot be sender", "Sender and recipient number is the same."],
      [131026, 400, "Message Undeliverable", "Unable to deliver message."],
      [131030, 400, "Recipient phone number not in allowed list", "Add it to the allowed list."],
      [131031, 403, "Account has been locked", "The account has been restricted or disabled."],
      [131037, 400, "Display name approval needed", "The number has no approved display name."],
      [
        131042,
        400,
        "Business eligibility payment issue",
        "An error related to your payment method.",
      ],
      [131045, 500, "Incorrect certificate", "A phone number registration error."],
      [
        131047,
        400,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
      ],
      [131048, 400, "Spam rate limit hit", "There are restrictions on this phone number."],
      [
        131049,
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
      ],
      [131050, 400, "User has stopped receipt of marketing messages.", "Unable to deliver."],
      [131051, 400, "Unsupported message type", "Unsupported message type."],
      [131052, 400, "Media download error", "Unable to download the media sent by the user."],
      [131053, 400, "Media upload error", "Unable to upload the media used in the message."],
      [
        131056,
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages sent from the sender to the same recipient in a short period of time.",
      ],
      [131057, 500, "Account in maintenance mode", "Business Account is in maintenance mode."],
      [131062, 400, "Recipient is not supported", "Authentication templates need a phone number."],
      [132000, 400, "Number of parameters does not match the expected number of params", ""],
      [132001, 404, "Template name does not exist in the translation", ""],
      [132005, 400, "Translated text too long", "Translated text is too long."],
      [132007, 400, "Template Format Character Policy Violated", "Content violates a policy."],
      [132012, 400, "Parameter format does not match format in the created template", ""],
      [132015, 400, "Template is paused", "Template is paused due to low quality."],
      [132016, 400, "Template is disabled", "Template has been paused too many times."],
      [132068, 400, "Flow is blocked", "Flow is in blocked state."],
      [132069, 400, "Flow is throttled", "Flow is in throttled state."],
      [133004, 503, "Server Temporarily Unavailable", "Server is temporarily unavailable."],
      [133010, 400, "Phone number Not Registered", "Phone number not registered."],
      [135000, 400, "Generic user error", "An unknown error with your request parameters."],
    ] as const
  ).map(([code, status, title, details]): [number, KnownError] => [
    code,
    { status, title, details },
  ]),
);

/** A refusal in Meta's own envelope. */
export class GraphError extends Refusal {
  readonly code: number;

  constructor(
    code: number,
    given: {
      message?: string;
      details?: string;
      status?: number;
      subcode?: number;
      type?: string;
    } = {},
  ) {
    const known = KNOWN_ERRORS.get(code);
    const message = given.message ?? `(#${code}) ${known?.title ?? "Error"}`;
    const details = given.details ?? (given.message === undefined ? known?.details : undefined);
    super(message, given.status ?? known?.status ?? 400, {
      error: {
        message,
        type: given.type ?? "OAuthException",
        code,
        ...(details === undefined || details === ""
          ? {}
          : { error_data: { messaging_product: "whatsapp", details } }),
        ...(given.subcode === undefined ? {} : { error_subcode: given.subcode }),
        fbtrace_id: newTraceId(),
      },
    });
    this.code = code;
  }
}

/** A parameter that is absent, in the words of the Graph API. */
export function missing(parameter: string): GraphError {
  return new GraphError(100, { message: `(#100) The parameter ${parameter} is required.` });
}

/** The same fact as a status carries it when the failure comes later, by webhook. */
export function errorItem(code: number, details?: string): JsonObject {
  const known = KNOWN_ERRORS.get(code);
  const title = known?.title ?? "Error";
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? (known?.details || title) },
    href: "/documentation/business-messaging/whatsapp/support/error-codes",
  };
}

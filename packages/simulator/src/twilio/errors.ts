import { Refusal } from "../http/refusal.ts";

interface KnownError {
  /** The HTTP status; those that only come later, in a status callback, have one all the same. */
  status: number;
  message: string;
}

/** Errors of Twilio's messaging API, as its error dictionary names them. */
export const TWILIO_ERRORS: ReadonlyMap<number, KnownError> = new Map(
  (
    [
      [14107, 400, "Message send rate limit exceeded"],
      [20003, 401, "Authenticate"],
      [20404, 404, "The requested resource was not found"],
      [20429, 429, "Too Many Requests"],
      [21211, 400, "Invalid 'To' Phone Number"],
      [21266, 400, "'To' and 'From' number cannot be the same"],
      [21408, 403, "Permission to send an SMS has not been enabled for the region"],
      [21602, 400, "Message body is required."],
      [21603, 400, "A 'From' phone number is required."],
      [21604, 400, "A 'To' phone number is required."],
      [21606, 400, "The 'From' phone number provided is not a valid message-capable Twilio number"],
      [21608, 400, "The number is unverified. Trial accounts cannot send messages to it."],
      [21609, 400, "The 'StatusCallback' URL is not a valid URL."],
      [21610, 400, "Attempt to send to unsubscribed recipient"],
      [21611, 429, "This 'From' number has exceeded the maximum number of queued messages"],
      [21612, 400, "Message cannot be sent with the current combination of 'To' and 'From'"],
      [21614, 400, "'To' number is not a valid mobile number"],
      [21617, 400, "The concatenated message body exceeds the 1600 character limit"],
      [21620, 400, "Invalid media URL(s)"],
      [21623, 400, "Number of media files exceeds allowed limit."],
      [21701, 400, "The Messaging Service does not exist"],
      [21703, 400, "The Messaging Service does not have a phone number available to send"],
      [30001, 400, "Queue overflow"],
      [30002, 400, "Account suspended"],
      [30003, 400, "Unreachable destination handset"],
      [30004, 400, "Message blocked"],
      [30005, 400, "Unknown destination handset"],
      [30006, 400, "Landline or unreachable carrier"],
      [30007, 400, "Message filtered"],
      [30008, 400, "Unknown error"],
      [30009, 400, "Missing inbound segment"],
      [30017, 400, "Carrier network congestion"],
      [30019, 400, "Content size exceeds carrier limit"],
      [30022, 400, "US A2P 10DLC - Rate limits exceeded"],
      [30023, 400, "US A2P 10DLC - Daily message cap reached"],
      [30027, 400, "US A2P 10DLC - T-Mobile daily message limit reached"],
      [30032, 400, "Toll-free number has not been verified"],
      [30034, 400, "US A2P 10DLC - Message from an unregistered number"],
      [30410, 400, "Provider timeout error"],
      [30450, 400, "Message delivery blocked (SMS pumping protection)"],
    ] as const
  ).map(([code, status, message]): [number, KnownError] => [code, { status, message }]),
);

/** A refusal in Twilio's own envelope. */
export class TwilioError extends Refusal {
  readonly code: number;

  constructor(code: number, given: { message?: string; status?: number } = {}) {
    const known = TWILIO_ERRORS.get(code);
    const message = given.message ?? known?.message ?? "Error";
    const status = given.status ?? known?.status ?? 400;
    const more_info = `https://www.twilio.com/docs/errors/${code}`;
    super(message, status, { code, message, more_info, status });
    this.code = code;
  }
}

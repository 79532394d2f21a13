/** Every error that a client can be told about. A code is a contract: never renamed, only retired. */
export const ERRORS = {
  invalid_request: { status: 422, title: "The request is not valid" },
  malformed_json: { status: 400, title: "The body is not JSON" },
  malformed_request: { status: 400, title: "The request cannot be read" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  request_timeout: { status: 408, title: "The request took too long to come" },
  unauthorized: { status: 401, title: "Authentication failed" },
  forbidden: { status: 403, title: "This key may not do that" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "This address does not take that method" },
  conflict: { status: 409, title: "It stands in conflict with what is there" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  too_many_requests: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong here" },
  unavailable: { status: 503, title: "Not ready to take this now" },
  sign_in_refused: { status: 401, title: "Signing in failed" },
  invitation_refused: { status: 422, title: "This invitation does not count" },
  signature_refused: { status: 401, title: "The signature does not match" },
  channel_unknown: { status: 403, title: "No channel has this number" },
  verify_token_refused: { status: 403, title: "The verification was refused" },
  address_refused: { status: 422, title: "This address may not be reached" },
  unknown_event_type: { status: 422, title: "There is no such event type" },
  event_too_large: { status: 422, title: "The event is too large" },
  event_schema: { status: 422, title: "The event does not fit the schema of its type" },
  cursor_expired: { status: 410, title: "What follows this position is gone" },
  batch_too_large: { status: 422, title: "Too many events in one request" },
  idempotency_key_reused: { status: 422, title: "This idempotency key stands for another request" },
  idempotency_in_progress: {
    status: 409,
    title: "The first request with this key is still running",
  },
  channel_taken: { status: 409, title: "This address is connected already" },
  ambiguous_channel: { status: 422, title: "More than one channel could send this" },
  channel_missing: { status: 422, title: "No channel can send this" },
  channel_paused: { status: 422, title: "The channel is paused" },
  recipient_missing: { status: 422, title: "It is not said to whom" },
  recipient_conflict: { status: 422, title: "The recipients named do not agree" },
  recipient_unknown: { status: 422, title: "This recipient is not known on the channel" },
  unsupported_action: { status: 422, title: "The channel cannot do that" },
  quota_exceeded: { status: 422, title: "The month's quota is used up" },
  file_refused: { status: 422, title: "This file is not taken" },
  file_unfit: { status: 422, title: "The channel does not take such a file" },
  upload_limit: { status: 422, title: "Too many files wait to be sent" },
  text_too_long: { status: 422, title: "The text is too long for the channel" },
  opted_out: { status: 422, title: "This customer wants no messages" },
  provider_refused: { status: 422, title: "The provider refused the message" },
  verification_failed: { status: 409, title: "The endpoint was not verified" },
  body_expunged: { status: 410, title: "The body has been expunged" },
  not_replayable: { status: 409, title: "This delivery cannot be replayed" },
  endpoint_limit: { status: 403, title: "The plan has no more endpoints" },
  plan_feature: { status: 403, title: "The plan does not have this" },
  trial_ended: { status: 402, title: "The trial is over" },
  link_refused: { status: 403, title: "This link is not good" },
  media_fetching: { status: 503, title: "The file is still being fetched" },
  media_failed: { status: 424, title: "The file could not be fetched" },
  media_gone: { status: 410, title: "The file is gone" },
  range_refused: { status: 416, title: "The file has no such part" },
  purge_conflict: { status: 409, title: "Purging stands in conflict with another setting" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldError {
  /** A JSON pointer into the request's body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** A refusal that a client must be told. What is not one of these is a 500 that tells nothing. */
export class CurlewError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  /** Further members of the problem document, snake_case. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly retryAfterS: number | null;

  constructor(
    code: ErrorCode,
    detail: string,
    more: {
      errors?: readonly FieldError[];
      extra?: Record<string, unknown>;
      retryAfterS?: number;
      cause?: unknown;
    } = {},
  ) {
    super(detail, "cause" in more ? { cause: more.cause } : {});
    this.name = "CurlewError";
    this.code = code;
    this.errors = more.errors ?? [];
    this.extra = more.extra ?? {};
    this.retryAfterS = more.retryAfterS ?? null;
  }
}

import type { ErrorCode } from "./errors.ts";

/** What whoever meets an error can do about it. A test keeps this, the docs and the API's description equal. */
export const ADVICE: Partial<Record<ErrorCode, string>> = {
  invalid_request:
    "`errors` points at each field at fault. Fields that are not known are refused too.",
  malformed_json: "Send one JSON value in UTF-8. `detail` says where the body stops being one.",
  malformed_request:
    "Only broken clients and proxies are told this; the connection is closed. HTTPS ends at a proxy in front of Curlew.",
  headers_too_large: "16 KiB is the limit for all headers together. Cookies are usually at fault.",
  request_timeout:
    "Headers have a minute to arrive, a whole request five. The connection is closed.",
  unauthorized:
    "Send a key as `Authorization: Bearer <key>` or `x-api-key`. The answer is the same for a wrong, an expired and a revoked key.",
  forbidden:
    "Use a key with the scope that `detail` names, or one that is not confined to an account.",
  not_found: "Check the id and that the key belongs to its workspace and account.",
  method_not_allowed: "The `Allow` header lists the methods that this address takes.",
  conflict: "`detail` says what is in the way.",
  body_too_large:
    "1 MiB is the limit; 4 MiB for `POST /v1/events` and for what providers send, and `CURLEW_MEDIA_MAX_MB` for a file (`POST /v1/media`).",
  unsupported_media_type: "Send `Content-Type: application/json`.",
  too_many_requests: "Wait as long as `Retry-After` says.",
  internal: "It is our fault. The request id leads to the entry in the server's log.",
  unavailable:
    "Try again after `Retry-After`, or in some seconds. Nothing was done, unless `detail` says that this is not known.",
  sign_in_refused:
    "The address and the password, or the code, do not belong together. The answer is the same for an address that nobody has.",
  invitation_refused: "It was taken, has run out, or was never made: ask for another.",
  signature_refused:
    "The app secret or auth token here and at the provider must be the same, the body untouched on its way, and for Twilio `CURLEW_PUBLIC_URL` the address that it calls.",
  channel_unknown:
    "Connect the number as a channel: without its auth token nobody can say whose this is.",
  verify_token_refused: "Set the same verify token here and at the provider.",
  address_refused:
    "`rule` names the rule and `setting` what the operator can change. Webhooks go to public addresses over HTTPS.",
  unknown_event_type:
    "`detail` names the known type that is nearest, if one is near. Own types are dotted lower case outside Curlew's own namespaces: `order.shipped`.",
  event_too_large: "An event may have 256 KB: keep large things elsewhere and send their address.",
  event_schema:
    "`errors` points at what is at fault. `GET /v1/event-types/<type>` has the schema; a `PUT` there changes it.",
  cursor_expired:
    "Events are kept for a time (`CURLEW_RETENTION_DAYS`). Begin anew with `after=start`, and expect a gap.",
  batch_too_large: "Publish at most 1,000 events at once.",
  idempotency_key_reused: "Use a new key for another request, or repeat the first one exactly.",
  idempotency_in_progress: "Wait for the first request, then ask again with the same key.",
  channel_taken:
    "One address is one channel. Delete the other channel first, wherever it is connected.",
  ambiguous_channel:
    "Name the `channel_id`, or make one channel the default of its account and kind.",
  channel_missing: "Connect a channel of that kind, or name another.",
  channel_paused: "`detail` says why; new credentials set the channel going again.",
  recipient_missing:
    "Give one of `conversation_id`, `platform_user_id`, `to_phone`, `wa_user_id` or `comment_id`.",
  recipient_conflict: "Give one recipient, or several that mean the same conversation.",
  recipient_unknown: "Customers are known on a channel once they have written to it.",
  unsupported_action: "The channel, or this version, does not have it; `detail` says which.",
  quota_exceeded:
    "Wait for the next month, or ask the operator for a larger plan. `resets_at` says when.",
  file_refused: "It is empty, or a program: send it in another way.",
  file_unfit:
    "`GET /v1/channels/{id}/file-limits` lists which types and sizes the channel takes. Try another `media.type`, or make the file smaller.",
  upload_limit:
    "Send them, or take them back with `DELETE /v1/media/{id}`. What nobody sends goes after a day.",
  text_too_long: "Shorten the text, or send it in parts.",
  opted_out: "They asked for it on this channel. Wait until they opt in again.",
  provider_refused: "`provider` carries the provider's own code and words.",
  verification_failed:
    "`detail` says what its answer was. Have it send the token back as JSON, then enable it again.",
  body_expunged:
    "It went after `CURLEW_PAYLOAD_DAYS`, or because somebody expunged the event. The log of it stays.",
  not_replayable:
    "Only deliveries that ended can be replayed, while their event and its body are kept.",
  endpoint_limit:
    "`limit` is how many endpoints the `plan` has. Delete one, or ask the operator for another plan.",
  plan_feature: "`feature` is what the `plan` lacks: the operator gives it by a plan or an add-on.",
  trial_ended:
    "Endpoints are paused and keep their queue. The operator sets a later end, or none, and all goes on.",
  link_refused:
    "Links to files end: `GET /v1/messages/<id>` gives new ones. A link that was changed is none.",
  media_fetching: "Ask again after `Retry-After`: providers take a moment, and sometimes minutes.",
  media_failed:
    "`reason` says why: `expired`, `too_large`, `type_refused`, `address_refused`, `credentials_refused`, `unreachable` or `unreadable`. Ask the customer to send it again.",
  media_gone:
    "It went with its message, by retention, because its sender withdrew it, or it was handed on once and is kept nowhere.",
  range_refused: "`Content-Range` says how long the file is.",
  purge_conflict:
    "`conflicts` lists the workspace, accounts and channels where AI answers: turn it off there (`ai_enabled`), or External Reply Mode on.",
};

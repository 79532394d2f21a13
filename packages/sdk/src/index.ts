export type {
  Channel,
  ChannelCheck,
  ChannelCredentials,
  ChannelDraft,
  ChannelKind,
  ChannelPatch,
  ChannelQuery,
  ChannelSettings,
  FileLimit,
} from "./channels.ts";
export { CurlewClient } from "./client.ts";
export type {
  Contact,
  Conversation,
  ConversationQuery,
  ConversationStatus,
  Message,
} from "./conversations.ts";
export { CurlewError, type FieldError, type Problem } from "./curlew-error.ts";
export type {
  Attempt,
  DeadLetterCause,
  DeadLetterCauseQuery,
  DeadLetterCauses,
  DeadLetterQuery,
  DeadLetterReplay,
  Delivery,
  DeliveryDetail,
  DeliveryQuery,
  DeliveryState,
  ReplayedDelivery,
} from "./deliveries.ts";
export type { Diagnosis, SignedRequest } from "./doctor.ts";
export type {
  Endpoint,
  EndpointAuth,
  EndpointDraft,
  EndpointExamination,
  EndpointFields,
  EndpointHealth,
  EndpointProbe,
  EndpointQuery,
  EndpointSecret,
  EndpointState,
  EndpointTest,
  NewEndpoint,
  ReplayAnswer,
  ReplayRequest,
  ReturnedEndpoint,
  RotatedEndpoint,
  SecretRotation,
  VerifiedEndpoint,
} from "./endpoints.ts";
export type { EventType, EventTypeDetail, EventTypeDraft } from "./event-types.ts";
export type {
  EventDetail,
  EventDraft,
  EventFilter,
  EventQuery,
  EventSummary,
  ExpungedEvent,
  FeedEvent,
  FeedPage,
  FeedQuery,
  PublishedEvent,
  Why,
} from "./events.ts";
export type { HealthEntry, ServerInfo } from "./instance.ts";
export type { Job } from "./jobs.ts";
export type {
  Ledger,
  LedgerCounts,
  LedgerDay,
  LedgerQuery,
  Percentiles,
  Series,
  SeriesAttempts,
  SeriesPoint,
  SeriesQuery,
  SeriesTotals,
} from "./ledger.ts";
export type { Media, UploadedFile, UploadOptions } from "./media.ts";
export type { Page, PageQuery } from "./page.ts";
export { type Jwk, makeHoldKey, openSealed, SealedBodyError } from "./sealed.ts";
export type {
  SendAct,
  SendAlternative,
  SendAnswer,
  SendContent,
  SendInteractive,
  SendMedia,
  SendOptions,
  SendPlatform,
  SendRecipient,
  SendRequest,
} from "./send.ts";
export type { Template, TemplateQuery } from "./templates.ts";
export type { ClientOptions, RequestOptions, WriteOptions } from "./transport.ts";
export {
  type SignWebhookInput,
  signWebhook,
  type VerifiedWebhook,
  type VerifyWebhookInput,
  verifyWebhook,
  type WebhookHeaders,
  type WebhookVerificationCode,
  WebhookVerificationError,
} from "./webhook.ts";
export type { WebhookEvent } from "./webhook-event.ts";

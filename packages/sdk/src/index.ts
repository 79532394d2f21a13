export {
  CurlewAuthenticationError,
  CurlewConflictError,
  CurlewConnectionError,
  CurlewError,
  CurlewNotFoundError,
  CurlewPermissionError,
  CurlewRateLimitError,
  CurlewRequestError,
  CurlewServerError,
  CurlewTimeoutError,
  type FieldError,
  type Problem,
} from "./calls/curlew-error.ts";
export type { ClientErrorCode, ErrorCode } from "./calls/error-codes.ts";
export type { Page, PageQuery } from "./calls/page.ts";
export type { ClientOptions, IdempotentOptions, RequestOptions } from "./calls/transport.ts";
export { CurlewClient } from "./client.ts";
export type { Account, AccountDraft } from "./resources/accounts.ts";
export type { ApiKey, ApiKeyDraft, NewApiKey, Scope } from "./resources/api-keys.ts";
export type { AuditEntry, AuditLogQuery } from "./resources/audit-log.ts";
export type {
  Catcher,
  CatcherDraft,
  CaughtRequest,
  WholeCaughtRequest,
} from "./resources/catchers.ts";
export type {
  Channel,
  ChannelCheck,
  ChannelCredentials,
  ChannelDraft,
  ChannelKind,
  ChannelLogin,
  ChannelPatch,
  ChannelQuery,
  FileLimit,
  NewChannel,
  PageLogin,
  WhatsappSignup,
} from "./resources/channels.ts";
export type {
  Contact,
  Conversation,
  ConversationQuery,
  ConversationStatus,
  Message,
  MessageQuery,
} from "./resources/conversations.ts";
export type {
  Attempt,
  DeadLetterCause,
  DeadLetterCauseQuery,
  DeadLetterCauses,
  DeadLetterQuery,
  DeadLetterReplay,
  Delivery,
  DeliveryDetail,
  DeliveryExport,
  DeliveryQuery,
  DeliveryState,
  EventSource,
  Queue,
  RenderedBody,
  ReplayedDelivery,
  Shadow,
} from "./resources/deliveries.ts";
export type { Dialect, DialectName, PreviewQuery, RequestPreview } from "./resources/dialects.ts";
export type { Diagnosis, DiagnosisCode, SignedRequest } from "./resources/doctor.ts";
export type {
  Endpoint,
  EndpointAuth,
  EndpointDraft,
  EndpointExamination,
  EndpointFields,
  EndpointHealth,
  EndpointProbe,
  EndpointPublicKey,
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
  ShownEndpointAuth,
  VerifiedEndpoint,
} from "./resources/endpoints.ts";
export type { EventType, EventTypeDetail, EventTypeDraft } from "./resources/event-types.ts";
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
  WhyQuery,
} from "./resources/events.ts";
export type { HealthEntry, ServerInfo } from "./resources/instance.ts";
export type { Job } from "./resources/jobs.ts";
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
} from "./resources/ledger.ts";
export type { UploadedFile, UploadOptions } from "./resources/media.ts";
export type { Invitation, Me, Member, NewInvitation, Role } from "./resources/members.ts";
export type { Feature, Plan, PlanDraft, Usage } from "./resources/plans.ts";
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
  SendRule,
} from "./resources/send.ts";
export type { OwnSettings, Settings, SettingsChange } from "./resources/settings.ts";
export type {
  CustomerAct,
  PhoneEntry,
  SimulatedChannelDraft,
  SimulatedKind,
  SimulatorFaults,
  SimulatorState,
} from "./resources/simulator.ts";
export type { Template, TemplateQuery } from "./resources/templates.ts";
export type { UnroutableEntry, UnroutableQuery } from "./resources/unroutable.ts";
export type { Workspace, WorkspaceDraft } from "./resources/workspaces.ts";
export type {
  CommentContent,
  ContactsContent,
  Content,
  EmailContent,
  InteractiveContent,
  InteractiveReplyContent,
  LocationContent,
  MediaContent,
  MediaFile,
  OrderContent,
  PurgedContent,
  ReactionContent,
  ReferralOpenContent,
  ShareContent,
  StoryContent,
  SystemContent,
  TemplateContent,
  TextContent,
  UnsupportedContent,
} from "./webhooks/content.ts";
export type { EventData } from "./webhooks/event-data.ts";
export type {
  ActorType,
  EventMessage,
  MessageError,
  MessageStatus,
  QuotedMessage,
  Referral,
} from "./webhooks/message.ts";
export { type Jwk, makeHoldKey, openSealed, SealedBodyError } from "./webhooks/sealed.ts";
export {
  type SignWebhookInput,
  signWebhook,
  type VerifiedWebhook,
  type VerifyWebhookInput,
  verifyWebhook,
  type WebhookHeaders,
  type WebhookVerificationCode,
  WebhookVerificationError,
} from "./webhooks/webhook.ts";
export type { EventEnvelope, EventTypeName, WebhookEvent } from "./webhooks/webhook-event.ts";

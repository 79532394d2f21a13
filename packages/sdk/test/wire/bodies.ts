import type * as sdk from "../../src/index.ts";
import type { Body, Operation, QueryOf } from "./operations.ts";

/** The members of every branch of a union. */
type Members<T> = T extends unknown ? keyof T : never;

/** What may be left out, and null for what is. */
type Loose<T> = T extends readonly unknown[]
  ? { readonly [At in keyof T]: Loose<T[At]> }
  : T extends object
    ? { readonly [Name in keyof T]?: Loose<T[Name]> | null }
    : T;

/** True where all that may be given is taken, and every member that is taken may be given. */
type Fits<Given, Taken> = [Given] extends [Loose<Taken>]
  ? [Members<Taken>] extends [Members<Given>]
    ? true
    : false
  : false;

interface Bodies {
  actAsCustomer: sdk.CustomerAct;
  connectPage: sdk.PageLogin;
  connectWhatsapp: sdk.WhatsappSignup;
  createAccount: sdk.AccountDraft;
  createApiKey: sdk.ApiKeyDraft;
  createCatcher: sdk.CatcherDraft;
  createChannel: sdk.ChannelDraft;
  createEndpoint: sdk.EndpointDraft;
  createSimulatedChannel: sdk.SimulatedChannelDraft;
  createWorkspace: sdk.WorkspaceDraft;
  diagnoseSignature: sdk.SignedRequest;
  invite: { email: string; role: sdk.Role };
  publishEvents: sdk.EventDraft | sdk.EventDraft[];
  putEventType: sdk.EventTypeDraft;
  putPlan: sdk.PlanDraft;
  replayDeadLetters: sdk.DeadLetterReplay;
  replayEndpoint: sdk.ReplayRequest;
  rotateApiKey: { overlap_s?: number };
  rotateEndpointSecret: sdk.SecretRotation;
  sendMessage: sdk.SendRequest;
  setSimulatorFaults: Partial<sdk.SimulatorFaults>;
  testEndpoint: { type?: string };
  updateAccount: Partial<sdk.AccountDraft>;
  updateCatcher: sdk.CatcherDraft;
  updateChannel: sdk.ChannelPatch;
  updateEndpoint: Partial<sdk.EndpointFields>;
  updateMember: { role: sdk.Role };
  updateSettings: sdk.SettingsChange;
  updateWorkspace: Partial<sdk.WorkspaceDraft>;
  uploadMedia: string;
}

interface Queries {
  countDeadLetterCauses: sdk.DeadLetterCauseQuery;
  explainEvent: sdk.WhyQuery;
  exportDeliveries: sdk.DeliveryExport;
  getDeliveryShadow: { dialect?: sdk.DialectName };
  getEventType: { dialect?: sdk.DialectName };
  listAccounts: sdk.PageQuery;
  listApiKeys: sdk.PageQuery;
  listAuditLog: sdk.AuditLogQuery;
  listCatchers: sdk.PageQuery;
  listCaughtRequests: sdk.PageQuery;
  listChannels: sdk.ChannelQuery;
  listContacts: sdk.PageQuery;
  listConversations: sdk.ConversationQuery;
  listDeadLetters: sdk.DeadLetterQuery;
  listDeliveries: sdk.DeliveryQuery;
  listEndpoints: sdk.EndpointQuery;
  listEvents: sdk.EventQuery & sdk.FeedQuery;
  listConversationMessages: sdk.PageQuery;
  listMessages: sdk.MessageQuery;
  listTemplates: sdk.TemplateQuery;
  listUnroutable: sdk.UnroutableQuery;
  listWorkspaces: sdk.PageQuery;
  previewRequest: sdk.PreviewQuery;
  readLedger: sdk.LedgerQuery;
  readPhone: { customer_id?: string };
  readQueue: { endpoint_id?: string };
  readSeries: sdk.SeriesQuery;
  streamEvents: sdk.EventFilter & { after?: string };
  uploadMedia: { filename?: string };
}

type Misfits<Given, Taken> = {
  [Name in keyof Taken]: Name extends keyof Given
    ? Fits<Given[Name], Taken[Name]> extends true
      ? never
      : Name
    : [Taken[Name]] extends [never]
      ? never
      : Name;
}[keyof Taken];

type WrongBody = Misfits<Bodies, { [Name in Operation]: Body<Name> }>;
type WrongQuery = Misfits<Queries, { [Name in Operation]: QueryOf<Name> }>;

/** Every body and every query that the API takes can be given; otherwise the compiler names the operation. */
export const ALL_BODIES_FIT: [WrongBody] extends [never] ? true : WrongBody = true;
export const ALL_QUERIES_FIT: [WrongQuery] extends [never] ? true : WrongQuery = true;

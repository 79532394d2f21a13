import type { CurlewClient } from "../../src/index.ts";
import type { Answer, Operation, Same } from "./operations.ts";

/** Members of which the SDK says more than the API's description, where they are any object, or any text. */
type Refined =
  | "actor"
  | "content"
  | "error"
  | "forwarded"
  | "frequently_forwarded"
  | "payload"
  | "problem"
  | "referral"
  | "referred_product"
  | "standby";
type OfMessages =
  | "cancelMessage"
  | "getConversation"
  | "getEvent"
  | "getMessage"
  | "listConversationMessages"
  | "listConversations"
  | "listMessages";
/** Not answered with JSON, or in more than one way. */
type Special = "exportDeliveries" | "listEvents" | "publishEvents" | "streamEvents";

type Ask = (client: CurlewClient) => Promise<unknown>;
type Given<Call> = Call extends (client: CurlewClient) => Promise<infer Result>
  ? Result extends void
    ? undefined
    : Result
  : never;

const since = "2026-11-01T00:00:00Z";

/** Every operation of the API, as the SDK asks for it. */
export const CALLS = {
  actAsCustomer: (c) => c.simulator.act("x", { text: "hello" }),
  cancelMessage: (c) => c.messages.cancel("x"),
  checkChannel: (c) => c.channels.check("x"),
  clearCaughtRequests: (c) => c.catchers.clear("x"),
  connectPage: (c) => c.channels.connectPage({ page_id: "1", user_access_token: "t" }),
  connectWhatsapp: (c) =>
    c.channels.connectWhatsapp({ code: "c", waba_id: "1", phone_number_id: "2" }),
  countDeadLetterCauses: (c) => c.deadLetters.causes({ by: "endpoint" }),
  createAccount: (c) => c.accounts.create({ name: "a" }),
  createApiKey: (c) => c.apiKeys.create({ name: "a", scopes: ["*"] }),
  createCatcher: (c) => c.catchers.create(),
  createChannel: (c) => c.channels.connect({ kind: "sms", name: "a", external_id: "+16505551234" }),
  createEndpoint: (c) => c.endpoints.create({ name: "a", url: "https://a.example" }),
  createSimulatedChannel: (c) => c.simulator.createChannel({ kind: "sms" }),
  createWorkspace: (c) => c.workspaces.create({ name: "a" }),
  deleteAccount: (c) => c.accounts.delete("x"),
  deleteCatcher: (c) => c.catchers.delete("x"),
  deleteChannel: (c) => c.channels.delete("x"),
  deleteEndpoint: (c) => c.endpoints.delete("x"),
  deleteEventType: (c) => c.eventTypes.delete("x"),
  deleteMedia: (c) => c.media.delete("x"),
  deletePlan: (c) => c.plans.delete("x"),
  deleteWorkspace: (c) => c.workspaces.delete("x"),
  diagnoseSignature: (c) => c.doctor({ headers: {}, body: "{}", secret: "s" }),
  disableEndpoint: (c) => c.endpoints.disable("x"),
  enableEndpoint: (c) => c.endpoints.enable("x"),
  examineEndpoint: (c) => c.endpoints.examine("x"),
  explainEvent: (c) => c.events.why("x"),
  exportDeliveries: (c) => c.deliveries.export({ format: "ndjson" }),
  expungeEvent: (c) => c.events.expunge("x"),
  getAccount: (c) => c.accounts.get("x"),
  getApiKey: (c) => c.apiKeys.get("x"),
  getCatcher: (c) => c.catchers.get("x"),
  getCaughtRequest: (c) => c.catchers.request("x", "y"),
  getChannel: (c) => c.channels.get("x"),
  getContact: (c) => c.contacts.get("x"),
  getConversation: (c) => c.conversations.get("x"),
  getDelivery: (c) => c.deliveries.get("x"),
  getDeliveryShadow: (c) => c.deliveries.shadow("x", { dialect: "genesy" }),
  getEndpoint: (c) => c.endpoints.get("x"),
  getEndpointHealth: (c) => c.endpoints.health("x"),
  getEvent: (c) => c.events.get("x"),
  getEventType: (c) => c.eventTypes.get("x", { dialect: "genesy" }),
  getJob: (c) => c.jobs.get("x"),
  getMe: (c) => c.me(),
  getMessage: (c) => c.messages.get("x"),
  getServer: (c) => c.server(),
  getSettings: (c) => c.settings.get(),
  getSimulator: (c) => c.simulator.get(),
  getUsage: (c) => c.usage(),
  getWorkspace: (c) => c.workspaces.get("x"),
  invite: (c) => c.invitations.create({ email: "a@example.com", role: "agent" }),
  listAccounts: (c) => c.accounts.list(),
  listApiKeys: (c) => c.apiKeys.list(),
  listAuditLog: (c) => c.auditLog.list({ object_id: "x" }),
  listCatchers: (c) => c.catchers.list(),
  listCaughtRequests: (c) => c.catchers.requests("x"),
  listChannels: (c) => c.channels.list({ troubled: true }),
  listContacts: (c) => c.contacts.list(),
  listConversations: (c) => c.conversations.list(),
  listDeadLetters: (c) => c.deadLetters.list(),
  listDeliveries: (c) => c.deliveries.list(),
  listDialects: (c) => c.dialects.list(),
  listEndpointPublicKeys: (c) => c.endpoints.publicKeys("x"),
  listEndpoints: (c) => c.endpoints.list({ troubled: false }),
  listEvents: (c) => c.events.list(),
  listEventTypes: (c) => c.eventTypes.list(),
  listFileLimits: (c) => c.channels.fileLimits("x"),
  listInvitations: (c) => c.invitations.list(),
  listMembers: (c) => c.members.list(),
  listConversationMessages: (c) => c.conversations.messages("x"),
  listMessages: (c) => c.messages.list({ status: "failed" }),
  listPlans: (c) => c.plans.list(),
  listTemplates: (c) => c.templates.list({ refresh: true }),
  listUnroutable: (c) => c.unroutable.list(),
  listWorkspaces: (c) => c.workspaces.list(),
  pauseEndpoint: (c) => c.endpoints.pause("x"),
  previewRequest: (c) => c.dialects.preview("x"),
  publishEvents: (c) => c.events.publish({ type: "order.shipped", data: {} }),
  putEventType: (c) => c.eventTypes.put("x", {}),
  putPlan: (c) => c.plans.put("x", { title: "X", endpoints: null, features: [] }),
  readHealth: (c) => c.health(),
  readLedger: (c) => c.ledger(),
  readPhone: (c) => c.simulator.thread("x"),
  readQueue: (c) => c.queue(),
  readSeries: (c) => c.series({ step: "day" }),
  removeMember: (c) => c.members.remove("x"),
  replayDeadLetters: (c) => c.deadLetters.replay({}),
  replayDelivery: (c) => c.deliveries.replay("x"),
  replayEndpoint: (c) => c.endpoints.replay("x", { since }),
  resumeEndpoint: (c) => c.endpoints.resume("x"),
  revealEndpointSecret: (c) => c.endpoints.revealSecret("x"),
  revokeApiKey: (c) => c.apiKeys.revoke("x"),
  rotateApiKey: (c) => c.apiKeys.rotate("x"),
  rotateEndpointSecret: (c) => c.endpoints.rotateSecret("x"),
  sendMessage: (c) => c.send({ to_phone: "+16505551234", text: "hello" }),
  setSimulatorFaults: (c) => c.simulator.setFaults({ lose_answers: true }),
  stopJob: (c) => c.jobs.stop("x"),
  streamEvents: async (c) => (await c.events.follow().next()).value,
  testEndpoint: (c) => c.endpoints.test("x"),
  updateAccount: (c) => c.accounts.update("x", { name: "b" }),
  updateCatcher: (c) => c.catchers.update("x", { status: 503 }),
  updateChannel: (c) => c.channels.update("x", { credentials: { app_secret: null } }),
  updateEndpoint: (c) => c.endpoints.update("x", { name: "b" }),
  updateMember: (c) => c.members.update("x", { role: "owner" }),
  updateSettings: (c) => c.settings.update({ ai_enabled: null }),
  updateWorkspace: (c) => c.workspaces.update("x", { plan: "pro" }),
  uploadMedia: (c) => c.media.upload(new Uint8Array([1]), { filename: "a.bin" }),
  verifyEndpoint: (c) => c.endpoints.verify("x"),
  withdrawInvitation: (c) => c.invitations.withdraw("x"),
} satisfies Record<Operation, Ask>;

type IsRight<Name extends Operation, Found> = Name extends Special
  ? true
  : Same<Found, Answer<Name>, Name extends OfMessages ? Refined : never>;

type Wrong = {
  [Name in Operation]: IsRight<Name, Given<(typeof CALLS)[Name]>> extends true ? never : Name;
}[Operation];

/** What the SDK says of an answer is what the API says of it; otherwise the compiler names the operation. */
export const ALL_ANSWERS_ARE_RIGHT: [Wrong] extends [never] ? true : Wrong = true;

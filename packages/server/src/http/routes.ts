import type { MetaApp } from "../channels/meta/onboarding.ts";
import type { Config } from "../config/config.ts";
import type { Acceptor } from "../core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../core/messages/inbound.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { FileStore } from "../core/outside/file-store.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Notices } from "../delivery/endpoints/notices.ts";
import type { Prober } from "../delivery/endpoints/prober.ts";
import type { Engine } from "../delivery/engine.ts";
import type { Replays } from "../delivery/jobs/replay.ts";
import type { Publish } from "../delivery/publishing/publish.ts";
import type { ExpungeOne } from "../delivery/rounds/expunging.ts";
import type { Followers } from "../delivery/views/followers.ts";
import { dialectNames, getDialect } from "../dialects/registry.ts";
import type { TemplateSync } from "../inbox/asking/template-sync.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { MediaLinks } from "../runtime/media/media-links.ts";
import type { Vault } from "../runtime/secrets/vault.ts";
import type { Metrics } from "../runtime/telemetry/metrics.ts";
import type { Connections } from "../storage/connections/connections.ts";
import type { ChangeConfig } from "../storage/workspaces/config-changes.ts";
import { apiKeyRoutes } from "./access/api-keys.ts";
import { meRoutes } from "./access/me.ts";
import { memberRoutes } from "./access/members.ts";
import type { SignIn } from "./access/sign-in.ts";
import { signInRoutes } from "./access/sign-in-routes.ts";
import type { RouteGroup } from "./app.ts";
import { catchRoutes } from "./catchers/catch.ts";
import { catcherRoutes } from "./catchers/catchers.ts";
import { channelRoutes } from "./channels/channels.ts";
import { type ChannelCheckDeps, channelCheckRoutes } from "./channels/check.ts";
import { channelOnboardingRoutes } from "./channels/onboarding.ts";
import { templateRoutes } from "./channels/templates.ts";
import { contactRoutes } from "./conversations/contacts.ts";
import { conversationRoutes } from "./conversations/conversations.ts";
import { mediaRoutes } from "./conversations/media.ts";
import { type MediaOnceDeps, mediaOnceRoutes } from "./conversations/media-once.ts";
import { mediaUploadRoutes, type UploadRoom } from "./conversations/media-upload.ts";
import { messageListRoutes } from "./conversations/message-list.ts";
import { messageRoutes } from "./conversations/messages.ts";
import { deadLetterRoutes } from "./deliveries/dead-letters.ts";
import { deliveryRoutes } from "./deliveries/deliveries.ts";
import { deliveryExportRoutes } from "./deliveries/delivery-export.ts";
import { deliveryShadowRoutes } from "./deliveries/delivery-shadow.ts";
import { jobRoutes } from "./deliveries/jobs.ts";
import { ledgerRoutes } from "./deliveries/ledger.ts";
import { queueRoutes } from "./deliveries/queue.ts";
import { seriesRoutes } from "./deliveries/series.ts";
import { whyRoutes } from "./deliveries/why.ts";
import { endpointActionRoutes } from "./endpoints/actions.ts";
import { dialectRoutes } from "./endpoints/dialects.ts";
import { doctorRoutes } from "./endpoints/doctor.ts";
import type { UrlVerdict } from "./endpoints/endpoint-change.ts";
import { endpointHealthRoutes } from "./endpoints/endpoint-health.ts";
import { endpointRouteGroups } from "./endpoints/endpoint-routes.ts";
import { endpointViews } from "./endpoints/endpoint-view.ts";
import { endpointKeyRoutes } from "./endpoints/keys.ts";
import { eventTypeRoutes } from "./events/event-types.ts";
import { eventRoutes } from "./events/events.ts";
import { eventExpungingRoutes } from "./events/expunging.ts";
import { createPublishing } from "./events/publishing.ts";
import type { SchemaCheck } from "./events/schema-check.ts";
import { streamRoutes } from "./events/stream.ts";
import type { ExpressRoute } from "./express-lane.ts";
import { metaExpress, type PublishExpressDeps, publishExpress } from "./express-routes.ts";
import { createChannelSecrets } from "./ingress/channel-secrets.ts";
import { ingressRoutes } from "./ingress/ingress.ts";
import { createTwilioChannels } from "./ingress/twilio-channels.ts";
import { unroutableRoutes } from "./ingress/unroutable.ts";
import { instanceHealthRoutes } from "./instance/instance-health.ts";
import { serverInfoRoutes } from "./instance/server-info.ts";
import { sendRoutes } from "./send/send.ts";
import { type SimulatorRoutesDeps, simulatorRoutes } from "./simulator/simulator.ts";
import type { FairShare } from "./turns/fair-share.ts";
import { accountRoutes } from "./workspaces/accounts.ts";
import { auditLogRoutes } from "./workspaces/audit-log.ts";
import { planRoutes } from "./workspaces/plans.ts";
import { settingsRoutes } from "./workspaces/settings.ts";
import { usageRoutes } from "./workspaces/usage.ts";
import { workspaceRoutes } from "./workspaces/workspaces.ts";

/** What all the routes together stand on. */
export interface RoutesDeps {
  connections: Connections;
  clock: Clock;
  newId(): string;
  changeConfig: ChangeConfig;
  vault: Vault;
  metrics: Metrics;
  logger: Logger;
  engine: Pick<Engine, "followed" | "sender" | "directory">;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  outbox: Outbox;
  publish: Publish;
  /** Counts what a workspace brings beyond one event a request. */
  spend(workspaceId: string, events: number): void;
  replays: Replays;
  longWork: Pick<FairShare, "pass">;
  expungeOne: ExpungeOne;
  notices: Notices;
  followers: Followers;
  requireSchemas: SchemaCheck["require"];
  /** How far this process's clock is from the database's. */
  clockOffsetMs(): number;
  /** Whether webhooks leave from this process because no thread for them starts. */
  isWithoutSendingThread(): boolean;
  signIn: SignIn;
  prober: Prober;
  /** Whether webhooks may go there. */
  checkUrl(url: string): Promise<UrlVerdict>;
  retentionMs: number;
  providers: ChannelCheckDeps["http"];
  places: Pick<Config, "meta" | "twilio" | "publicUrl">;
  openCredentials(sealed: string, channelId: string): string;
  templates: TemplateSync;
  files: FileStore;
  uploads: UploadRoom;
  mediaLinks: MediaLinks;
  /** Files that are handed on and not kept. */
  mediaOnce: Pick<MediaOnceDeps, "links" | "passage" | "maxBytes">;
  defaultWorkspaceId: string;
  /** SHA-256 of the instance's admin key. */
  adminDigest: Buffer;
  /** Who plays providers, where that is allowed. */
  simulator: Pick<SimulatorRoutesDeps, "phones" | "reason" | "appSecret">;
  /** Where a catcher is, as endpoints name it. */
  catcherUrl(catcherId: string): string;
  /** Whether only this machine can reach the server. */
  isLocal: boolean;
  version: string;
}

/** Every group of routes, and what each of them needs. */
export function allRoutes(deps: RoutesDeps): RouteGroup[] {
  const { connections, clock, newId, changeConfig, vault, metrics, logger, engine } = deps;
  const { inbox, outbox, publish, replays, notices, followers, signIn, prober, checkUrl } = deps;
  const { requireSchemas, clockOffsetMs, spend } = deps;
  const { retentionMs, providers, places, openCredentials, templates } = deps;
  const { defaultWorkspaceId, adminDigest, isLocal, version } = deps;
  const urlOf = (catcherId: string) => deps.catcherUrl(catcherId);
  const { files, mediaLinks } = deps;
  const { meta, publicUrl } = places;
  const db = connections.pool;
  const showing = { db, clock, linkMedia: mediaLinks.link };
  const resources = { db, newId, clock, changeConfig };
  const connecting = {
    ...{ ...resources, vault },
    announce: () => outbox.announce(),
  };
  const views = endpointViews({ db, clock, dialects: dialectNames.map(getDialect) });
  return [
    {
      path: "/",
      app: ingressRoutes({
        meta,
        channelSecrets: createChannelSecrets({ db, vault, verifyToken: meta.verifyToken }),
        twilioChannels: createTwilioChannels({ db, vault }),
        publicUrl,
        inbox,
        metrics,
        logger: logger.child({ room: "ingress" }),
      }),
    },
    { path: "/", app: catchRoutes({ db, clock, newId, vault, urlOf }) },
    { path: "/", app: mediaRoutes({ db, clock, store: files, links: mediaLinks }) },
    { app: mediaUploadRoutes({ ...deps.uploads, db, newId, clock }) },
    { path: "/", app: mediaOnceRoutes({ ...deps.mediaOnce, db, clock, logger }) },
    { app: workspaceRoutes(resources) },
    {
      path: "/",
      app: signInRoutes({
        ...{ connections, clock, signIn, newId, publicUrl },
        defaultWorkspaceId,
        adminDigest,
        isLocal,
      }),
    },
    { app: meRoutes({ db }) },
    { app: memberRoutes({ connections, clock, newId }) },
    { app: auditLogRoutes({ db }) },
    { app: planRoutes({ db }) },
    { app: usageRoutes({ db, clock }) },
    { app: accountRoutes(resources) },
    { app: apiKeyRoutes(resources) },
    {
      app: channelCheckRoutes({
        ...{ db, places, openCredentials, http: providers },
        logger: logger.child({ room: "check" }),
      }),
    },
    { app: templateRoutes({ db, templates }) },
    { app: channelRoutes(connecting) },
    {
      app: channelOnboardingRoutes({ ...connecting, places, http: providers, app: appOf(meta) }),
    },
    { app: conversationRoutes(showing) },
    { app: messageListRoutes(showing) },
    { app: messageRoutes({ ...showing, outbox }) },
    { app: simulatorRoutes({ ...resources, vault, ...deps.simulator }) },
    { app: contactRoutes({ db }) },
    { app: unroutableRoutes({ db }) },
    ...endpointRouteGroups({
      ...resources,
      ...{ vault, views, notices, prober },
      checkUrl,
      findView: ({ serial }) => engine.directory.findEndpoint(serial),
    }).map((app) => ({ app })),
    { app: endpointKeyRoutes({ ...resources, vault }) },
    { app: catcherRoutes({ db, clock, newId, urlOf }) },
    { app: doctorRoutes({ clock }) },
    { app: dialectRoutes({ clock, newId, checkUrl }) },
    { app: endpointActionRoutes({ db, replays }) },
    { app: endpointHealthRoutes({ db, clock, lane: (serial) => engine.sender.lane(serial) }) },
    {
      app: eventRoutes({
        ...{ db, publish, clock, retentionMs, requireSchemas },
        onFollowed: () => engine.followed(),
        spend,
      }),
    },
    {
      app: streamRoutes({ db, clock, retentionMs, followers }),
    },
    { app: whyRoutes({ db }) },
    { app: eventExpungingRoutes({ expungeOne: deps.expungeOne }) },
    {
      app: instanceHealthRoutes({
        ...{ db, clock, clockOffsetMs },
        isWithoutSendingThread: () => deps.isWithoutSendingThread(),
        inFlight: () => engine.sender.inFlight,
      }),
    },
    { app: serverInfoRoutes({ db, version }) },
    { app: eventTypeRoutes(resources) },
    { app: deliveryExportRoutes({ db, longWork: deps.longWork }) },
    { app: deliveryRoutes({ db, replays }) },
    { app: deliveryShadowRoutes({ db }) },
    { app: deadLetterRoutes({ db, replays }) },
    { app: jobRoutes({ db, clock }) },
    { app: ledgerRoutes({ db, clock, retentionMs }) },
    { app: seriesRoutes({ db, clock, retentionMs }) },
    { app: queueRoutes({ db, clock }) },
    { app: settingsRoutes(resources) },
    {
      app: sendRoutes({
        ...{ db, outbox, clock, linkMedia: mediaLinks.link },
        logger: logger.child({ room: "send" }),
      }),
    },
  ];
}

/** Of these, what is asked so often that it has an express lane. */
export function expressRoutes(
  deps: RoutesDeps & Pick<PublishExpressDeps, "authenticate" | "room">,
): ExpressRoute[] {
  const { authenticate, room, inbox, metrics, logger, places } = deps;
  return [
    publishExpress({ authenticate, room, answerPublish: createPublishing(deps) }),
    metaExpress({ inbox, metrics, meta: places.meta, logger: logger.child({ room: "ingress" }) }),
  ];
}

/** The operator's own Meta app, where it was named with its secret. */
function appOf({ appId, appSecrets }: Config["meta"]): MetaApp | null {
  const [secret] = appSecrets;
  return appId === null || secret === undefined ? null : { id: appId, secret };
}

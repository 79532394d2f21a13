import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "./config/config.ts";
import { loadMasterKeys, lookAtKeptKeys } from "./config/master-key.ts";
import type { Logger } from "./core/log.ts";
import type { Queryable } from "./core/recording.ts";
import { BehindKeeper } from "./delivery/behind.ts";
import { CATCH_UP_KIND, catchUpJob } from "./delivery/catch-up-job.ts";
import { DELETION_KIND, deletionJob } from "./delivery/deletion-job.ts";
import { Engine } from "./delivery/engine.ts";
import { Followers } from "./delivery/followers.ts";
import { JobRunner } from "./delivery/jobs.ts";
import { MISSING_KIND, missingJob } from "./delivery/missing.ts";
import { Notices, noticeSpec } from "./delivery/notices.ts";
import { Prober } from "./delivery/prober.ts";
import { createPublisher } from "./delivery/publish.ts";
import { Replays } from "./delivery/replay.ts";
import { REPLAY_KIND, replayJob } from "./delivery/replay-job.ts";
import { startRounds } from "./delivery/rounds.ts";
import { endTrials } from "./delivery/trials.ts";
import { Warden } from "./delivery/warden.ts";
import { WorkspaceDisk } from "./delivery/workspace-disk.ts";
import { WorkspaceRates } from "./delivery/workspace-rates.ts";
import { dialectNames, getDialect } from "./dialects/registry.ts";
import { ensureAdminKey } from "./http/admin-key.ts";
import { createHttpApp } from "./http/app.ts";
import { createAuthenticator } from "./http/authentication.ts";
import { createExpressLane } from "./http/express-lane.ts";
import { listen } from "./http/listen.ts";
import { isLoopback } from "./http/loopback.ts";
import { createSignIn, ensureSignInSecret } from "./http/open-sign-in.ts";
import { guardRoutes, Outage } from "./http/outage.ts";
import { OwnAddress } from "./http/own-address.ts";
import { readinessOf } from "./http/readiness.ts";
import { allRoutes, expressRoutes, type RoutesDeps } from "./http/routes.ts";
import { SchemaCheck } from "./http/schema-check.ts";
import { createSessionDoor } from "./http/session-door.ts";
import { SimulatorPhones } from "./http/simulator-phones.ts";
import { inboxSpec } from "./inbox/inbox.ts";
import { InlineMedia } from "./inbox/inline-media.ts";
import { mediaEndsSpec } from "./inbox/media-ends.ts";
import { MediaFetcher } from "./inbox/media-fetcher.ts";
import { MediaRemover } from "./inbox/media-remover.ts";
import { Newcomers } from "./inbox/newcomers.ts";
import { grantProfileWishes } from "./inbox/profile-wishes.ts";
import { rejoinOnce } from "./inbox/rejoin.ts";
import { SmsReconciler } from "./inbox/sms-reconciler.ts";
import { TemplateSync } from "./inbox/template-sync.ts";
import { TokenRenewals } from "./inbox/token-renewals.ts";
import { doubtsOf } from "./outbox/doubts.ts";
import { Outbox, takeOver } from "./outbox/outbox.ts";
import { findSender } from "./outbox/sender.ts";
import { parseAllowTargets } from "./runtime/address-guard.ts";
import { chance } from "./runtime/chance.ts";
import { type SystemClock, systemClock } from "./runtime/clock.ts";
import { Closing } from "./runtime/closing.ts";
import { createGuard } from "./runtime/guard.ts";
import { createIds } from "./runtime/ids.ts";
import { createLogger } from "./runtime/logger.ts";
import { createDownloads } from "./runtime/media-download.ts";
import { createMediaLinks } from "./runtime/media-links.ts";
import { openMediaRoom } from "./runtime/media-room.ts";
import { mediaTypeOf, mediaTypeOfHead } from "./runtime/media-type.ts";
import { createMetrics, type Metrics, type RefusalReason } from "./runtime/metrics.ts";
import { createOnceLinks } from "./runtime/once-links.ts";
import { createProviderClient, type ProviderClient } from "./runtime/provider-client.ts";
import { readProxy } from "./runtime/proxy-connector.ts";
import { secretFrom } from "./runtime/secrets.ts";
import { createSendingClient } from "./runtime/sending-client.ts";
import { placesWithSimulator, SimulatorHost, withSimulator } from "./runtime/simulator-host.ts";
import { createTimerWheel } from "./runtime/timer-wheel.ts";
import { findTracing, traceProviders } from "./runtime/tracing.ts";
import { createVault, keyIdOf, type Vault } from "./runtime/vault.ts";
import { createWebhookClient } from "./runtime/webhook-client.ts";
import { credentialsPlace } from "./storage/channels.ts";
import { announceConfig, createConfigChanges } from "./storage/config-changes.ts";
import { followDatabase } from "./storage/database-time.ts";
import { freeBytes } from "./storage/embedded/disk-space.ts";
import { authPlace, headersPlace, secretPlace } from "./storage/endpoints.ts";
import { holdIfMoved, readHold } from "./storage/instance-hold.ts";
import { type OpenDatabase, openDatabase } from "./storage/open-database.ts";
import { ensurePartitions } from "./storage/partitions.ts";
import { countByKey } from "./storage/sealed-columns.ts";
import { openSignInDatabase } from "./storage/sign-in-database.ts";
import { useUpCode } from "./storage/used-codes.ts";
import { ensureDefaultWorkspace } from "./storage/workspaces.ts";

/** How long a graceful stop waits for what is in flight, to endpoints and to providers. */
const GRACE_MS = 20_000;
/** How long a stop takes at most: less than what is usually waited for before a process is killed. */
const LONGEST_STOP_MS = 25_000;
/** How often it is looked whose turn it is to be compared with Twilio's log. */
const RECONCILE_EVERY_MS = 60_000;
const TEMPLATES_EVERY_MS = 60_000;
const TRIALS_EVERY_MS = 10_000;
const OUTAGE_EVERY_MS = 1_000;
const REJOIN_EVERY_MS = 1_000;
const NEWCOMERS_EVERY_MS = 2_000;
const PROFILES_EVERY_MS = 5_000;
const MEDIA_EVERY_MS = 500;
const TOKENS_EVERY_MS = 10 * 60_000;
const MEDIA_BACKLOG_EVERY_MS = 15_000;
const REMOVALS_EVERY_MS = 5_000;
const EXPIRED_FILES_EVERY_MS = 60 * 60_000;
const MASTER_KEY_EVERY_MS = 1_000;
const MOVED_EVERY_MS = 5_000;
const DAY_MS = 24 * 60 * 60_000;
const MEGABYTE = 1024 * 1024;

export interface App {
  url: string;
  /** Only when it was made just now: nobody can show it again. */
  adminKey: string | null;
  close(): Promise<void>;
}

export interface AppOptions {
  version?: string;
}

/** Brings the database to this version's schema, and ends. */
export async function migrateDatabase(config: Config): Promise<void> {
  const clock = systemClock();
  const database = await open(config, loggerFor(config), clock, createMetrics());
  await database.close();
}

/** Everything that Curlew is, built from its configuration and running. */
export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const clock = systemClock();
  const logger = loggerFor(config);
  const masterKeys = await loadMasterKeys(config);
  const vault = createVault(masterKeys);
  const metrics = createMetrics();
  const database = await open(config, logger, clock, metrics);
  const closing = new Closing(logger);
  closing.add(() => database.close());
  try {
    return await build({
      config,
      logger,
      clock,
      masterKeys,
      vault,
      metrics,
      database,
      closing,
      options,
    });
  } catch (error) {
    await closing.close();
    throw error;
  }
}

interface Ground {
  config: Config;
  logger: Logger;
  clock: SystemClock;
  masterKeys: readonly Uint8Array[];
  vault: Vault;
  metrics: Metrics;
  database: OpenDatabase;
  closing: Closing;
  options: AppOptions;
}

async function build(ground: Ground): Promise<App> {
  const { config, logger, clock, vault, metrics, closing } = ground;
  const { connections } = ground.database;
  const db = connections.pool;
  const tracing = findTracing(ground.options.version ?? "0.0.0");
  const wheel = createTimerWheel({ clock });
  wheel.start();
  closing.add(() => wheel.stop());
  const ownAddress = new OwnAddress(config.publicUrl);
  const guard = createGuard({
    allow: parseAllowTargets(config.allowTargets),
    exempt: (url) => ownAddress.isCatcher(url),
  });
  const proxy = config.egressProxy && readProxy(config.egressProxy.reveal());
  const webhooks = createWebhookClient({ clock, wheel, guard, proxy });
  closing.add(() => webhooks.close());
  const { allowTargets } = config;
  const threaded = hasSendingThread(config)
    ? createSendingClient({ clock, logger, guard, proxy, allowTargets, here: webhooks })
    : null;
  if (threaded) closing.add(() => threaded.close());
  const deliveries = threaded ?? webhooks;
  const straight = createProviderClient({ clock, wheel });
  closing.add(() => straight.close());

  await followDatabase(clock, db);
  // Neither ids nor the clock ever go back: nobody may have asked a wrong one.
  const ids = createIds(clock);
  const newId = () => ids.next();
  await ensurePartitions(db, clock.now());
  const workspace = await ensureDefaultWorkspace(connections, { id: newId(), now: clock.now() });
  const admin = await ensureAdminKey(db, config.adminKey);
  // A key that was made and never shown would lock everybody out.
  const served = { yes: false };
  closing.add(() => (served.yes ? undefined : admin.withdraw()));
  const authenticator = createAuthenticator({
    db,
    clock,
    logger,
    adminDigest: admin.digest,
    defaultWorkspaceId: workspace.id,
  });
  closing.add(() => authenticator.close());

  await holdIfMoved(db, clock.now());
  await tellHold(db, logger);
  await tellMissingKeys(db, vault, logger);

  const onceLinks = createOnceLinks({
    vault,
    baseUrl: () => ownAddress.base,
    linkMs: config.media.linkMs,
  });
  const schemas = new SchemaCheck(db);
  const requireSchemas: SchemaCheck["require"] = (workspaceId, events) =>
    schemas.require(workspaceId, events);
  const engine = new Engine({
    connections,
    clock,
    ids,
    logger: logger.child({ room: "delivery" }),
    metrics: { ...metrics, attempt: (outcome, ms) => metrics.attempt(outcome, ms / 1000) },
    tracing,
    name: `${hostname()} ${process.pid}`,
    role: config.role,
    random: chance,
    keyIds: () => vault.keyIds(),
    openTarget: (key, o) => deliveries.open(key, o),
    addressBody: onceLinks.addressed,
    openSecret: (sealed, secretId) => vault.open(sealed, secretPlace(secretId)),
    openColumn: (sealed, column, id) =>
      vault.open(sealed, column === "auth" ? authPlace(id) : headersPlace(id)),
    onDatabaseTime: (databaseMs, roundTripMs) => clock.sync(databaseMs, roundTripMs),
    onConfig: (workspaceId) => {
      authenticator.invalidate(workspaceId ?? undefined);
      schemas.invalidate(workspaceId);
    },
    onDisableAsked: (endpoint, control) => void warden.asked(endpoint, control),
    onWritten: (workspaceId, payload) => disk.wrote(workspaceId, payload.length),
    onRecover: async (tx, processId) => void (await takeOver(tx, processId, clock.now())),
  });
  const { makeAcceptor } = engine;
  const onChanged = async (workspaceId: string) => {
    authenticator.invalidate(workspaceId);
    schemas.invalidate(workspaceId);
    await engine.directory.load(workspaceId);
  };
  const changeConfig = createConfigChanges({
    connections,
    logger,
    onChanged,
    onAppliedEverywhere: (version) => engine.appliedEverywhere(version),
  });
  const openCredentials = (sealed: string, channelId: string) =>
    vault.open(sealed, credentialsPlace(channelId));
  const [masterKey = new Uint8Array()] = ground.masterKeys; // without one there is no vault
  const standIn = secretFrom(masterKey, "curlew sign-in v1");
  const signInSecret = await ensureSignInSecret(db, vault, { standIn, logger });
  const simulator = openSimulator({
    ground,
    http: straight,
    ownAddress,
    signInSecret,
    openCredentials,
  });
  closing.add(() => simulator.host.close());
  const providers = traceProviders(
    tracing,
    withSimulator(straight, () => simulator.host.url()),
  );
  const places = { meta: config.meta, twilio: config.twilio, publicUrl: config.publicUrl };
  const templates = new TemplateSync({
    ...{ connections, http: providers, places, openCredentials, newId, clock },
    logger: logger.child({ room: "templates" }),
  });
  const mediaLinks = createMediaLinks({
    secret: signInSecret,
    baseUrl: () => ownAddress.base,
    linkMs: config.media.linkMs,
  });
  const mediaRoom = await openMediaRoom({ dataDir: config.dataDir, s3: config.media.s3, clock });
  closing.add(() => mediaRoom.close());
  const downloads = createDownloads({
    ...{ clock, wheel, guard },
    isTrusted: (origin) =>
      [config.meta.graphUrl, config.twilio.apiUrl].some((url) => new URL(url).origin === origin) ||
      simulator.host.isAt(origin),
  });
  closing.add(() => downloads.close());
  const mediaLogger = logger.child({ room: "media" });
  const placesOf = placesWithSimulator(places, () => simulator.host.url());
  const mediaFetcher = new MediaFetcher({
    ...{ db, http: providers, placesOf, clock, metrics, ...mediaRoom },
    findSender: (id) => findSender({ db, openCredentials, logger: mediaLogger }, id),
    download: downloads.download,
    typeOf: mediaTypeOf,
    ends: makeAcceptor(mediaEndsSpec()),
    maxBytes: config.media.maxBytes,
    logger: mediaLogger,
  });
  const mediaRemover = new MediaRemover({ db, store: mediaRoom.store, logger: mediaLogger });
  const files = { link: mediaLinks.link, once: onceLinks.once };
  const inbox = makeAcceptor(inboxSpec(files));
  const profiles = {
    ...{ db, inbox, clock, http: providers, places },
    findSender: (id: string) => findSender({ db, openCredentials, logger: mediaLogger }, id),
  };
  const passage = { ...profiles, placesOf, open: downloads.open, typeOf: mediaTypeOfHead };
  const newcomers = new Newcomers({
    ...profiles,
    inbox: new InlineMedia({ ...passage, logger: mediaLogger }),
    newId,
    logger: logger.child({ room: "inbox" }),
  });
  const outbox = new Outbox({
    db,
    changeConfig,
    makeAcceptor,
    clock,
    random: chance,
    http: providers,
    places,
    openCredentials,
    sends: config.role !== "api",
    processId: () => engine.membership.current.id,
    logger: logger.child({ room: "outbox" }),
    metrics,
  });
  const tokens = new TokenRenewals({
    ...{ db, changeConfig, http: providers, places, clock, openCredentials },
    sealCredentials: (plain, channelId) => vault.seal(plain, credentialsPlace(channelId)),
    degraded: (channelId, error) => outbox.announceDegraded(channelId, error),
    restored: (channelId) => outbox.announceRestored(channelId, "its access token was renewed"),
    logger: logger.child({ room: "inbox" }),
  });
  const retentionMs = config.retentionDays * DAY_MS;
  const wake = (endpoints: readonly number[]) => engine.wake(endpoints);
  const findSubscription = async (endpoint: number) =>
    (await engine.directory.findEndpoint(endpoint))?.subscription ?? null;
  const jobs = new JobRunner({
    connections,
    clock,
    logger: logger.child({ room: "jobs" }),
    process: () => (engine.isReady ? engine.membership.current.id : null),
    kinds: {
      [DELETION_KIND]: deletionJob,
      [REPLAY_KIND]: replayJob({ retentionMs, wake }),
      [MISSING_KIND]: missingJob({ retentionMs, wake, findSubscription }),
      [CATCH_UP_KIND]: catchUpJob({
        ...{ retentionMs, wake },
        onConfigChanged: (workspaceId) => {
          tellConfig(workspaceId).catch((error: unknown) => {
            logger.warn({ err: error }, "a change is applied with the next heartbeat");
          });
        },
        onCancelled: (deliveries) => metrics.settled("cancelled", deliveries),
      }),
    },
  });
  const tellConfig = announceConfig({ connections, logger, onChanged });
  const behind = new BehindKeeper({
    ...{ connections, changeConfig, clock, newId },
    logger: logger.child({ room: "delivery" }),
    onJob: () => jobs.poke(),
  });
  engine.directory.onChange(() => behind.poke());
  const replays = new Replays({
    findSubscription,
    connections,
    clock,
    newId,
    retentionMs,
    wake,
    onJob: () => jobs.poke(),
  });
  const publish = createPublisher(makeAcceptor);
  const rates = new WorkspaceRates(config.workspaceRate, clock);
  const disk = new WorkspaceDisk({
    ...{ db, clock, publish, mostBytes: config.workspaceDiskMb * MEGABYTE },
    logger: logger.child({ room: "delivery" }),
  });
  const followers = new Followers({
    ...{ db, clock, logger: logger.child({ room: "stream" }) },
    onFollowed: () => engine.followed(),
  });
  const notices = new Notices({ db, tell: makeAcceptor(noticeSpec()), clock, logger });
  const warden = new Warden({
    ...{ db, changeConfig, notices, clock, logger },
    disableAfterDays: config.disableAfterDays,
    dialects: dialectNames.filter((name) => getDialect(name).honoursControl),
  });
  const signIn = createSignIn({
    database: openSignInDatabase(connections),
    secret: signInSecret,
    useUpCode: (personId, code) => useUpCode(db, { personId, code, now: clock.now() }),
    publicUrl: config.publicUrl,
    logger: logger.child({ room: "sign-in" }),
  });
  const version = ground.options.version ?? "0.0.0";
  const prober = new Prober({ clock, newId, openTarget: (key, o) => webhooks.open(key, o) });
  const routesDeps: RoutesDeps = {
    ...{ connections, clock, newId, changeConfig, vault, metrics, logger, engine, outbox },
    inbox: newcomers,
    spend: (workspaceId, events) => rates.spend(workspaceId, events),
    ...{ publish, replays, notices, followers, requireSchemas, signIn, prober, retentionMs },
    ...{ providers, places, openCredentials, templates, mediaLinks, files: mediaRoom.store },
    mediaOnce: { links: onceLinks, passage, maxBytes: config.media.maxBytes },
    clockOffsetMs: () => clock.offsetMs,
    isWithoutSendingThread: () => threaded?.isWithoutThread ?? false,
    checkUrl: (url) => guard.checkUrl(url),
    simulator,
    catcherUrl: (catcherId) => ownAddress.catcherUrl(catcherId),
    defaultWorkspaceId: workspace.id,
    adminDigest: admin.digest,
    isLocal: isOnlyHere(config),
    version,
  };
  const outage = new Outage(() => engine.isReady);
  let isStopping = false;
  const { authenticate } = authenticator;
  const requests = { logger: logger.child({ room: "http" }), clock, metrics, newId };
  const room = { rates, disk, onRefused: (reason: RefusalReason) => metrics.refused(reason) };
  const servesApi = config.role !== "worker";
  const app = createHttpApp({
    ...requests,
    version,
    authenticate,
    enterSignedIn: createSessionDoor({ db, signIn, publicUrl: config.publicUrl }),
    audit: { db, newId, clock },
    tracing,
    outage,
    room,
    servesApi,
    dashboardDir: dashboardDir(),
    ready: () => readinessOf({ db, engine, isStopping, clock }),
    routes: allRoutes(routesDeps),
  });
  // What is traced is followed through Hono.
  const express =
    servesApi && !tracing
      ? createExpressLane(
          requests,
          guardRoutes(outage, expressRoutes({ ...routesDeps, authenticate, room })),
        )
      : null;

  await engine.start();
  closing.add(() => engine.stop(GRACE_MS));
  const sending = new AbortController();
  const sends = outbox.run(sending.signal);
  closing.add(async () => {
    sending.abort();
    await outbox.close(GRACE_MS);
    await sends;
  });
  jobs.start();
  closing.add(() => jobs.stop());
  behind.start();
  closing.add(() => behind.stop());
  closing.add(() => notices.flush({ all: true }));
  const rounds = startRounds({
    ...{ connections, clock, logger, metrics, engine, retentionMs, notices, warden, disk },
    freeBytes: config.databaseUrl ? undefined : () => freeBytes(config.dataDir),
  });
  const reconciler = new SmsReconciler({
    ...{ db, http: providers, places, clock, inbox, openCredentials },
    doubtsOf: (channelId) => doubtsOf(db, channelId),
    logger: logger.child({ room: "inbox" }),
  });
  if (config.role !== "api") {
    rounds.every("templates", TEMPLATES_EVERY_MS, () => templates.runOnce());
    rounds.every("tokens", TOKENS_EVERY_MS, () => tokens.runOnce());
    rounds.every("profiles", PROFILES_EVERY_MS, () => grantProfileWishes(profiles));
    rounds.every("media", MEDIA_EVERY_MS, () => mediaFetcher.begin());
    closing.add(() => mediaFetcher.close());
  }
  rounds.every("sms", RECONCILE_EVERY_MS, () => reconciler.runOnce());
  rounds.every("moved database", MOVED_EVERY_MS, async () => {
    if (await holdIfMoved(db, clock.now())) await tellHold(db, logger);
  });
  rounds.every("outage", OUTAGE_EVERY_MS, () => outage.look());
  rounds.every("trials", TRIALS_EVERY_MS, () => endTrials({ db, clock, changeConfig }));
  rounds.every("rejoin", REJOIN_EVERY_MS, () =>
    rejoinOnce({ db, inbox, clock, onUnroutable: (n) => metrics.unroutable(n) }),
  );
  rounds.every("newcomers", NEWCOMERS_EVERY_MS, () => newcomers.runOnce());
  closing.add(() => newcomers.quiet());
  rounds.every("media backlog", MEDIA_BACKLOG_EVERY_MS, async () => {
    const { files, oldestS } = await mediaFetcher.backlog();
    metrics.watch("media_waiting", files);
    metrics.watch("media_oldest_seconds", oldestS);
  });
  rounds.every("media removals", REMOVALS_EVERY_MS, () => mediaRemover.runOnce());
  rounds.every("expired files", EXPIRED_FILES_EVERY_MS, () =>
    mediaRemover.removeExpired(clock, retentionMs),
  );
  if (config.masterKeys.length === 0) {
    rounds.every("master key", MASTER_KEY_EVERY_MS, async () => followKeptKeys(config, vault));
  }
  closing.add(() => rounds.stop());
  const server = await listen(app.fetch, config, clock, express);
  ownAddress.listensAt(server.url);
  closing.add(async () => {
    isStopping = true;
    // Streams never end by themselves; who follows goes on at another process.
    await followers.close();
    await server.close();
  });
  served.yes = true;
  logger.info({ url: server.url, role: config.role }, "Curlew serves");
  return { url: server.url, adminKey: admin.made, close: () => closeInTime(ground) };
}

/** A thread more is worth it where it has a core to run on, in a process that sends. */
function hasSendingThread({ sendingThread, role }: Config): boolean {
  return role !== "api" && (sendingThread ?? availableParallelism() > 1);
}

/** The simulator, which starts when it is first needed, where the operator lets it. */
function openSimulator(o: {
  ground: Ground;
  http: ProviderClient;
  ownAddress: OwnAddress;
  signInSecret: string;
  openCredentials(sealed: string, channelId: string): string;
}) {
  const { config, clock, database } = o.ground;
  const isAllowed = config.simulator ?? isOnlyHere(config);
  // The same in every process and after every start: channels keep it among their credentials.
  const appSecret = createHmac("sha256", o.signInSecret).update("simulator").digest("hex");
  const host = new SimulatorHost({
    entry: isAllowed ? besideServer("index.js", ["../../simulator/dist", "../simulator"]) : null,
    appSecret,
    onStarted: (url) => phones.started(url),
  });
  const phones = new SimulatorPhones({
    ...{ db: database.connections.pool, clock, http: o.http },
    simulatorUrl: () => host.url(),
    callbacks: () => ({ publicBase: o.ownAddress.base, localBase: o.ownAddress.local }),
    openCredentials: o.openCredentials,
  });
  const reason = !isAllowed
    ? "Channels are simulated where only this machine reaches the server; CURLEW_SIMULATOR=on allows it here."
    : host.isAvailable
      ? null
      : "The simulator is not installed here.";
  return { host, phones, appSecret, reason };
}

function isOnlyHere({ host, publicUrl }: Config): boolean {
  return isLoopback(host) && publicUrl === null;
}

/**
 * Closes everything. What hangs, be it a receiver or a database that is away, is given up after a
 * while: the others take it over.
 */
async function closeInTime({ closing, clock, database, logger }: Ground): Promise<void> {
  const done = new AbortController();
  const closed = closing.close().finally(() => done.abort());
  await Promise.race([closed, clock.sleep(LONGEST_STOP_MS, done.signal)]);
  if (done.signal.aborted) return;
  logger.warn({}, "what is still under way is given up");
  await database.close();
}

/** Says at every start that nothing leaves, and how to go on. */
async function tellHold(db: Queryable, logger: Logger): Promise<void> {
  const { deliveriesSince, messagesSince, reason } = await readHold(db);
  const held = [deliveriesSince && "deliveries", messagesSince && "messages"].filter(Boolean);
  if (held.length === 0) return;
  logger.warn(
    { held, reason },
    "deliveries and messages are held back: curlew resume lets them leave",
  );
}

/** Says once what cannot be opened, not for each endpoint and channel. */
async function tellMissingKeys(db: Queryable, vault: Vault, logger: Logger): Promise<void> {
  const ours = vault.keyIds();
  for (const [key, values] of await countByKey(db)) {
    if (ours.includes(key)) continue;
    logger.error(
      { key, values, ours },
      "credentials and signing secrets cannot be opened: they were sealed with another master key. Their endpoints and channels stand still until CURLEW_MASTER_KEY holds that key too",
    );
  }
}

/** `curlew rotate-master-key` changes the file under a running server. */
function followKeptKeys({ dataDir }: Config, vault: Vault): void {
  const kept = lookAtKeptKeys(dataDir);
  if (kept && kept.map(keyIdOf).join() !== vault.keyIds().join()) vault.change(kept);
}

function open(
  config: Config,
  logger: Logger,
  clock: SystemClock,
  metrics: Metrics,
): Promise<OpenDatabase> {
  return openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    applicationName: `curlew ${process.pid}`,
    logger,
    clock,
    onStatement: (name, ms) => metrics.database(name, ms / 1000),
  });
}

function loggerFor({ logLevel, logFormat }: Config): Logger {
  const pretty = logFormat === "pretty" || (logFormat === null && process.stdout.isTTY);
  return createLogger({ level: logLevel, pretty });
}

/** The built dashboard; null where it was not built. */
function dashboardDir(): string | null {
  const page = besideServer("index.html", ["../../dashboard/dist", "../dashboard"]);
  return page === null ? null : dirname(page);
}

/**
 * A file of another package's output: that package's own in a checkout, inside ours where Curlew was
 * installed as a package; null where it was not built.
 */
function besideServer(name: string, places: readonly string[]): string | null {
  const files = places.map((place) => join(fileURLToPath(new URL(place, import.meta.url)), name));
  return files.find((file) => existsSync(file)) ?? null;
}

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import type { Config } from "./config/config.ts";
import { loadMasterKeys } from "./config/master-key.ts";
import type { Logger } from "./core/log.ts";
import { BehindKeeper } from "./delivery/behind.ts";
import { CATCH_UP_KIND, catchUpJob } from "./delivery/catch-up-job.ts";
import { DELETION_KIND, deletionJob } from "./delivery/deletion-job.ts";
import { Engine } from "./delivery/engine.ts";
import { Followers } from "./delivery/followers.ts";
import { JobRunner } from "./delivery/jobs.ts";
import { MISSING_KIND, missingJob } from "./delivery/missing.ts";
import { Notices } from "./delivery/notices.ts";
import { Prober } from "./delivery/prober.ts";
import { createPublisher } from "./delivery/publish.ts";
import { Replays } from "./delivery/replay.ts";
import { REPLAY_KIND, replayJob } from "./delivery/replay-job.ts";
import { startRounds } from "./delivery/rounds.ts";
import { endTrials } from "./delivery/trials.ts";
import { Warden } from "./delivery/warden.ts";
import { dialectNames, getDialect } from "./dialects/registry.ts";
import { ensureAdminKey } from "./http/admin-key.ts";
import { createHttpApp } from "./http/app.ts";
import { createAuthenticator } from "./http/authentication.ts";
import { listen } from "./http/listen.ts";
import { createSignIn, ensureSignInSecret } from "./http/open-sign-in.ts";
import { OwnTypes } from "./http/own-types.ts";
import { readinessOf } from "./http/readiness.ts";
import { allRoutes } from "./http/routes.ts";
import { createSessionDoor } from "./http/session-door.ts";
import { inboxSpec } from "./inbox/inbox.ts";
import { rejoinOnce } from "./inbox/rejoin.ts";
import { SmsReconciler } from "./inbox/sms-reconciler.ts";
import { TemplateSync } from "./inbox/template-sync.ts";
import { doubtsOf } from "./outbox/doubts.ts";
import { Outbox, takeOver } from "./outbox/outbox.ts";
import { parseAllowTargets } from "./runtime/address-guard.ts";
import { chance } from "./runtime/chance.ts";
import { type SystemClock, systemClock } from "./runtime/clock.ts";
import { Closing } from "./runtime/closing.ts";
import { createGuard } from "./runtime/guard.ts";
import { createIds } from "./runtime/ids.ts";
import { createLogger } from "./runtime/logger.ts";
import { createMetrics, type Metrics } from "./runtime/metrics.ts";
import { createProviderClient } from "./runtime/provider-client.ts";
import { readProxy } from "./runtime/proxy-connector.ts";
import { createTimerWheel } from "./runtime/timer-wheel.ts";
import { createVault, type Vault } from "./runtime/vault.ts";
import { createWebhookClient } from "./runtime/webhook-client.ts";
import { credentialsPlace } from "./storage/channels.ts";
import { announceConfig, createConfigChanges } from "./storage/config-changes.ts";
import { authPlace, headersPlace, secretPlace } from "./storage/endpoints.ts";
import { type OpenDatabase, openDatabase } from "./storage/open-database.ts";
import { ensurePartitions } from "./storage/partitions.ts";
import { openSignInDatabase } from "./storage/sign-in-database.ts";
import { ensureDefaultWorkspace } from "./storage/workspaces.ts";

/** How long a graceful stop waits for what is in flight, to endpoints and to providers. */
const GRACE_MS = 20_000;
/** How long a stop takes at most: less than what is usually waited for before a process is killed. */
const LONGEST_STOP_MS = 25_000;
/** How often it is looked whose turn it is to be compared with Twilio's log. */
const RECONCILE_EVERY_MS = 60_000;
const TEMPLATES_EVERY_MS = 60_000;
const TRIALS_EVERY_MS = 10_000;
const REJOIN_EVERY_MS = 1_000;
const DAY_MS = 24 * 60 * 60_000;

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
  const vault = createVault(await loadMasterKeys(config));
  const metrics = createMetrics();
  const database = await open(config, logger, clock, metrics);
  const closing = new Closing(logger);
  closing.add(() => database.close());
  try {
    return await build({ config, logger, clock, vault, metrics, database, closing, options });
  } catch (error) {
    await closing.close();
    throw error;
  }
}

interface Ground {
  config: Config;
  logger: Logger;
  clock: SystemClock;
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
  const ids = createIds(clock);
  const newId = () => ids.next();
  const wheel = createTimerWheel({ clock });
  wheel.start();
  closing.add(() => wheel.stop());
  const guard = createGuard({ allow: parseAllowTargets(config.allowTargets) });
  const webhooks = createWebhookClient({
    ...{ clock, wheel, guard },
    proxy: config.egressProxy && readProxy(config.egressProxy.reveal()),
  });
  closing.add(() => webhooks.close());
  const providers = createProviderClient({ clock, wheel });
  closing.add(() => providers.close());

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

  const ownTypes = new OwnTypes(db);
  const requireSchemas: OwnTypes["require"] = (workspaceId, events) =>
    ownTypes.require(workspaceId, events);
  const engine = new Engine({
    connections,
    clock,
    ids,
    logger: logger.child({ room: "delivery" }),
    metrics: { ...metrics, attempt: (outcome, ms) => metrics.attempt(outcome, ms / 1000) },
    name: `${hostname()} ${process.pid}`,
    role: config.role,
    random: chance,
    openTarget: (key, o) => webhooks.open(key, o),
    openSecret: (sealed, secretId) => vault.open(sealed, secretPlace(secretId)),
    openColumn: (sealed, column, id) =>
      vault.open(sealed, column === "auth" ? authPlace(id) : headersPlace(id)),
    onDatabaseTime: (databaseMs, roundTripMs) => clock.sync(databaseMs, roundTripMs),
    onConfig: (workspaceId) => {
      authenticator.invalidate(workspaceId ?? undefined);
      ownTypes.invalidate(workspaceId);
    },
    onDisableAsked: (endpoint, control) => void warden.asked(endpoint, control),
    onDeadLetter: (endpoint, letter) => notices.deadLetter(endpoint, letter),
    onRecover: async (tx, processId) => void (await takeOver(tx, processId, clock.now())),
  });
  const { makeAcceptor } = engine;
  const onChanged = async (workspaceId: string) => {
    authenticator.invalidate(workspaceId);
    ownTypes.invalidate(workspaceId);
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
  const places = { meta: config.meta, twilio: config.twilio, publicUrl: config.publicUrl };
  const templates = new TemplateSync({
    ...{ connections, http: providers, places, openCredentials, newId, clock },
    logger: logger.child({ room: "templates" }),
  });
  const inbox = makeAcceptor(inboxSpec());
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
  const followers = new Followers({
    ...{ db, clock, logger: logger.child({ room: "stream" }) },
    onFollowed: () => engine.followed(),
  });
  const notices = new Notices({ publish, clock, logger });
  const warden = new Warden({
    ...{ db, changeConfig, notices, clock, logger },
    disableAfterDays: config.disableAfterDays,
    dialects: dialectNames.filter((name) => getDialect(name).honoursControl),
  });
  const signIn = createSignIn({
    database: openSignInDatabase(connections),
    secret: await ensureSignInSecret(db, vault, logger),
    publicUrl: config.publicUrl,
    logger: logger.child({ room: "sign-in" }),
  });
  const prober = new Prober({ clock, newId, openTarget: (key, o) => webhooks.open(key, o) });
  const routes = allRoutes({
    ...{ connections, clock, newId, changeConfig, vault, metrics, logger, engine, inbox, outbox },
    ...{ publish, replays, notices, followers, requireSchemas, signIn, prober, retentionMs },
    ...{ providers, places, openCredentials, templates },
    clockOffsetMs: () => clock.offsetMs,
    checkUrl: (url) => guard.checkUrl(url),
    defaultWorkspaceId: workspace.id,
    adminDigest: admin.digest,
    isLocal: isLoopback(config.host),
  });
  let isStopping = false;
  const app = createHttpApp({
    version: ground.options.version ?? "0.0.0",
    logger: logger.child({ room: "http" }),
    clock,
    metrics,
    newId,
    authenticate: authenticator.authenticate,
    enterSignedIn: createSessionDoor({ db, signIn, publicUrl: config.publicUrl }),
    audit: { db, newId, clock },
    servesApi: config.role !== "worker",
    dashboardDir: dashboardDir(),
    ready: () => readinessOf({ db, engine, isStopping, clock }),
    routes,
  });

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
    ...{ connections, clock, logger, metrics, engine, retentionMs, notices, warden },
  });
  const reconciler = new SmsReconciler({
    ...{ db, http: providers, places, clock, inbox, openCredentials },
    doubtsOf: (channelId) => doubtsOf(db, channelId),
    logger: logger.child({ room: "inbox" }),
  });
  if (config.role !== "api") {
    rounds.every("templates", TEMPLATES_EVERY_MS, () => templates.runOnce());
  }
  rounds.every("sms", RECONCILE_EVERY_MS, () => reconciler.runOnce());
  rounds.every("trials", TRIALS_EVERY_MS, () => endTrials({ db, clock, changeConfig }));
  rounds.every("rejoin", REJOIN_EVERY_MS, () =>
    rejoinOnce({ db, inbox, clock, onUnroutable: (n) => metrics.unroutable(n) }),
  );
  closing.add(() => rounds.stop());
  const server = await listen(app.fetch, config, clock);
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

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The built dashboard beside the built server, in a checkout; null where it was not built. */
function dashboardDir(): string | null {
  const directory = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
  return existsSync(directory) ? directory : null;
}

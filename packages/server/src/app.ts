import { hostname } from "node:os";
import { resolve } from "node:path";
import { serve } from "@hono/node-server";
import type { Config } from "./config/config.ts";
import { loadMasterKeys } from "./config/master-key.ts";
import type { Logger } from "./core/log.ts";
import { StartError } from "./core/start-error.ts";
import { Engine } from "./delivery/engine.ts";
import { dialectNames, getDialect } from "./dialects/registry.ts";
import { accountRoutes } from "./http/accounts.ts";
import { ensureAdminKey } from "./http/admin-key.ts";
import { apiKeyRoutes } from "./http/api-keys.ts";
import { createHttpApp } from "./http/app.ts";
import { createAuthenticator } from "./http/authentication.ts";
import { channelRoutes } from "./http/channels.ts";
import { endpointRoutes } from "./http/endpoints.ts";
import { eventTypeRoutes } from "./http/event-types.ts";
import type { Readiness } from "./http/health.ts";
import { settingsRoutes } from "./http/settings.ts";
import { workspaceRoutes } from "./http/workspaces.ts";
import { parseAllowTargets } from "./runtime/address-guard.ts";
import { chance } from "./runtime/chance.ts";
import { type SystemClock, systemClock } from "./runtime/clock.ts";
import { createGuard } from "./runtime/guard.ts";
import { createIds } from "./runtime/ids.ts";
import { createLogger } from "./runtime/logger.ts";
import { createMetrics } from "./runtime/metrics.ts";
import { createProviderClient } from "./runtime/provider-client.ts";
import { createTimerWheel } from "./runtime/timer-wheel.ts";
import { createVault } from "./runtime/vault.ts";
import { createWebhookClient } from "./runtime/webhook-client.ts";
import { checkServer } from "./storage/check-server.ts";
import { createConfigChanges } from "./storage/config-changes.ts";
import { type Connections, openConnections } from "./storage/connections.ts";
import { startEmbedded } from "./storage/embedded/embedded-server.ts";
import { secretPlace } from "./storage/endpoints.ts";
import { migrate } from "./storage/migrate.ts";
import { ensurePartitions } from "./storage/partitions.ts";
import { ensureDefaultWorkspace } from "./storage/workspaces.ts";

/** How long a graceful stop waits for what is in flight. */
const GRACE_MS = 20_000;
const READY_WITHIN_MS = 2_000;

export interface App {
  url: string;
  /** Only when it was made just now: nobody can show it again. */
  adminKey: string | null;
  close(): Promise<void>;
}

export interface AppOptions {
  logger?: Logger;
  version?: string;
}

/** Brings the database to this version's schema, and ends. */
export async function migrateDatabase(config: Config, { logger }: AppOptions = {}): Promise<void> {
  const clock = systemClock();
  const log = logger ?? createLogger({ level: config.logLevel });
  const database = await openDatabase(config, log, clock);
  await database.close();
}

/** Everything that Curlew is, built from its configuration and running. */
export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const clock = systemClock();
  const logger =
    options.logger ??
    createLogger({
      level: config.logLevel,
      pretty: config.logFormat === "pretty" || (config.logFormat === null && process.stdout.isTTY),
    });
  const vault = createVault(await loadMasterKeys(config));
  const database = await openDatabase(config, logger, clock);
  const closers: (() => Promise<unknown> | unknown)[] = [() => database.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        logger.error({ err: error }, "something did not close as it was meant to");
      }
    }
  };
  try {
    return await build({ config, logger, clock, vault, database, closers, close, options });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Ground {
  config: Config;
  logger: Logger;
  clock: SystemClock;
  vault: ReturnType<typeof createVault>;
  database: OpenDatabase;
  /** What must be closed, in the order of opening. */
  closers: (() => Promise<unknown> | unknown)[];
  close(): Promise<void>;
  options: AppOptions;
}

async function build(ground: Ground): Promise<App> {
  const { config, logger, clock, vault, database, closers } = ground;
  const { connections } = database;
  const ids = createIds(clock);
  const metrics = createMetrics();
  const wheel = createTimerWheel({ clock });
  wheel.start();
  closers.push(() => wheel.stop());
  const guard = createGuard({ allow: parseAllowTargets(config.allowTargets) });
  const webhooks = createWebhookClient({ clock, wheel, guard });
  const providers = createProviderClient({ clock, wheel });
  closers.push(() => webhooks.close());
  closers.push(() => providers.close());

  await ensurePartitions(connections.pool, clock.now());
  const workspace = await ensureDefaultWorkspace(connections, { id: ids.next(), now: clock.now() });
  const admin = await ensureAdminKey(connections.pool, config.adminKey);
  const authenticator = createAuthenticator({
    db: connections.pool,
    clock,
    logger,
    adminDigest: admin.digest,
    defaultWorkspaceId: workspace.id,
  });
  closers.push(() => authenticator.close());

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
    onDatabaseTime: (databaseMs, roundTripMs) => clock.sync(databaseMs, roundTripMs),
    onConfig: (workspaceId) => authenticator.invalidate(workspaceId ?? undefined),
  });

  const resources = {
    db: connections.pool,
    newId: () => ids.next(),
    clock,
    changeConfig: createConfigChanges({
      connections,
      logger,
      onChanged: async (workspaceId) => {
        authenticator.invalidate(workspaceId);
        await engine.directory.load(workspaceId);
      },
    }),
  };
  let stopping = false;
  const app = createHttpApp({
    version: ground.options.version ?? "0.0.0",
    logger: logger.child({ room: "http" }),
    clock,
    metrics,
    newId: () => ids.next(),
    authenticate: authenticator.authenticate,
    dashboardDir: null,
    ready: () => readiness(connections, engine, () => stopping, clock),
    routes: [
      { app: workspaceRoutes(resources) },
      { app: accountRoutes(resources) },
      { app: apiKeyRoutes(resources) },
      { app: channelRoutes({ ...resources, vault }) },
      {
        app: endpointRoutes({
          ...resources,
          vault,
          dialects: dialectNames.map(getDialect),
          checkUrl: (url) => guard.checkUrl(url),
        }),
      },
      { app: eventTypeRoutes() },
      { app: settingsRoutes(resources) },
    ],
  });

  await engine.start();
  closers.push(() => engine.stop(GRACE_MS));
  const server = await listen(app.fetch, config);
  closers.push(async () => {
    stopping = true;
    await server.close();
  });
  logger.info({ url: server.url, role: config.role }, "Curlew serves");
  return { url: server.url, adminKey: admin.made, close: ground.close };
}

interface OpenDatabase {
  connections: Connections;
  close(): Promise<void>;
}

/** The operator's PostgreSQL or our own, with this version's schema in it. */
async function openDatabase(
  config: Config,
  logger: Logger,
  clock: SystemClock,
): Promise<OpenDatabase> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbedded({ dataDir: resolve(config.dataDir), logger, clock })
      : null;
  try {
    const url = embedded?.url ?? config.databaseUrl?.reveal() ?? "";
    const connections = await openConnections({
      url,
      applicationName: `curlew ${process.pid}`,
      logger,
      clock,
    });
    try {
      if (!embedded) await checkServer(connections);
      await migrate(connections);
    } catch (error) {
      await connections.close();
      throw error;
    }
    return {
      connections,
      async close() {
        await connections.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** Listens, and says in words why it cannot. */
async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  config: Config,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = serve({ fetch, hostname: config.host, port: config.port });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new StartError("The server listens on something that is not a port.");
  }
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeIdleConnections" in server) server.closeIdleConnections();
      }),
  };
}

async function readiness(
  connections: Connections,
  engine: Engine,
  isStopping: () => boolean,
  clock: SystemClock,
): Promise<Readiness> {
  const gaveUp = new AbortController();
  const answers = await Promise.race([
    connections.pool.query("select 1").then(
      () => true,
      () => false,
    ),
    clock.sleep(READY_WITHIN_MS, gaveUp.signal).then(() => false),
  ]);
  gaveUp.abort();
  const checks = {
    database: answers ? "answers" : "does not answer",
    engine: isStopping() ? "stopping" : engine.isReady ? "running" : "not heard by the database",
  };
  return { ready: answers && !isStopping() && engine.isReady, checks };
}

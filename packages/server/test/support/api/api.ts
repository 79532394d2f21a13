/* oxlint-disable typescript/no-explicit-any -- bodies are read as a client reads them */

import type { Queryable } from "../../../src/core/events/recording.ts";
import { publicId } from "../../../src/core/ids.ts";
import type { Clock } from "../../../src/core/outside/clock.ts";
import { Directory } from "../../../src/delivery/directory/directory.ts";
import { Notices, noticeSpec } from "../../../src/delivery/endpoints/notices.ts";
import { Prober } from "../../../src/delivery/endpoints/prober.ts";
import { Engine, type EngineDeps } from "../../../src/delivery/engine.ts";
import { createPublisher } from "../../../src/delivery/publishing/publish.ts";
import { dialectNames, getDialect } from "../../../src/dialects/registry.ts";
import { apiKeyRoutes } from "../../../src/http/access/api-keys.ts";
import { createAuthenticator } from "../../../src/http/access/authentication.ts";
import { digestOf } from "../../../src/http/access/key-text.ts";
import type { Routes } from "../../../src/http/api.ts";
import { channelRoutes } from "../../../src/http/channels/channels.ts";
import { doctorRoutes } from "../../../src/http/endpoints/doctor.ts";
import {
  type EndpointRouteGroupsDeps,
  endpointRouteGroups,
} from "../../../src/http/endpoints/endpoint-routes.ts";
import { endpointViews } from "../../../src/http/endpoints/endpoint-view.ts";
import { endpointKeyRoutes } from "../../../src/http/endpoints/keys.ts";
import { eventTypeRoutes } from "../../../src/http/events/event-types.ts";
import { eventRoutes } from "../../../src/http/events/events.ts";
import { accountRoutes } from "../../../src/http/workspaces/accounts.ts";
import { planRoutes } from "../../../src/http/workspaces/plans.ts";
import { settingsRoutes } from "../../../src/http/workspaces/settings.ts";
import { usageRoutes } from "../../../src/http/workspaces/usage.ts";
import { workspaceRoutes } from "../../../src/http/workspaces/workspaces.ts";
import { createIds } from "../../../src/runtime/ids.ts";
import { parseAllowTargets } from "../../../src/runtime/network/address-guard.ts";
import { createGuard } from "../../../src/runtime/network/guard.ts";
import { createVault } from "../../../src/runtime/secrets/vault.ts";
import { createTimerWheel } from "../../../src/runtime/timer-wheel.ts";
import { createWebhookClient } from "../../../src/runtime/webhooks/webhook-client.ts";
import { authPlace, headersPlace, secretPlace } from "../../../src/storage/endpoints/endpoints.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { createConfigChanges } from "../../../src/storage/workspaces/config-changes.ts";
import { ensureDefaultWorkspace } from "../../../src/storage/workspaces/workspaces.ts";
import { createTestDatabase } from "../database/database.ts";
import { ManualClock } from "../manual-clock.ts";
import { silentMetrics } from "../silent-metrics.ts";
import { conformanceTo, type Described } from "./conformance.ts";
import { httpApp, jsonRequest, recordingLogger } from "./http.ts";

export const ADMIN_KEY = "an-admin-key-for-tests";

/** An answer with its JSON, which a test asserts field by field. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
}

/**
 * The configured nouns over HTTP, on a database of its own, with a clock that the test moves. Requests
 * to endpoints go over real sockets, to this machine alone.
 */
export async function createTestApi({
  clock = new ManualClock(),
  checkUrl = async () => ({ ok: true }),
  live = false,
}: {
  clock?: ManualClock;
  checkUrl?: EndpointRouteGroupsDeps["checkUrl"];
  /** With an engine, which the test drives. */
  live?: boolean;
} = {}) {
  const database = await createTestDatabase({ clock: clock satisfies Clock });
  const { connections } = database;
  const ids = createIds(clock);
  const newId = () => ids.next();
  const logger = recordingLogger();
  const vault = createVault([new Uint8Array(32).fill(7)]);
  const workspace = await ensureDefaultWorkspace(connections, { id: newId(), now: clock.now() });
  const statements: string[] = [];
  const db = countingQueries(connections.pool, statements);
  const authenticator = createAuthenticator({
    db,
    clock,
    logger,
    adminDigest: digestOf(ADMIN_KEY),
    defaultWorkspaceId: workspace.id,
  });
  const wheel = createTimerWheel({ clock });
  // No name leads anywhere: nothing leaves this machine.
  const guard = createGuard({
    allow: parseAllowTargets(["127.0.0.0/8"]),
    resolve: () => Promise.resolve([]),
  });
  const webhooks = createWebhookClient({ clock, wheel, guard });
  const openTarget = webhooks.open.bind(webhooks);
  const openSecret = (sealed: string, id: string) => vault.open(sealed, secretPlace(id));
  const opening = {
    openSecret,
    openColumn: (sealed: string, column: "auth" | "headers", id: string) =>
      vault.open(sealed, column === "auth" ? authPlace(id) : headersPlace(id)),
  };
  const engine = live
    ? await startEngine({ connections, clock, ids, logger, openTarget, ...opening })
    : null;
  const directory =
    engine?.directory ?? new Directory({ db: connections.pool, logger, ...opening });
  const changeConfig = createConfigChanges({
    connections,
    logger,
    onChanged: async (id) => {
      authenticator.invalidate(id);
      await directory.load(id);
    },
  });
  const deps = { db: connections.pool, changeConfig, clock, newId, vault, checkUrl };
  const views = endpointViews({ ...deps, dialects: dialectNames.map(getDialect) });
  const announced: object[] = [];
  const publish = engine ? createPublisher(engine.makeAcceptor) : null;
  const notices = engine
    ? new Notices({ db, tell: engine.makeAcceptor(noticeSpec()), clock, logger })
    : {
        secretRotated: async (_: object, __: object, told: object) => void announced.push(told),
        verified: async (_: object, { name }: { name: string }) =>
          void announced.push({ verified: name }),
        tested: async (_: object, told: object) => void announced.push(told),
        async disabled() {},
        soon() {},
        async flush() {},
      };
  const routes: Routes[] = [
    workspaceRoutes(deps),
    planRoutes(deps),
    usageRoutes(deps),
    accountRoutes(deps),
    apiKeyRoutes(deps),
    channelRoutes({ ...deps, async announce() {} }),
    endpointKeyRoutes(deps),
    ...endpointRouteGroups({
      ...deps,
      ...{ views, notices },
      prober: new Prober({ clock, newId, openTarget }),
      findView: ({ serial }) => directory.findEndpoint(serial),
    }),
    ...(publish
      ? [
          eventRoutes({
            ...deps,
            publish,
            retentionMs: 90 * 86_400_000,
            requireSchemas: async () => [],
            onFollowed() {},
          }),
        ]
      : []),
    doctorRoutes(deps),
    settingsRoutes(deps),
    eventTypeRoutes(deps),
  ];
  const app = httpApp({ routes, logger, authenticate: authenticator.authenticate });
  const document = (await (await app.request("/openapi.json")).json()) as Described; // by our own generator
  const requireDescribed = conformanceTo(document);

  /** A request below `/v1`, as the admin unless another key is given; the answer must be as described. */
  async function call(
    method: string,
    path: string,
    body?: unknown,
    key = ADMIN_KEY,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const init = body === undefined ? { method } : jsonRequest(method, body);
    const response = await app.request(`/v1${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${key}`, ...headers },
    });
    const text = await response.text();
    const { status } = response;
    const answer = {
      status,
      headers: response.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    const contentType = response.headers.get("content-type");
    requireDescribed({
      ...{ method, status, contentType, body: answer.body },
      path: `/v1${path.replace(/\?.*/, "")}`,
    });
    return answer;
  }

  /** Makes a key and gives its text. */
  async function newKey(body: object, as?: string): Promise<string> {
    const answer = await call("POST", "/api-keys", { name: "test", ...body }, as);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.key;
  }

  return {
    ...{
      announced,
      app,
      document,
      authenticator,
      call,
      clock,
      connections,
      database,
      logger,
      newKey,
      statements,
      vault,
    },
    workspaceId: publicId("ws", workspace.id),
    workspace,
    engine,
    /** Moves time on for everything, deadlines of requests included. */
    async pass(ms: number) {
      await clock.advance(ms);
      wheel.tick(clock.monotonic());
    },
    /** Publishes an event of its own and delivers all that is due now. */
    async deliver() {
      if (!engine) throw new Error("there is no engine here");
      await engine.beatOnce();
      await notices.flush();
      engine.sender.sweep();
      do await engine.quiet();
      while ((await engine.retries.runOnce()) > 0);
    },
    async close() {
      await webhooks.close();
      await authenticator.close();
      await database.drop();
    },
  };
}

async function startEngine(
  deps: Pick<
    EngineDeps,
    "connections" | "clock" | "ids" | "logger" | "openTarget" | "openSecret" | "openColumn"
  >,
): Promise<Engine> {
  await ensurePartitions(deps.connections.pool, deps.clock.now(), 1);
  const engine = new Engine({
    ...deps,
    metrics: silentMetrics,
    ...{ name: "test api", role: "all", random: () => 0 },
  });
  await engine.join();
  return engine;
}

function countingQueries(db: Queryable, statements: string[]): Queryable {
  return {
    query: (config, values) => {
      statements.push(typeof config === "string" ? config : config.text);
      return db.query(config, values);
    },
  };
}

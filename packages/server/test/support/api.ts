/* oxlint-disable typescript/no-explicit-any -- bodies are read as a client reads them */
import type { Clock } from "../../src/core/clock.ts";
import { publicId } from "../../src/core/ids.ts";
import type { Queryable } from "../../src/core/recording.ts";
import { dialectNames, getDialect } from "../../src/dialects/registry.ts";
import { accountRoutes } from "../../src/http/accounts.ts";
import type { Routes } from "../../src/http/api.ts";
import { apiKeyRoutes } from "../../src/http/api-keys.ts";
import { createAuthenticator } from "../../src/http/authentication.ts";
import { channelRoutes } from "../../src/http/channels.ts";
import { doctorRoutes } from "../../src/http/doctor.ts";
import { endpointKeyRoutes } from "../../src/http/endpoint-keys.ts";
import { endpointRotationRoutes } from "../../src/http/endpoint-rotation.ts";
import { endpointViews } from "../../src/http/endpoint-view.ts";
import { type EndpointRoutesDeps, endpointRoutes } from "../../src/http/endpoints.ts";
import { eventTypeRoutes } from "../../src/http/event-types.ts";
import { digestOf } from "../../src/http/key-text.ts";
import { planRoutes } from "../../src/http/plans.ts";
import { settingsRoutes } from "../../src/http/settings.ts";
import { usageRoutes } from "../../src/http/usage.ts";
import { workspaceRoutes } from "../../src/http/workspaces.ts";
import { createIds } from "../../src/runtime/ids.ts";
import { createVault } from "../../src/runtime/vault.ts";
import { createConfigChanges } from "../../src/storage/config-changes.ts";
import { ensureDefaultWorkspace } from "../../src/storage/workspaces.ts";
import { conformanceTo, type Described } from "./conformance.ts";
import { createTestDatabase } from "./database.ts";
import { httpApp, jsonRequest, recordingLogger } from "./http.ts";
import { ManualClock } from "./manual-clock.ts";

export const ADMIN_KEY = "an-admin-key-for-tests";

/** An answer with its JSON, which a test asserts field by field. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
}

/** The configured nouns over HTTP, on a database of its own, with a clock that the test moves. */
export async function createTestApi({
  clock = new ManualClock(),
  checkUrl = async () => ({ ok: true }),
}: {
  clock?: ManualClock;
  checkUrl?: EndpointRoutesDeps["checkUrl"];
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
  const changeConfig = createConfigChanges({
    connections,
    logger,
    onChanged: async (id) => authenticator.invalidate(id),
  });
  const deps = { db: connections.pool, changeConfig, clock, newId, vault, checkUrl };
  const views = endpointViews({ ...deps, dialects: dialectNames.map(getDialect) });
  const announced: object[] = [];
  const routes: Routes[] = [
    workspaceRoutes(deps),
    planRoutes(deps),
    usageRoutes(deps),
    accountRoutes(deps),
    apiKeyRoutes(deps),
    channelRoutes(deps),
    endpointRoutes({ ...deps, views, onDisabled() {} }),
    endpointKeyRoutes(deps),
    endpointRotationRoutes({
      ...deps,
      views,
      notices: { secretRotated: async (_, told) => void announced.push(told) },
    }),
    doctorRoutes(deps),
    settingsRoutes(deps),
    eventTypeRoutes(),
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
    async close() {
      await authenticator.close();
      await database.drop();
    },
  };
}

function countingQueries(db: Queryable, statements: string[]): Queryable {
  return {
    query: (config, values) => {
      statements.push(typeof config === "string" ? config : config.text);
      return db.query(config, values);
    },
  };
}

import type { Principal } from "../../../src/core/workspaces/principal.ts";
import type { Engine, EngineDeps } from "../../../src/delivery/engine.ts";
import { JobRunner } from "../../../src/delivery/jobs/jobs.ts";
import { MISSING_KIND, missingJob } from "../../../src/delivery/jobs/missing.ts";
import { Replays } from "../../../src/delivery/jobs/replay.ts";
import { replayJob } from "../../../src/delivery/jobs/replay-job.ts";
import { doubting } from "../../../src/delivery/loops/doubting.ts";
import { createPublisher } from "../../../src/delivery/publishing/publish.ts";
import { expungerOf } from "../../../src/delivery/rounds/expunging.ts";
import { Followers } from "../../../src/delivery/views/followers.ts";
import type { Authenticate } from "../../../src/http/access/authentication.ts";
import { deadLetterRoutes } from "../../../src/http/deliveries/dead-letters.ts";
import { deliveryRoutes } from "../../../src/http/deliveries/deliveries.ts";
import { deliveryExportRoutes } from "../../../src/http/deliveries/delivery-export.ts";
import { deliveryShadowRoutes } from "../../../src/http/deliveries/delivery-shadow.ts";
import { jobRoutes } from "../../../src/http/deliveries/jobs.ts";
import { ledgerRoutes } from "../../../src/http/deliveries/ledger.ts";
import { queueRoutes } from "../../../src/http/deliveries/queue.ts";
import { seriesRoutes } from "../../../src/http/deliveries/series.ts";
import { whyRoutes } from "../../../src/http/deliveries/why.ts";
import { endpointActionRoutes } from "../../../src/http/endpoints/actions.ts";
import { endpointHealthRoutes } from "../../../src/http/endpoints/endpoint-health.ts";
import { eventTypeRoutes } from "../../../src/http/events/event-types.ts";
import { eventRoutes } from "../../../src/http/events/events.ts";
import { eventExpungingRoutes } from "../../../src/http/events/expunging.ts";
import { SchemaCheck } from "../../../src/http/events/schema-check.ts";
import { streamRoutes } from "../../../src/http/events/stream.ts";
import { instanceHealthRoutes } from "../../../src/http/instance/instance-health.ts";
import { createLongWork } from "../../../src/http/turns/workspace-room.ts";
import { httpApp, jsonRequest, principalWith } from "../api/http.ts";
import { silentLogger } from "../silent-logger.ts";
import type { Town } from "./town.ts";

const DAY_MS = 86_400_000;
export const RETENTION_MS = 90 * DAY_MS;

/** An answer with its JSON, which a test asserts field by field. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
}

/** One process of a town with what is said to it over HTTP about events and deliveries. */
export interface Desk {
  engine: Engine;
  followers: Followers;
  /** The answer itself, for streams. */
  open(path: string, as?: Caller): Promise<Response>;
  jobs: JobRunner;
  call(method: string, path: string, body?: unknown, as?: Caller): Promise<Answer>;
  /** Delivers what is due until nothing is, at this instant. */
  deliver(): Promise<void>;
}

export interface Caller extends Partial<Principal> {
  headers?: Record<string, string>;
}

export async function openDesk(
  town: Town,
  overrides: Partial<EngineDeps> = {},
  authenticate?: Authenticate,
  payloadMs = RETENTION_MS,
): Promise<Desk> {
  const { clock, ids, database } = town;
  const connections = overrides.connections ?? database.connections;
  const engine = await town.engine(overrides);
  const doubted = doubting(connections, () => engine.doubt());
  const wake = (endpoints: readonly number[], dueAt: number) => engine.wake(endpoints, dueAt);
  const findSubscription = async (endpoint: number) =>
    (await engine.directory.findEndpoint(endpoint))?.subscription ?? null;
  const replays = new Replays({
    findSubscription,
    connections: doubted,
    ...{ clock, wake, retentionMs: RETENTION_MS, payloadMs },
    newId: () => ids.next(),
    onJob() {},
  });
  const jobs = new JobRunner({
    ...{ connections: doubted, clock, logger: silentLogger() },
    process: () => engine.membership.current.id,
    kinds: {
      replay: replayJob({ retentionMs: RETENTION_MS, payloadMs, wake }),
      [MISSING_KIND]: missingJob({
        ...{ retentionMs: RETENTION_MS, payloadMs, wake, findSubscription },
      }),
    },
  });
  const publish = createPublisher(engine.makeAcceptor);
  const db = connections.pool;
  const followers = new Followers({
    ...{ db, clock, logger: silentLogger() },
    onFollowed: () => engine.followed(),
  });
  const schemas = new SchemaCheck(db, clock);
  const apps = new Map<string, ReturnType<typeof httpApp>>();
  const appFor = (principal: Principal) => {
    const name = JSON.stringify([principal, ...principal.scopes]);
    const app =
      apps.get(name) ??
      httpApp({ principal, routes: routes(), ...(authenticate ? { authenticate } : {}) });
    apps.set(name, app);
    return app;
  };
  const routes = () => [
    eventTypeRoutes({
      ...{ db, clock },
      changeConfig: async (workspaceId, work) => {
        const result = await connections.transaction((tx) => work(tx, 0));
        schemas.invalidate(workspaceId);
        return result;
      },
    }),
    eventRoutes({
      ...{ db, publish, clock, retentionMs: RETENTION_MS },
      requireSchemas: (...asked) => schemas.require(...asked),
      onFollowed: () => engine.followed(),
    }),
    deliveryExportRoutes({ db, longWork: createLongWork(() => {}) }),
    deliveryRoutes({ db, replays }),
    deliveryShadowRoutes({ db }),
    deadLetterRoutes({ db, replays }),
    endpointActionRoutes({ db, replays }),
    endpointHealthRoutes({ db, clock, lane: (serial) => engine.sender.lane(serial) }),
    jobRoutes({ db, clock }),
    whyRoutes({ db }),
    eventExpungingRoutes({
      expungeOne: expungerOf({ connections: doubted, clock, wake, onCancelled() {} }),
    }),
    instanceHealthRoutes({
      ...{ db, clock, clockOffsetMs: () => 0, isWithoutSendingThread: () => false },
      inFlight: () => engine.sender.inFlight,
    }),
    streamRoutes({ db, clock, retentionMs: RETENTION_MS, followers }),
    ledgerRoutes({ db, clock, retentionMs: RETENTION_MS }),
    seriesRoutes({ db, clock, retentionMs: RETENTION_MS }),
    queueRoutes({ db, clock }),
  ];

  return {
    engine,
    jobs,
    followers,
    async open(path, { headers = {}, ...as } = {}) {
      const app = appFor({ ...principalWith(), workspaceId: town.workspaceId, ...as });
      return app.request(`/v1${path}`, { headers });
    },
    async call(method, path, body, { headers = {}, ...as } = {}) {
      const app = appFor({ ...principalWith(), workspaceId: town.workspaceId, ...as });
      const init = body === undefined ? { method } : jsonRequest(method, body);
      const response = await app.request(`/v1${path}`, {
        ...init,
        headers: { ...init.headers, ...headers },
      });
      const text = await response.text();
      const { status } = response;
      return { status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
    },
    async deliver() {
      await engine.beatOnce();
      engine.sender.sweep();
      do await engine.quiet();
      while ((await engine.retries.runOnce()) > 0);
    },
  };
}

/** An account of the town's workspace. */
export async function openAccount(town: Town, name = "Agency client"): Promise<string> {
  const id = town.ids.next();
  await town.change(
    "insert into account (id, workspace_id, name, created_at) values ($1, $2, $3, $4)",
    [id, town.workspaceId, name, new Date(town.clock.now())],
  );
  return id;
}

import { Kysely, PostgresDialect } from "kysely";
import type { ClientConfig, PoolClient } from "pg";
import pg from "pg";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { createGate, type Gate } from "./gate.ts";
import { type Listener, openListener } from "./listener.ts";
import type { Database } from "./schema.ts";
import { refusalOf } from "./start-refusals.ts";
import { timeStatements } from "./statement-times.ts";
import { inTransaction, type Tx } from "./transaction.ts";
import { typeParsers } from "./type-parsers.ts";

export type { Tx } from "./transaction.ts";

const GENERAL_POOL_SIZE = 8;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Below the five seconds after which a silent process is taken for dead. */
const IDLE_IN_TRANSACTION_MS = 4_500;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_CLIENT_MS = 60_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/** How long `close` waits for clients that are still in use before it cuts them. */
const CLOSE_GRACE_MS = 5_000;
/** How long somebody who asks over HTTP is kept waiting for a connection before he is told to come again. */
export const REQUEST_WAIT_MS = 5_000;

interface LaneOptions {
  /** 0 = none. Default 30 s. */
  statementTimeoutMs?: number;
  /**
   * Statements of one client that are not awaited one by one travel together; the server runs them in
   * their order, each with a view of its own. No name may be under way twice on one client.
   */
  pipeline?: boolean;
  /** How long getting a client may take; then it is a `DatabaseAway`. Absent: as long as it takes. */
  waitMs?: number;
  /** Instants as `Date`s and the like, as `pg` reads them by itself: for libraries that expect it. */
  plainTypes?: boolean;
}

export interface Connections {
  /**
   * The general pool. Getting a client waits for a server that is away, or for one that comes free, for
   * `REQUEST_WAIT_MS`; a query sent is never repeated.
   */
  readonly pool: pg.Pool;
  /** Kysely over the general pool. */
  readonly db: Kysely<Database>;
  /** A small pool of its own with the same gate, for work that must not stand in line. Ended by `close`. */
  lane(name: string, size: number, options?: LaneOptions): pg.Pool;
  /** All or nothing, read committed, on the general pool. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** `onLost` is called when the connection is lost and again when a new one listens. */
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    onLost: () => void,
  ): Promise<Listener>;
  /** Ends waiting at once, and every connection within seconds. */
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  /** A `postgresql://` URL; `?host=%2Fa%2Fdirectory` for a socket. */
  url: string;
  applicationName: string;
  logger: Logger;
  clock: Clock;
  /** Told how long each named statement took, from handing it in to its answer. */
  onStatement?: (name: string, ms: number) => void;
}

/**
 * Connects to PostgreSQL, waiting for a server that is not there yet. Throws a StartError for what
 * waiting cannot mend: a wrong name, password or database.
 */
export async function openConnections(o: ConnectionsOptions): Promise<Connections> {
  const { clock, logger } = o;
  const gate = createGate({
    probe: async () => {
      const client = await openClient(clientConfig(o), STATEMENT_TIMEOUT_MS);
      await client.end();
    },
    clock,
    logger,
  });
  const pools: pg.Pool[] = [];
  const listeners = new Set<Listener>();

  function openPool(name: string, size: number, options: LaneOptions = {}): pg.Pool {
    const pool = gatedPool(gate, clientConfig(o, name), size, options);
    const { onStatement } = o;
    if (onStatement) pool.on("connect", (client) => timeStatements(client, clock, onStatement));
    // An idle client's connection was lost: the pool has already dropped it.
    pool.on("error", (error) => logger.debug({ err: error }, "An idle connection was lost"));
    pools.push(pool);
    return pool;
  }

  const pool = openPool("", GENERAL_POOL_SIZE, { waitMs: REQUEST_WAIT_MS });
  const connectAs = (name: string) =>
    gate.pass(
      () => openClient(clientConfig(o, name), STATEMENT_TIMEOUT_MS),
      (client) => void client.end().catch(() => {}),
    );
  try {
    await (await connectAs("")).end();
  } catch (error) {
    gate.close();
    throw refusalOf(error, o.url);
  }

  return {
    pool,
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    lane: openPool,
    transaction: (work) => inTransaction(() => pool.connect(), work),
    async listen(channel, onNotify, onLost) {
      const listener = await openListener({
        connect: () => connectAs("listener"),
        clock,
        logger,
        channel,
        onNotify,
        onLost,
      });
      listeners.add(listener);
      return {
        async close() {
          listeners.delete(listener);
          await listener.close();
        },
      };
    },
    async close() {
      gate.close();
      await Promise.all([
        ...[...listeners].map((listener) => listener.close()),
        ...pools.map((each) => endPool(each, clock)),
      ]);
    },
  };
}

function clientConfig(o: ConnectionsOptions, name = ""): ClientConfig {
  return {
    connectionString: o.url,
    application_name: name ? `${o.applicationName} ${name}` : o.applicationName,
    types: typeParsers,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  };
}

/** `pg`'s pool counts the wait for a free client towards its time limit; the client's own counts the connecting alone. */
class TimedClient extends pg.Client {
  constructor(config?: ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

const clientsOf = new WeakMap<pg.Pool, Set<PoolClient>>();

function gatedPool(gate: Gate, config: ClientConfig, size: number, options: LaneOptions): pg.Pool {
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, waitMs } = options;
  const pool = new GatedPool(gate, waitMs, {
    ...config,
    ...queryTimeout(statementTimeoutMs),
    max: size,
    pipeline: options.pipeline ?? false,
    ...(options.plainTypes ? { types: pg.types } : {}),
    ...(waitMs === undefined ? {} : { connectionTimeoutMillis: waitMs }),
    idleTimeoutMillis: IDLE_CLIENT_MS,
    Client: TimedClient,
    // oxlint-disable-next-line typescript/no-misused-promises -- awaited, though its type says void
    onConnect: (client) => client.query(sessionSettings(statementTimeoutMs)),
  });
  const clients = new Set<PoolClient>();
  clientsOf.set(pool, clients);
  pool.on("connect", (client) => {
    clients.add(client);
    // A client that is lost while it is checked out would end the process without a listener; its
    // query fails, and that tells the caller.
    client.on("error", () => {});
  });
  pool.on("remove", (client) => clients.delete(client));
  return pool;
}

type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

class GatedPool extends pg.Pool {
  readonly #gate: Gate;
  readonly #waitMs: number | undefined;

  constructor(gate: Gate, waitMs: number | undefined, config: pg.PoolConfig) {
    super(config);
    this.#gate = gate;
    this.#waitMs = waitMs;
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    const connected = this.#gate.pass(
      () => super.connect(),
      (client) => client.release(true),
      this.#waitMs,
    );
    if (!callback) return connected;
    // `pool.query` comes this way.
    connected.then(
      (client) => callback(undefined, client, client.release),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }
}

async function openClient(config: ClientConfig, statementTimeoutMs: number): Promise<pg.Client> {
  const client = new TimedClient({ ...config, ...queryTimeout(statementTimeoutMs) });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(sessionSettings(statementTimeoutMs));
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** The server ends a statement that takes too long; this is for a server that no longer answers. */
function queryTimeout(statementTimeoutMs: number): ClientConfig {
  return statementTimeoutMs === 0 ? {} : { query_timeout: statementTimeoutMs + 5_000 };
}

/** Sent as a statement, not as start-up parameters: poolers refuse or swallow those. */
function sessionSettings(statementTimeoutMs: number): string {
  return `
    set synchronous_commit = on;
    set jit = off;
    set statement_timeout = ${statementTimeoutMs};
    set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
    set timezone = 'UTC';
    set datestyle = 'ISO, YMD';
    set default_transaction_isolation = 'read committed'`;
}

async function endPool(pool: pg.Pool, clock: Clock): Promise<void> {
  if (pool.ending) return;
  const ended = new AbortController();
  const end = pool.end().finally(() => ended.abort());
  await Promise.race([end, clock.sleep(CLOSE_GRACE_MS, ended.signal)]);
  for (const client of clientsOf.get(pool) ?? []) void client.end().catch(() => {});
}

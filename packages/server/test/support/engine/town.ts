import type { EventDraft } from "../../../src/core/events/recording.ts";
import type { PostResult } from "../../../src/delivery/attempt/attempt.ts";
import { Engine, type EngineDeps } from "../../../src/delivery/engine.ts";
import { createIds, type Ids } from "../../../src/runtime/ids.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { createTestDatabase, type TestDatabase } from "../database/database.ts";
import { ManualClock, SOME_DAY_MS } from "../manual-clock.ts";
import { silentLogger } from "../silent-logger.ts";
import { silentMetrics } from "../silent-metrics.ts";

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
}

type Answer = (post: Post) => PostResult | Promise<PostResult>;

export const ok: PostResult = {
  kind: "response",
  status: 200,
  headers: {},
  body: "ok",
  ms: 3,
  firstByteMs: 2,
};
export const refused = (status: number): PostResult =>
  ({ ...ok, status, body: "no" }) as PostResult;

/** A place to try the engine in: a real database, a clock to move, and receivers that do as told. */
export interface Town {
  database: TestDatabase;
  clock: ManualClock;
  ids: Ids;
  workspaceId: string;
  /** Every request that left, in order. */
  posts: Post[];
  /** How receivers answer; by URL. Whoever has none answers 200. */
  answers: Map<string, Answer>;
  /** A process of its own on the same database. */
  engine(overrides?: Partial<EngineDeps>): Promise<Engine>;
  endpoint(
    options?: Partial<EndpointOptions>,
  ): Promise<{ id: string; serial: number; url: string }>;
  change(statement: string, values?: unknown[]): Promise<void>;
  conversation(): Promise<string>;
  draft(overrides?: Partial<EventDraft>): EventDraft;
  rows<R extends object>(text: string, values?: unknown[]): Promise<R[]>;
  end(): Promise<void>;
}

interface EndpointOptions {
  url: string;
  /** Null for the dialect's own. */
  schedule: number[] | null;
  dialect: string;
  dialectOptions: object;
  customFields: string[];
  events: string[];
  filter: object;
  ordering: "parallel" | "conversation";
}

export async function openTown(): Promise<Town> {
  const database = await createTestDatabase();
  const engines: Engine[] = [];
  // Whoever brings engines of his own sees to that himself.
  const clock = new ManualClock(SOME_DAY_MS, async () => {
    if (engines.length > 0) await database.rest();
  });
  const { pool } = database.connections;
  await ensurePartitions(pool, clock.now(), 1);
  const ids = createIds(clock);
  const workspaceId = ids.next();
  const channelId = ids.next();
  const at = new Date(clock.now());
  await pool.query("insert into workspace (id, name, created_at) values ($1, 'Town', $2)", [
    workspaceId,
    at,
  ]);
  await pool.query(
    `insert into channel (id, workspace_id, kind, name, external_id, created_at, updated_at)
     values ($1, $2, 'whatsapp', 'Shop', '15550001', $3, $3)`,
    [channelId, workspaceId, at],
  );
  const posts: Post[] = [];
  const answers: Town["answers"] = new Map();
  let made = 0;

  const town: Town = {
    database,
    clock,
    ids,
    workspaceId,
    posts,
    answers,
    async engine(overrides = {}) {
      const engine = new Engine({
        connections: database.connections,
        clock,
        ids: createIds(clock),
        logger: silentLogger(),
        metrics: silentMetrics,
        name: `town ${++made}`,
        role: "all",
        random: () => 0,
        openSecret: (sealed) => sealed,
        openColumn: (sealed) => sealed,
        openTarget: (_, { url }) => ({
          async post({ headers, body }) {
            const post = { url, headers, body };
            posts.push(post);
            return (await answers.get(url)?.(post)) ?? ok;
          },
          async close() {},
        }),
        ...overrides,
      });
      engines.push(engine);
      await engine.join();
      return engine;
    },
    async endpoint(options = {}) {
      const id = ids.next();
      const url = options.url ?? `https://receiver-${++made}.example/`;
      const { rows } = await pool.query<{ serial: number }>(
        `insert into endpoint (id, workspace_id, name, url, dialect, events, retry_schedule, filter, ordering,
           dialect_options, custom_fields, state, created_at, updated_at)
         values ($1, $2, 'Receiver', $3, $9, $4, $5, $7, $8, $10, $11, 'enabled', $6, $6) returning serial`,
        [
          ...[id, workspaceId, url, options.events ?? ["*"]],
          ...[options.schedule === undefined ? [5, 300] : options.schedule, at],
          options.filter ? JSON.stringify(options.filter) : null,
          options.ordering ?? "parallel",
          options.dialect ?? "curlew",
          JSON.stringify(options.dialectOptions ?? {}),
          options.customFields ?? [],
        ],
      );
      await town.change(
        `insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at)
         values ($1, $2, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signing', $3)`,
        [ids.next(), id, at],
      );
      const serial = rows[0]?.serial;
      if (serial === undefined) throw new Error("no endpoint was made");
      return { id, serial, url };
    },
    async change(statement, values = []) {
      await database.connections.transaction(async (tx) => {
        await tx.query(statement, values);
        await tx.query("update workspace set config_version = config_version + 1 where id = $1", [
          workspaceId,
        ]);
        await tx.query("update instance set config_version = config_version + 1");
      });
    },
    async conversation() {
      const id = ids.next();
      await pool.query(
        "insert into contact (id, workspace_id, created_at, updated_at) values ($1, $2, $3, $3) on conflict do nothing",
        [id, workspaceId, at],
      );
      await pool.query(
        `insert into conversation (id, workspace_id, channel_id, contact_id, created_at) values ($1, $2, $3, $1, $4)`,
        [id, workspaceId, channelId, at],
      );
      return id;
    },
    draft: (overrides = {}) => ({
      workspaceId,
      type: "order.shipped",
      occurredAt: clock.now(),
      accountId: null,
      channelId: null,
      channelKind: null,
      conversationId: null,
      campaignId: null,
      account: null,
      channel: null,
      conversation: overrides.conversationId == null ? null : { id: overrides.conversationId },
      contact: null,
      data: { number: 1 },
      ...overrides,
    }),
    async rows<R extends object>(text: string, values: unknown[] = []) {
      return (await pool.query<R>(text, values)).rows;
    },
    async end() {
      await database.drop();
    },
  };
  return town;
}

/** The acceptor that most tests need: one event a unit. */
export function recorder(engine: Engine, name = "test") {
  return engine.makeAcceptor<EventDraft, { id: string; seq: number | null }>({
    name,
    maxUnits: 100,
    laneOf: (draft) => (draft.conversationId === null ? [] : [draft.conversationId]),
    run: (recording, units) => recording.append(units),
  });
}

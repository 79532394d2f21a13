import { wanted } from "../../../src/channels/meta/items.ts";
import { parseMeta } from "../../../src/channels/parse-meta.ts";
import type { Acceptor } from "../../../src/core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../../../src/core/messages/inbound.ts";
import type { Clock } from "../../../src/core/outside/clock.ts";
import type {
  ProviderAnswer,
  ProviderHttp,
  ProviderRequest,
} from "../../../src/core/outside/provider-http.ts";
import type { ProviderPlaces } from "../../../src/core/sending/outgoing.ts";
import { Engine, type EngineDeps } from "../../../src/delivery/engine.ts";
import { inboxSpec } from "../../../src/inbox/inbox.ts";
import type { SendUnit } from "../../../src/outbox/accept-send.ts";
import { Outbox, type OutboxDeps, takeOver } from "../../../src/outbox/outbox.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createIds, type Ids } from "../../../src/runtime/ids.ts";
import { createMediaLinks, type MediaLinks } from "../../../src/runtime/media/media-links.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { createConfigChanges } from "../../../src/storage/workspaces/config-changes.ts";
import { createTestDatabase, type TestDatabase } from "../database/database.ts";
import { ManualClock, SOME_DAY_MS } from "../manual-clock.ts";
import { type SilentLogger, silentLogger } from "../silent-logger.ts";
import { silentMetrics } from "../silent-metrics.ts";
import { metaBody, type ValueParts } from "./inbox-world.ts";

export const SHOP = "106540352242922";
export const ADA = "16505551234";
export const BEN = "16505555678";
const KEEP_DAYS = 2;
export const LINK_MS = 7 * 86_400_000;

/** What the provider makes of a request; by default it takes the message. */
export type Script = (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>;

export function accepted(providerId: string, waId?: string): ProviderAnswer {
  const contacts = waId === undefined ? [] : [{ input: `+${waId}`, wa_id: waId }];
  return answer(200, { messaging_product: "whatsapp", contacts, messages: [{ id: providerId }] });
}

export function refusedBy(code: number, status = 400, details = "because"): ProviderAnswer {
  return answer(status, { error: { message: `(#${code}) No`, code, error_data: { details } } });
}

export function answer(status: number, body: unknown): ProviderAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "response", status, headers: {}, body: text };
}

export const lost: ProviderAnswer = {
  kind: "failed",
  written: true,
  error: "reset",
  detail: "the connection was reset",
};
export const unreachable: ProviderAnswer = {
  kind: "failed",
  written: false,
  error: "connect",
  detail: "refused",
};
export const never = (): Promise<ProviderAnswer> => new Promise(() => {});

/** Every provider is at one place. */
export function placesAt(url: string): ProviderPlaces {
  return {
    meta: { graphUrl: url, graphVersion: "v26.0" },
    twilio: { apiUrl: url },
    publicUrl: "https://curlew.example",
  };
}

/** A provider that has the request and answers when the test says so. */
export function held(): {
  script: Script;
  /** Resolves when the request is there. */
  arrived: Promise<ProviderRequest>;
  give(answer: ProviderAnswer): void;
} {
  let arrive: (request: ProviderRequest) => void = () => {};
  let give: (answer: ProviderAnswer) => void = () => {};
  const arrived = new Promise<ProviderRequest>((resolve) => {
    arrive = resolve;
  });
  const answered = new Promise<ProviderAnswer>((resolve) => {
    give = resolve;
  });
  const script: Script = (request) => {
    arrive(request);
    return answered;
  };
  return { script, arrived, give: (given) => give(given) };
}

/** A process: its engine, its outbox and its inbox on the common database. */
export interface Station {
  engine: Engine;
  outbox: Outbox;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  deps: OutboxDeps;
}

export interface StoredMessage {
  status: string;
  providerId: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into errors as a consumer does
  error: any;
}

/** A WhatsApp number on a real database, a provider that does as told, and a clock to move. */
export interface PostOffice {
  database: TestDatabase;
  /** Stands still in an office of real time. */
  clock: ManualClock;
  ids: Ids;
  logger: SilentLogger;
  /** To files that are kept here. */
  links: MediaLinks;
  workspaceId: string;
  accountId: string;
  channelId: string;
  /** Every request that reached the provider, in order. */
  requests: ProviderRequest[];
  /** The texts that the provider was given, in order. */
  texts(): string[];
  script(script: Script): void;
  station(overrides?: {
    outbox?: Partial<OutboxDeps>;
    engine?: Partial<EngineDeps>;
  }): Promise<Station>;
  /** Somebody writes to the shop; answers the conversation. */
  hear(
    station: Station,
    from?: string,
    more?: object,
  ): Promise<{ conversationId: string; contactId: string }>;
  /** The provider speaks of messages. */
  tell(station: Station, parts: ValueParts): Promise<InboundOutcome>;
  unit(
    to: { conversationId: string; contactId: string },
    text?: string,
    more?: Partial<SendUnit>,
  ): SendUnit;
  /** Accepts and answers the message's id. */
  post(station: Station, unit: SendUnit): Promise<string>;
  message(id: string): Promise<StoredMessage>;
  outboxRows(): Promise<{ state: string; owner: number | null; attempts: number }[]>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into bodies as a consumer does
  events(...types: string[]): Promise<{ type: string; body: any }[]>;
  rows<R extends object>(text: string, values?: unknown[]): Promise<R[]>;
  /** `observer` sees that every other process has no heartbeat any more, and takes over. */
  takeForDead(observer: Station): Promise<void>;
  end(): Promise<void>;
}

/** `realTime`: for real sockets, and for what several processes do at once, each at its own pace. */
export async function openPostOffice({ realTime = false } = {}): Promise<PostOffice> {
  const database = await createTestDatabase();
  const manual = new ManualClock(SOME_DAY_MS, database.rest);
  const clock: Clock = realTime ? systemClock() : manual;
  const { connections } = database;
  const { pool } = connections;
  await ensurePartitions(pool, clock.now(), KEEP_DAYS);
  const ids = createIds(clock);
  const logger = silentLogger();
  const [workspaceId, accountId, channelId] = [ids.next(), ids.next(), ids.next()];
  const at = new Date(clock.now());
  await pool.query("insert into workspace (id, name, created_at) values ($1, 'Post', $2)", [
    workspaceId,
    at,
  ]);
  await pool.query(
    "insert into account (id, workspace_id, name, created_at) values ($1, $2, 'Lucky Shrub', $3)",
    [accountId, workspaceId, at],
  );
  await pool.query(
    `insert into channel (id, workspace_id, account_id, kind, name, external_id, credentials, created_at, updated_at)
     values ($1, $2, $3, 'whatsapp', 'Shop', $4, '{"access_token":"EAAB"}', $5, $5)`,
    [channelId, workspaceId, accountId, SHOP, at],
  );
  const requests: ProviderRequest[] = [];
  let taken = 0;
  const accept: Script = () => accepted(`wamid.${++taken}`);
  let script = accept;
  const http: ProviderHttp = {
    async request(request) {
      requests.push(request);
      return script(request);
    },
  };
  const links = createMediaLinks({
    secret: "the instance's own",
    baseUrl: () => "https://curlew.example",
    linkMs: LINK_MS,
  });
  let made = 0;

  const office: PostOffice = {
    database,
    clock: manual,
    ids,
    logger,
    links,
    workspaceId,
    accountId,
    channelId,
    requests,
    texts: () => requests.map(({ body }) => JSON.parse(body ?? "").text.body),
    script(given) {
      script = given;
    },
    async station(overrides = {}) {
      const engine: Engine = new Engine({
        connections,
        clock,
        ids: createIds(clock),
        logger,
        metrics: silentMetrics,
        name: `station ${++made}`,
        role: "all",
        random: () => 0,
        openSecret: (sealed) => sealed,
        openColumn: (sealed) => sealed,
        openTarget: () => ({
          post: () => Promise.reject(new Error("nobody listens here")),
          close: () => Promise.resolve(),
        }),
        onRecover: async (tx, processId) => void (await takeOver(tx, processId, clock.now())),
        ...overrides.engine,
      });
      await engine.join();
      const deps: OutboxDeps = {
        db: pool,
        changeConfig: createConfigChanges({
          connections,
          logger,
          onChanged: async (id) => void (await engine.directory.load(id)),
        }),
        clock,
        random: () => 0,
        http,
        places: placesAt("https://graph.example"),
        openCredentials: (sealed) => sealed,
        linkMedia: links.link,
        logger,
        metrics: { provider() {} },
        sends: true,
        makeAcceptor: engine.makeAcceptor,
        processId: () => engine.membership.current.id,
        ...overrides.outbox,
      };
      return {
        engine,
        deps,
        outbox: new Outbox(deps),
        inbox: engine.makeAcceptor(inboxSpec()),
      };
    },
    async hear(station, from = ADA, more = {}) {
      const id = `wamid.in.${ids.next()}`;
      const timestamp = String(Math.trunc(clock.now() / 1000));
      const text = { id, from, timestamp, type: "text", text: { body: "Hello" } };
      await office.tell(station, { messages: [{ ...text, ...more }] });
      const [row] = await office.rows<{ conversationId: string; contactId: string }>(
        `select m.conversation_id as "conversationId", m.contact_id as "contactId"
         from message m where m.provider_id = $1`,
        [id],
      );
      if (!row) throw new Error("the message was not kept");
      return row;
    },
    tell(station, parts) {
      const items = wanted(parseMeta(new TextEncoder().encode(metaBody({ [SHOP]: parts }))));
      return station.inbox.accept({ provider: "meta", items, onlyChannelId: null });
    },
    unit: ({ conversationId, contactId }, text = "Hi", more = {}) => ({
      workspaceId,
      accountId,
      channelId,
      target: { kind: "conversation", conversationId, contactId },
      to: { kind: "wa_id", value: ADA },
      content: { type: "text", text, previewUrl: false },
      actor: "bot",
      tag: null,
      reconciles: "token",
      sendAt: null,
      fallback: [],
      replyTo: null,
      ticketRef: null,
      metadata: null,
      key: null,
      ...more,
    }),
    async post(station, unit) {
      const answered = await station.outbox.accept(unit);
      if (answered.kind !== "accepted") throw new Error("somebody holds the key");
      return answered.messageId;
    },
    async message(id) {
      const [row] = await office.rows<StoredMessage & { error: string | null }>(
        `select status, provider_id as "providerId", error from message where id = $1`,
        [id],
      );
      if (!row) throw new Error("there is no such message");
      return { ...row, error: row.error && JSON.parse(row.error) };
    },
    outboxRows: () => office.rows("select state, owner, attempts from outbox order by message_id"),
    async events(...types) {
      const rows = await office.rows<{ type: string; payload: string }>(
        "select type, payload from event where cardinality($1::text[]) = 0 or type = any($1) order by id",
        [types],
      );
      return rows.map(({ type, payload }) => ({ type, body: JSON.parse(payload) }));
    },
    async rows<R extends object>(text: string, values: unknown[] = []) {
      return (await pool.query<R>(text, values)).rows;
    },
    async takeForDead({ engine }) {
      await engine.beatOnce();
      await engine.membership.watchOnce();
      for (let second = 0; second < 5; second++) {
        await manual.advance(1_000);
        await engine.beatOnce();
      }
      await engine.membership.watchOnce();
    },
    async end() {
      await database.drop();
    },
  };
  return office;
}

import { type ClientRequest, request } from "node:http";
import { describe, expect, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../../src/core/messages/inbound.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import type { PublishRequest } from "../../src/delivery/publishing/publish-request.ts";
import type { Credentials } from "../../src/http/access/authentication.ts";
import { newRoutes } from "../../src/http/api.ts";
import { eventRoutes } from "../../src/http/events/events.ts";
import { createPublishing } from "../../src/http/events/publishing.ts";
import { createExpressLane } from "../../src/http/express-lane.ts";
import { publishExpress } from "../../src/http/express-routes.ts";
import { answerBy, openDoor } from "../../src/http/listen.ts";
import { inboxInTurns } from "../../src/http/turns/taking-turns.ts";
import { type Guest, HungUp, Turnstile } from "../../src/http/turns/turnstile.ts";
import {
  httpApp,
  jsonRequest,
  noTurnstile,
  principalWith,
  recordingLogger,
} from "../support/api/http.ts";
import { openTown } from "../support/engine/town.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { silentLogger } from "../support/silent-logger.ts";

const NOISY = principalWith("events:write", "messages:send");
const QUIET: Principal = { ...NOISY, workspaceId: "01890a5d-ac96-774b-bcce-b302099a8058" };
const EVENT = "01890a5d-ac96-774b-bcce-b302099a8059";
const BROUGHT = 80;

/** Counts up, and tells who waits for a number that it is reached. */
class Count {
  #at = 0;
  readonly #waiting: { least: number; reached: () => void }[] = [];

  add(): void {
    this.#at++;
    for (const { least, reached } of this.#waiting) if (this.#at >= least) reached();
  }

  reaches(least: number): Promise<void> {
    if (this.#at >= least) return Promise.resolve();
    return new Promise((reached) => this.#waiting.push({ least, reached }));
  }
}

/** A server whose noisy workspace's events stay under way until they are let go. */
async function openServer(onTestFinished: (end: () => Promise<void>) => void) {
  const clock = new ManualClock();
  const [came, gone] = [new Count(), new Count()];
  const published: string[] = [];
  const guests: Guest[] = [];
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const real = new Turnstile({ clock, freePerSecond: 100, load: () => 1, onRefused() {} });
  const turnstile = {
    async pass<Answer>(guest: Guest, work: () => Promise<Answer>): Promise<Answer> {
      guests.push(guest);
      const passing = real.pass(guest, work);
      came.add();
      return passing.catch((error: unknown) => {
        if (error instanceof HungUp) gone.add();
        throw error;
      });
    },
  };
  const publishing = {
    async publish({ workspaceId, items }: PublishRequest) {
      for (const { data } of items) published.push((data as { name: string }).name);
      if (workspaceId === NOISY.workspaceId) await held;
      return {
        kind: "published" as const,
        events: items.map(() => ({ id: EVENT, duplicate: false })),
      };
    },
    requireSchemas: async () => [],
  };
  const room = {
    rates: { requireRoom() {}, spend() {} },
    disk: { requireRoom() {} },
    ...{ turnstile, longWork: noTurnstile, onRefused() {} },
  };
  const authenticate = async ({ authorization }: Credentials) =>
    authorization === "Bearer quiet" ? QUIET : NOISY;
  const statuses: number[] = [];
  const requests = {
    ...{ logger: recordingLogger(), clock: { monotonic: () => 0 }, newId: () => EVENT },
    metrics: { http: (_: string, __: string, status: number) => void statuses.push(status) },
  };
  const app = httpApp({
    ...{ ...requests, authenticate, room },
    metrics: { ...requests.metrics, contentType: "", text: async () => "" },
    routes: [
      eventRoutes({
        ...publishing,
        db: { query: () => Promise.reject(new Error("nothing is read here")) },
        clock: { now: () => 0 },
        retentionMs: 1,
        onFollowed() {},
      }),
    ],
  });
  const lane = createExpressLane(requests, [
    publishExpress({ authenticate, room, answerPublish: createPublishing(publishing) }),
  ]);
  const server = await openDoor(
    { host: "127.0.0.1", port: 0 },
    { clock, newId: () => EVENT },
    answerBy(app.fetch, "127.0.0.1", lane),
  );
  onTestFinished(async () => {
    letGo();
    await clock.advance(1_000);
    await server.close();
  });

  /** Publishes over a connection of its own. */
  function publish(who: "noisy" | "quiet", path: string, name: string, asList = false) {
    const event = JSON.stringify({ type: "order.shipped", data: { name } });
    const body = asList ? `\n [${event}]` : event;
    let asking: ClientRequest | null = null;
    const answered = new Promise<number | null>((resolve) => {
      asking = request(`${server.url}${path}`, {
        ...{ method: "POST", agent: false },
        headers: {
          authorization: `Bearer ${who}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
      });
      asking.on("response", (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      });
      asking.on("error", () => resolve(null));
      asking.end(body);
    });
    return { answered, hangUp: () => asking?.destroy() };
  }
  const pass = (ms: number) => clock.advance(ms);
  return {
    publish,
    published,
    guests,
    statuses,
    came,
    gone,
    letGo: () => letGo(),
    pass,
    turnstile: real,
  };
}

describe.each([
  ["on the express lane", "/v1/events"],
  ["by way of the framework", "/v1/events?&"],
])("events of many requests at once, %s", (_, path) => {
  test("wait as they came, while those of a quiet workspace are published at once", async ({
    onTestFinished,
  }) => {
    const server = await openServer(onTestFinished);
    expect(await server.publish("quiet", path, "first").answered).toBe(202);
    for (let at = 0; at < BROUGHT; at++) server.publish("noisy", path, `noisy ${at}`);
    await server.came.reaches(1 + BROUGHT);
    expect(server.turnstile.waiting).toBeGreaterThan(BROUGHT / 2);
    expect(server.published).toHaveLength(1 + BROUGHT - server.turnstile.waiting);

    expect(await server.publish("quiet", path, "second").answered).toBe(202);
    expect(server.published.at(-1)).toBe("second");
  });

  test("tell before they are read whether they are lists", async ({ onTestFinished }) => {
    const server = await openServer(onTestFinished);
    for (const asList of [true, false]) {
      expect(await server.publish("quiet", path, "some", asList).answered).toBe(202);
    }
    expect(server.guests.map(({ isList }) => isList)).toEqual([true, false]);
  });

  test("are each published and answered once, but for those whose client hung up", async ({
    onTestFinished,
  }) => {
    const server = await openServer(onTestFinished);
    await server.publish("quiet", path, "first").answered;
    const all = Array.from({ length: BROUGHT }, (_, at) => {
      const name = `noisy ${at}`;
      return { name, ...server.publish("noisy", path, name) };
    });
    await server.came.reaches(1 + BROUGHT);
    const begun = new Set(server.published);
    const waiting = all.filter(({ name }) => !begun.has(name));
    const leavers = waiting.filter((_, at) => at % 3 === 0);
    for (const { hangUp } of leavers) hangUp();
    await server.gone.reaches(leavers.length);
    server.letGo();
    await server.pass(1_000);

    const stayers = all.filter((each) => !leavers.includes(each));
    const answers = await Promise.all(stayers.map(({ answered }) => answered));
    expect(answers).toEqual(stayers.map(() => 202));
    expect(server.published.toSorted()).toEqual(
      ["first", ...stayers.map(({ name }) => name)].toSorted(),
    );
    expect(server.turnstile.waiting).toBe(0);
    expect(server.statuses.filter((status) => status === 499)).toHaveLength(leavers.length);
  });
});

test("sending takes turns as publishing does, reading does not", async () => {
  const guests: string[] = [];
  const routes = newRoutes();
  routes.all("/send", (c) => c.text("sent"));
  const app = httpApp({
    principal: QUIET,
    room: {
      rates: { requireRoom() {}, spend() {} },
      disk: { requireRoom() {} },
      longWork: noTurnstile,
      turnstile: {
        pass(guest, work) {
          guests.push(guest.workspaceId);
          return work();
        },
      },
      onRefused() {},
    },
    routes: [routes],
  });
  expect((await app.request("/v1/send", jsonRequest("POST", {}))).status).toBe(200);
  expect((await app.request("/v1/send")).status).toBe(200);
  expect(guests).toEqual([QUIET.workspaceId]);
});

test.each([
  ["/deliveries", true],
  ["/dead-letters", true],
  ["/dead-letters/causes", true],
  ["/dead-letters/replay", true],
  ["/endpoints/ep_1/replay", true],
  ["/series", true],
  ["/ledger", true],
  ["/endpoints", false],
  ["/deliveries/dlv_1", false],
])("what looks through much of the log takes turns: %s, %s", async (path, isLong) => {
  const guests: string[] = [];
  const routes = newRoutes();
  routes.all(path, (c) => c.text("done"));
  const app = httpApp({
    principal: QUIET,
    room: {
      rates: { requireRoom() {}, spend() {} },
      disk: { requireRoom() {} },
      turnstile: noTurnstile,
      longWork: {
        pass(guest, work) {
          guests.push(guest.workspaceId);
          return work();
        },
      },
      onRefused() {},
    },
    routes: [routes],
  });
  expect(await (await app.request(`/v1${path}`)).text()).toBe("done");
  expect(guests).toEqual(isLong ? [QUIET.workspaceId] : []);
});

test("what a provider brings counts for the workspace of its channel, from when that is known", async ({
  onTestFinished,
}) => {
  const town = await openTown();
  onTestFinished(() => town.end());
  const guests: Guest[] = [];
  const spent: { workspaceId: string; events: number }[] = [];
  const known = new Count();
  const pool: Queryable = town.database.connections.pool;
  const none = { messages: 0, unsupported: 0, duplicates: 0, statuses: 0, facts: 0 };
  const outcome: InboundOutcome = { ...none, waiting: 0, unroutable: 0 };
  const inbox = inboxInTurns({
    ...{ clock: town.clock, logger: silentLogger() },
    inbox: { accept: async () => outcome },
    db: {
      async query<R extends object>(...asked: Parameters<Queryable["query"]>) {
        const found = await pool.query<R>(...asked);
        known.add();
        return found;
      },
    },
    turnstile: {
      pass(guest, work) {
        guests.push(guest);
        return work();
      },
      spend: (workspaceId, events) => void spent.push({ workspaceId, events }),
    },
  });
  const bring = (externalId: string) => inbox.accept(fromWhatsApp(externalId));

  expect(await bring("15550001"), "nobody waits to be known").toEqual(outcome);
  await bring("nobody's");
  expect(guests).toEqual([]);
  await known.reaches(2);
  await town.clock.advance(0);
  await bring("15550001");
  await bring("nobody's");
  expect(guests).toEqual([{ workspaceId: town.workspaceId, bytes: 0, isOwed: true }]);
  expect(spent, "beyond its first item").toEqual([{ workspaceId: town.workspaceId, events: 1 }]);

  await town.change("update channel set deleted_at = $1", [new Date(town.clock.now())]);
  await town.clock.advance(60_000);
  await bring("15550001");
  await known.reaches(3);
  await town.clock.advance(0);
  await bring("15550001");
  expect(guests).toHaveLength(2);
});

function fromWhatsApp(externalId: string): InboundRequest {
  const channel = { kind: "whatsapp" as const, externalId };
  const item = { kind: "unreadable" as const, channel, reason: "malformed" as const, raw: "{}" };
  const items: InboundRequest["items"] = [item, item];
  return { provider: "meta", items, onlyChannelId: null };
}

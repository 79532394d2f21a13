import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CurlewError } from "../../src/core/errors.ts";
import { createPublisher } from "../../src/delivery/publishing/publish.ts";
import { WorkspaceRates } from "../../src/delivery/publishing/workspace-rates.ts";
import { WorkspaceDisk } from "../../src/delivery/rounds/workspace-disk.ts";
import { eventRoutes } from "../../src/http/events/events.ts";
import { forgetWorkspaceBytes } from "../../src/storage/figures/workspace-bytes.ts";
import { httpApp, jsonRequest, noTurnstile, principalWith } from "../support/api/http.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

const MEGABYTE = 1024 * 1024;

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.end());

/** One process, with shares of the disk and of the rate, as it is asked over HTTP. */
async function openProcess({ perSecond = 0, mostBytes = 0 }) {
  const { clock, database } = town;
  const refusals: string[] = [];
  const engine = await town.engine({
    onWritten: (workspaceId, payload) => disk.wrote(workspaceId, payload.length),
  });
  const publish = createPublisher(engine.makeAcceptor);
  const rates = new WorkspaceRates(perSecond, clock);
  const db = database.connections.pool;
  const disk = new WorkspaceDisk({ db, clock, logger: silentLogger(), publish, mostBytes });
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: town.workspaceId },
    room: {
      rates,
      disk,
      ...{ turnstile: noTurnstile, longWork: noTurnstile },
      onRefused: (reason) => void refusals.push(reason),
    },
    routes: [
      eventRoutes({
        ...{ db, publish, clock, retentionMs: 90 * 86_400_000 },
        requireSchemas: async () => [],
        spend: (workspaceId, events) => rates.spend(workspaceId, events),
        onFollowed() {},
      }),
    ],
  });
  const call = async (body: unknown) => {
    const answer = await app.request("/v1/events", jsonRequest("POST", body));
    return {
      status: answer.status,
      headers: answer.headers, // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
      body: (await answer.json()) as any,
    };
  };
  return { engine, disk, refusals, call, app };
}

const event = { type: "order.shipped", data: {} };

describe("a workspace's rate", () => {
  test("lets a burst pass, then says when to ask again, and counts every event of a batch", async () => {
    const { call, refusals, app } = await openProcess({ perSecond: 10 });
    expect((await call(Array.from({ length: 20 }, () => event))).status).toBe(202);
    const refused = await call(event);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.body).toMatchObject({
      code: "too_many_requests",
      detail: "This workspace may bring 10 events and messages a second: ask again in 1 s.",
      limit: 10,
    });
    expect(refusals).toEqual(["workspace_rate"]);
    expect((await app.request("/v1/events")).status, "reading is not counted").toBe(200);

    await town.clock.advance(100);
    expect((await call(event)).status).toBe(202);
    expect((await call(event)).status).toBe(429);
  });

  test("is owed by who brings more than it at once", async () => {
    const { call } = await openProcess({ perSecond: 10 });
    expect((await call(Array.from({ length: 70 }, () => event))).status).toBe(202);
    expect((await call(event)).headers.get("retry-after")).toBe("6");
    await town.clock.advance(5_000);
    expect((await call(event)).status).toBe(429);
    await town.clock.advance(200);
    expect((await call(event)).status).toBe(202);
  });

  test("tells those it refuses to come back in turns, five seconds late at most", () => {
    const rates = new WorkspaceRates(10, { monotonic: () => 0 });
    rates.spend("a", 20);
    const told = Array.from({ length: 200 }, () => {
      try {
        return rates.requireRoom("a");
      } catch (error) {
        return (error as CurlewError).retryAfterS;
      }
    });
    const count = (seconds: number) => told.filter((each) => each === seconds).length;
    expect([1, 2, 3, 4, 5].map(count)).toEqual([10, 10, 10, 10, 10]);
    expect(count(6)).toBe(150);
  });

  test("is each workspace's own", () => {
    const rates = new WorkspaceRates(1, { monotonic: () => 0 });
    rates.spend("a", 5);
    expect(() => rates.requireRoom("a")).toThrow("may bring 1 events");
    expect(() => rates.requireRoom("b")).not.toThrow();
  });
});

describe("a workspace's share of the disk", () => {
  test("is warned of at four fifths, then refused, over all processes, until days are dropped", async () => {
    const [one, other] = [
      await openProcess({ mostBytes: MEGABYTE }),
      await openProcess({ mostBytes: MEGABYTE }),
    ];
    const large = { type: "order.shipped", data: { text: "x".repeat(210_000) } };
    for (const { call } of [one, other, one]) expect((await call(large)).status).toBe(202);
    for (const { disk } of [one, other]) await disk.look();
    expect(await told()).toEqual([]);

    expect((await other.call(large)).status).toBe(202);
    await other.disk.look();
    expect(await told()).toEqual([["quota.warned", { meter: "disk_mb", used: 1, limit: 1 }]]);
    for (const { disk } of [one, other]) await disk.look();
    expect(await told(), "once, whoever notices").toHaveLength(1);

    expect((await one.call(large)).status, "one has not looked since").toBe(202);
    await one.disk.look();
    const refused = await one.call(event);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("3600");
    expect(refused.body.detail).toBe(
      "The events of this workspace take the 1 MB that they may: there is room when the oldest are dropped.",
    );
    expect(one.refusals).toEqual(["workspace_disk"]);
    expect((await told()).map(([type]) => type)).toEqual(["quota.warned", "quota.exceeded"]);

    await forgetWorkspaceBytes(town.database.connections.pool, town.clock.now() + 86_400_000);
    await one.disk.look();
    expect((await one.call(event)).status).toBe(202);
  });

  async function told() {
    const rows = await town.rows<{ type: string; payload: string }>(
      "select type, payload from event where type like 'quota.%' order by type desc",
    );
    return rows.map(({ type, payload }) => {
      const { resets_at: _, ...data } = JSON.parse(payload).data;
      return [type, data];
    });
  }
});

describe("a workspace's share of what waits to be accepted", () => {
  test("is a quarter: the others go on being taken, and it is told to come back", async () => {
    const refusals: string[] = [];
    const metrics = { accepted() {}, settled() {}, attempt() {}, dropped() {}, fenced() {} };
    const engine = await town.engine({
      metrics: { ...metrics, dead() {}, refused: (reason) => void refusals.push(reason) },
    });
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const acceptor = engine.makeAcceptor<string, string>({
      name: "held",
      maxUnits: 1_000,
      workspaceOf: (unit) => unit.charAt(0),
      run: async (_, units) => {
        await gate;
        return [...units];
      },
    });
    const noisy = Array.from({ length: 5_000 }, (_, at) => acceptor.accept(`n${at}`));
    await expect(acceptor.accept("n")).rejects.toMatchObject({
      code: "too_many_requests",
      message: "5000 requests of this workspace wait to be accepted, which is its share",
      retryAfterS: 1,
    });
    expect(refusals).toEqual(["workspace_share"]);
    const quiet = acceptor.accept("q");
    expect(engine.acceptsWaiting).toBeGreaterThan(3_000);
    open();
    expect(await quiet).toBe("q");
    await Promise.all(noisy);
    expect(engine.acceptsWaiting).toBe(0);
  });

  test("costs a quiet one no more than a turn", async () => {
    const engine = await town.engine();
    const record = recorder(engine);
    expect((await record.accept(town.draft())).id).toBeTruthy();
    const order: string[] = [];
    const acceptor = engine.makeAcceptor<string, string>({
      name: "in turns",
      maxUnits: 10,
      workspaceOf: (unit) => unit.charAt(0),
      run: async (_, units) => {
        order.push(...units);
        return [...units];
      },
    });
    const all = [
      ...Array.from({ length: 100 }, (_, at) => acceptor.accept(`n${at}`)),
      acceptor.accept("q"),
    ];
    await Promise.all(all);
    expect(order.indexOf("q")).toBeLessThan(10);
  });

  test("keeps a quiet one from waiting for its transactions, and gives itself no more of them", async () => {
    const engine = await town.engine();
    const gates: (() => void)[] = [];
    let bothStand = (): void => {};
    const bothHeld = new Promise<void>((resolve) => {
      bothStand = resolve;
    });
    const batches: string[][] = [];
    const acceptor = engine.makeAcceptor<string, string>({
      name: "beside",
      maxUnits: 10,
      workspaceOf: (unit) => unit.charAt(0),
      run: async (_, units) => {
        batches.push([...units]);
        if (units.some((unit) => unit.startsWith("n"))) {
          await new Promise<void>((open) => {
            gates.push(open);
            if (gates.length === 2) bothStand();
          });
        }
        return [...units];
      },
    });
    const noisy = Array.from({ length: 40 }, (_, at) => acceptor.accept(`n${at}`));
    // Both of the two transactions that everybody has are the noisy one's, and stand still.
    await bothHeld;
    expect(await acceptor.accept("q")).toBe("q");
    expect(batches).toHaveLength(3);
    expect(batches[2]).toEqual(["q"]);
    let isOver = false;
    const over = Promise.all(noisy).then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const open of gates.splice(0)) open();
      await town.clock.advance(0);
    }
    await over;
    expect(batches.flat().filter((unit) => unit.startsWith("n"))).toHaveLength(40);
  });
});

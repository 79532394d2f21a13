import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../src/delivery/engine.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const POISON = "order.poisoned";
const draft = (type = POISON) => town.draft({ type });
const deliveries = () =>
  town.rows<{ state: string; attempts: number; reason: string | null; body: string | null }>(
    "select state, attempts, reason, body from delivery order by event_id",
  );

/** Speaks to the endpoint as before, and fails at a fault of ours with what is poisonous. */
async function breakRenderer(
  engine: Engine,
  serial: number,
  change: (dialect: Dialect) => Partial<Dialect> = faulty,
): Promise<void> {
  const view = (await engine.directory.get(town.workspaceId)).endpoints.get(serial);
  if (!view) throw new Error("there is no such endpoint");
  view.dialect = { ...view.dialect, ...change(view.dialect) };
}

function faulty({ render }: Dialect): Partial<Dialect> {
  return {
    render(event, speech, renderer) {
      if (event.native.includes(POISON)) throw new TypeError("undefined is not a function");
      return render(event, speech, renderer);
    },
  };
}

async function goOn(engine: Engine): Promise<void> {
  await engine.beatOnce();
  await engine.carrier.breakers.refresh();
  await engine.retries.scan();
  await engine.retries.runOnce();
  await engine.quiet();
}

describe("a delivery whose request cannot be written", () => {
  test("fails as any other does, is tried again, and arrives as its successor writes it", async () => {
    const { url, serial } = await town.endpoint({ schedule: [5, 300] });
    const engine = await town.engine();
    await breakRenderer(engine, serial);
    await recorder(engine).accept(draft());
    await engine.quiet();
    expect(town.posts).toEqual([]);
    expect(await deliveries()).toEqual([
      { state: "pending", attempts: 1, reason: null, body: null },
    ]);
    expect(await town.rows("select n, status, error, detail from attempt")).toEqual([
      {
        n: 1,
        status: null,
        error: "unwritten",
        detail: "the request could not be written: a fault in Curlew, which its log tells of",
      },
    ]);

    await breakRenderer(engine, serial, () => ({
      ...{ renderer: 2, render: ({ native }, _, renderer) => (renderer === 2 ? native : "") },
    }));
    await town.clock.advance(5_000);
    await goOn(engine);
    expect(town.posts).toMatchObject([{ url, body: expect.stringContaining(POISON) }]);
    expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: 2, body: null }]);
    expect(await town.rows("select renderer from delivery")).toEqual([{ renderer: 2 }]);
  });

  test("is told in the log, with its event and endpoint, and to nobody else", async () => {
    const { serial } = await town.endpoint();
    const logger = silentLogger();
    const engine = await town.engine({ logger });
    await breakRenderer(engine, serial);
    const { id } = await recorder(engine).accept(draft());
    await engine.quiet();
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([
      {
        level: "error",
        fields: { err: expect.any(TypeError), event: id, endpoint: serial, attempt: 1 },
        message: "a request could not be written",
      },
    ]);
  });

  test("is accepted once, and those accepted with it arrive once", async () => {
    const { serial } = await town.endpoint();
    const engine = await town.engine();
    await breakRenderer(engine, serial);
    const accept = recorder(engine);
    await Promise.all(
      ["order.first", POISON, "order.last"].map((type) => accept.accept(draft(type))),
    );
    await engine.quiet();
    expect((await town.rows("select type from event order by id")).length).toBe(3);
    expect(town.posts.length).toBe(2);
  });

  test("is dead when its schedule is spent, and replays as the endpoint has chosen", async () => {
    const { serial } = await town.endpoint({
      ...{ schedule: [5], dialect: "chatgenius", customFields: ["vip"] },
      dialectOptions: { extended_events: true },
    });
    const desk = await openDesk(town);
    const { engine } = desk;
    await breakRenderer(engine, serial);
    await recorder(engine).accept(draft());
    await engine.quiet();
    await town.clock.advance(5_000);
    await goOn(engine);
    expect(await deliveries()).toMatchObject([
      { state: "dead", attempts: 2, reason: "schedule_spent" },
    ]);
    const shown = await desk.call("GET", "/deliveries");
    const { id } = shown.body.data[0];
    const { status, body } = await desk.call("GET", `/deliveries/${id}`);
    expect([status, body.request, body.last_error]).toEqual([200, null, "unwritten"]);

    await breakRenderer(engine, serial, () => ({
      render: (_, { customFields }) => JSON.stringify(customFields),
    }));
    expect((await desk.call("POST", `/deliveries/${id}/replay`)).status).toBe(202);
    await goOn(engine);
    expect(town.posts.map(({ body }) => body)).toEqual(['["vip"]']);
    expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: 3 }]);
  });

  test("costs the endpoint neither a slot nor its turn, however many there are", async () => {
    const { serial } = await town.endpoint({ schedule: [] });
    const engine = await town.engine();
    await breakRenderer(engine, serial);
    const accept = recorder(engine);
    for (let n = 0; n < 40; n++) {
      await accept.accept(draft());
      await town.clock.advance(1_000);
      await engine.beatOnce();
    }
    await engine.quiet();
    expect(engine.sender.inFlight).toBe(0);
    expect(engine.sender.carried).toBe(0);
    expect(await town.rows("select state from endpoint_health where state <> 'ok'")).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => accept.accept(draft("order.fine"))));
    await engine.quiet();
    expect(town.posts.length).toBe(20);
  });

  test("is so too where a connection cannot be prepared", async () => {
    await town.endpoint({ schedule: [5] });
    let isBroken = true;
    const engine = await town.engine({
      openTarget: () => {
        if (isBroken) throw new Error("no certificate that can be read");
        return { post: async () => ok, async close() {} };
      },
    });
    await recorder(engine).accept(draft());
    await engine.quiet();
    expect(await deliveries()).toMatchObject([{ state: "pending", attempts: 1 }]);
    isBroken = false;
    await town.clock.advance(5_000);
    await goOn(engine);
    expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });

  test("does not keep a breaker open: another is the probe", async () => {
    const { url, serial } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    const engine = await town.engine();
    const accept = recorder(engine);
    const state = async () =>
      (await town.rows<{ state: string }>("select state from endpoint_health"))[0]?.state;
    for (let n = 0; n < 4; n++) {
      if (n > 0) await town.clock.advance(12_000);
      await engine.beatOnce();
      for (let m = 0; m < 6; m++) await accept.accept(draft("order.fine"));
      await engine.quiet();
    }
    await until("the breaker opens", async () => (await state()) === "open");
    await engine.carrier.breakers.refresh();
    town.answers.delete(url);
    await breakRenderer(engine, serial);
    await town.rows("update retry set next_at = next_at + interval '1 hour'");
    await accept.accept(draft());
    await engine.overflowed();
    await town.clock.advance(60_000);
    await until("the poisonous one was tried", async () => {
      await goOn(engine);
      await town.clock.advance(1_000);
      return (await town.rows("select from attempt where error = 'unwritten'")).length > 0;
    });
    expect(await state()).toBe("open");
    await town.rows("update retry set next_at = $1", [new Date(town.clock.now())]);
    await until("the breaker closes", async () => {
      await goOn(engine);
      await town.clock.advance(1_000);
      return (await state()) === "ok";
    });
  });
});

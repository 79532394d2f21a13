import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deliveryId, publicId } from "../../src/core/ids.ts";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { doubting } from "../../src/delivery/loops/doubting.ts";
import { expungeOnce } from "../../src/delivery/rounds/expunging.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import {
  answeredLate,
  type Meddle,
  type Meddler,
  openMeddler,
  unanswered,
  unheard,
} from "../support/database/meddler.ts";
import { openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

// Nobody scans here: what is due is found by what the process has heard, or by its doubts.
let town: Town;
let meddler: Meddler;
beforeEach(async () => {
  town = await openTown();
  meddler = openMeddler(town.database.connections);
});
afterEach(() => town.end());

const engineMeddledWith = () => town.engine({ connections: meddler.connections });
const deliveries = () =>
  town.rows<{ state: string; attempts: number }>(
    "select state, attempts from delivery order by event_id, endpoint",
  );
const DELIVERED = { state: "delivered" };

/** An endpoint that refuses the first `times` requests of each event. */
async function moody(times: number, options: Parameters<Town["endpoint"]>[0] = {}) {
  const endpoint = await town.endpoint(options);
  const seen = new Map<string, number>();
  town.answers.set(endpoint.url, ({ headers }) => {
    const id = headers["webhook-id"] ?? "";
    seen.set(id, (seen.get(id) ?? 0) + 1);
    return (seen.get(id) ?? 0) > times ? ok : refused(500);
  });
  return endpoint;
}

/** Moves time on, and lets the process take what it knows to be due then. */
async function after(ms: number, engine: Engine): Promise<number> {
  await town.clock.advance(ms);
  await engine.beatOnce();
  const taken = await engine.retries.runOnce();
  await engine.quiet();
  return taken;
}

/** Nobody passes until it is opened. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const leases = () => town.rows("select from retry where owner is not null");

const dead = ({ membership }: Engine) =>
  town.change("update process set state = 'dead' where id = $1", [membership.current.id]);

describe("a retry is made when it is due", () => {
  test("although its process could not ask when that is", async () => {
    await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await town.clock.advance(3_000);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    meddler.once("queue peek_due", unheard);
    await expect(after(2_000, engine)).rejects.toThrow("ECONNRESET");
    await engine.quiet();
    expect(await after(3_000, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED, DELIVERED]);
  });

  test("when its process has died, and left nothing else to be taken over", async () => {
    await moody(1, { schedule: [20] });
    const [a, b] = [await town.engine(), await town.engine()];
    await recorder(a).accept(town.draft());
    await a.quiet();
    await a.beatOnce();
    expect(await after(0, b)).toBe(0);
    await dead(a);
    await b.watchOnce();
    expect(await after(0, b)).toBe(0);
    expect(await after(20_000, b)).toBe(1);
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 2 }]);
  });

  test("although it was freed, after its lease was found to have no owner", async () => {
    await moody(1, { schedule: [5] });
    const [a, b] = [await town.engine(), await town.engine()];
    await recorder(a).accept(town.draft());
    await a.quiet();
    await town.change("update retry set owner = 999999");
    await after(60_000, b);
    await b.retries.tidy();
    expect(await after(0, b)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("although it was given back long after others had been claimed that were due later", async () => {
    const { url } = await moody(2, { schedule: [5, 300, 300] });
    const engine = await town.engine();
    const accept = recorder(engine);
    await accept.accept(town.draft());
    await engine.quiet();
    // The claim's answer was lost: the lease stands under its name.
    await town.change("update retry set owner = $1", [engine.membership.current.id]);
    await accept.accept(town.draft());
    await engine.quiet();
    expect(await after(5_000, engine)).toBe(1);
    expect(await after(300_000, engine)).toBe(1);
    await engine.retries.tidy();
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(5);
  });

  test("although the answer to its giving back was lost", async () => {
    await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.change("update retry set owner = $1", [engine.membership.current.id]);
    expect(await after(60_000, engine)).toBe(0);
    meddler.once("queue release_leases", unanswered);
    await expect(engine.retries.tidy()).rejects.toThrow("ECONNRESET");
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("once, although its leases are looked through while the claim is still to be answered", async () => {
    const { url } = await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(5_000);
    await engine.beatOnce();
    let give: (result: PostResult) => void = () => {};
    const answer = new Promise<PostResult>((resolve) => {
      give = resolve;
    });
    town.answers.set(url, () => answer);
    let tidying = Promise.resolve();
    meddler.once("queue claim_due", async (run) => {
      const claimed = await run();
      // The look at the leases begins and is answered before the claim's own answer comes.
      await new Promise<void>((answered) => {
        meddler.once("queue list_leases", async (list) => {
          const leases = await list();
          setImmediate(answered);
          return leases;
        });
        tidying = engine.retries.tidy();
      });
      return claimed;
    });
    expect(await engine.retries.runOnce()).toBe(1);
    await tidying;
    expect(await town.rows("select owner from retry")).toEqual([
      { owner: engine.membership.current.id },
    ]);
    give(ok);
    await engine.quiet();
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });
});

describe("a lease is kept as long as memory stands behind it", () => {
  const leased = async ({ membership }: Engine) =>
    (await town.rows("select from retry where owner = $1", [membership.current.id])).length;

  test("although it was taken again before the outcome of the last one was answered", async () => {
    const { url, serial } = await town.endpoint({ schedule: [5, 5, 5] });
    const engine = await engineMeddledWith();
    town.answers.set(url, () => refused(500));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(5_000);
    await engine.beatOnce();
    const again = new Promise<number>((answered) => {
      meddler.once("settle commit", async (run) => {
        const settled = await run();
        town.answers.set(url, () => new Promise(() => {}));
        await town.clock.advance(5_000);
        await engine.beatOnce();
        engine.retries.look(serial);
        const taken = await engine.retries.runOnce();
        // By then what follows from the answer has been done.
        setImmediate(() => answered(taken));
        return settled;
      });
    });
    expect(await engine.retries.runOnce()).toBe(1);
    expect(await again).toBe(1);
    expect(engine.sender.carried).toBe(1);
    await engine.retries.tidy();
    expect(await leased(engine)).toBe(1);
  });

  test("although it was taken again before its giving back was answered", async () => {
    const { url, serial } = await town.endpoint();
    const [api, engine] = [await town.engine({ role: "api" }), await engineMeddledWith()];
    town.answers.set(url, () => new Promise(() => {}));
    for (let n = 0; n < 5; n++) await recorder(api).accept(town.draft());
    engine.retries.look(serial);
    expect(await engine.retries.runOnce()).toBe(5);
    expect(engine.sender.inFlight, "one waits in memory").toBe(4);
    await town.clock.advance(10_000);
    await engine.beatOnce();
    let again = 0;
    meddler.once("queue release_leases", async (run) => {
      const released = await run();
      engine.retries.look(serial);
      again = await engine.retries.runOnce();
      return released;
    });
    engine.sender.sweep();
    await engine.overflowed();
    expect(again).toBe(1);
    await engine.retries.tidy();
    expect(await leased(engine)).toBe(5);
  });

  test("although it was taken again since its giving back was not answered", async () => {
    const { url, serial } = await town.endpoint();
    const [api, engine] = [await town.engine({ role: "api" }), await engineMeddledWith()];
    town.answers.set(url, () => new Promise(() => {}));
    for (let n = 0; n < 5; n++) await recorder(api).accept(town.draft());
    engine.retries.look(serial);
    expect(await engine.retries.runOnce()).toBe(5);
    await town.clock.advance(10_000);
    await engine.beatOnce();
    meddler.once("queue release_leases", unanswered);
    engine.sender.sweep();
    await until("one is given back", async () => (await leased(engine)) === 4);
    expect(await engine.retries.runOnce()).toBe(1);
    await town.clock.advance(1_000);
    await engine.overflowed();
    await engine.retries.tidy();
    expect(await leased(engine)).toBe(5);
  });

  test("although the same attempt ends that it began before it was taken for dead", async () => {
    const { url } = await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    const answers: ((result: PostResult) => void)[] = [];
    town.answers.set(url, () => new Promise((answer) => answers.push(answer)));
    const begin = async () => {
      engine.retries.doubt();
      await engine.beatOnce();
      expect(await engine.retries.runOnce()).toBe(1);
    };
    await town.clock.advance(5_000);
    await begin();
    await dead(engine);
    await engine.beatOnce();
    await engine.watchOnce();
    await begin();
    expect(engine.sender.inFlight).toBe(2);
    answers[0]?.(refused(500));
    await until("its outcome is written", () => engine.sender.carried === 1);
    await engine.retries.tidy();
    expect(await leased(engine)).toBe(1);
    answers[1]?.(ok);
    await engine.quiet();
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });
});

describe("what memory gives back", () => {
  test("is not put into the queue again when another has sent it meanwhile", async () => {
    const { url, serial } = await town.endpoint({ schedule: [] });
    const desk = await openDesk(town, { connections: meddler.connections });
    const [{ engine }, other] = [desk, await town.engine()];
    const { id } = await recorder(engine).accept(town.draft());
    await engine.quiet();
    const replay = `/deliveries/${deliveryId(id, serial)}/replay`;
    expect(await desk.call("POST", replay)).toMatchObject({ status: 202 });
    town.answers.set(url, () => refused(500));
    meddler.once("queue fetch_claimed", async (run) => {
      const fetched = await run();
      // Unheard for so long, it makes no attempt.
      await town.clock.advance(4_000);
      return fetched;
    });
    expect(await engine.retries.runOnce()).toBe(1);
    expect(engine.sender).toMatchObject({ carried: 1, inFlight: 0 });
    await town.clock.advance(10_000);
    meddler.once("queue release_leases", async (run) => {
      const released = await run();
      other.retries.doubt();
      expect(await after(0, other)).toBe(1);
      return released;
    });
    engine.sender.sweep();
    await engine.overflowed();
    expect(await town.rows("select from retry")).toEqual([]);
    expect(town.posts).toHaveLength(2);
  });
});

describe("what a process claimed that was taken for dead since", () => {
  test("is sent by whoever has it now, and not by it too", async () => {
    const { url } = await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(5_000);
    await engine.beatOnce();
    meddler.once("queue fetch_claimed", async (run) => {
      const fetched = await run();
      await dead(engine);
      await engine.beatOnce();
      return fetched;
    });
    await engine.retries.runOnce();
    expect(engine.sender.carried).toBe(0);
    await engine.watchOnce();
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(2);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("is not sent by it too, although it hears of it while it registers anew", async () => {
    const { url } = await moody(1, { schedule: [5] });
    const engine = await engineMeddledWith();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(5_000);
    await engine.beatOnce();
    const [answered, registering] = [gate(), gate()];
    meddler.once("queue fetch_claimed", async (run) => {
      const fetched = await run();
      await answered.opened;
      return fetched;
    });
    const claiming = engine.retries.runOnce();
    await until("it is claimed", async () => (await leases()).length === 1);
    await dead(engine);
    meddler.once("transaction", async (run) => {
      answered.open();
      await registering.opened;
      return run();
    });
    const beating = engine.beatOnce();
    await claiming;
    registering.open();
    await beating;
    expect(engine.sender.carried).toBe(0);
    await engine.watchOnce();
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(2);
  });

  test("is not sent by it too, although its accept is answered while it registers anew", async () => {
    await town.endpoint();
    const engine = await engineMeddledWith();
    const [answered, registering] = [gate(), gate()];
    meddler.once("accept commit", async (run) => {
      const committed = await run();
      await answered.opened;
      return committed;
    });
    const accepting = recorder(engine).accept(town.draft());
    await until("it is committed", async () => (await town.rows("select from event")).length === 1);
    await dead(engine);
    meddler.once("transaction", async (run) => {
      answered.open();
      await accepting;
      await registering.opened;
      return run();
    });
    const beating = engine.beatOnce();
    await accepting;
    registering.open();
    await beating;
    expect(town.posts).toEqual([]);
    await engine.watchOnce();
    expect(await after(0, engine)).toBe(1);
    expect(town.posts).toHaveLength(1);
  });
});

describe("what a dead process carried is delivered", () => {
  test("although the answer to its recovery was lost", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await engineMeddledWith()];
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(a).accept(town.draft());
    town.answers.delete(url);
    expect(await after(0, b)).toBe(0);
    await dead(a);
    meddler.once("transaction", unanswered);
    await expect(b.watchOnce()).rejects.toThrow("ECONNRESET");
    await b.watchOnce();
    expect(await after(0, b)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("although the first look for it found no database", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await engineMeddledWith()];
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(a).accept(town.draft());
    town.answers.delete(url);
    await dead(a);
    await b.watchOnce();
    meddler.once("queue scan_endpoints", unheard);
    await expect(after(0, b)).rejects.toThrow("ECONNRESET");
    expect(await after(0, b)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("at once, although whoever took it over sends nothing itself", async () => {
    const { url } = await town.endpoint();
    const [a, api] = [await town.engine(), await town.engine({ role: "api" })];
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(a).accept(town.draft());
    const told = await listen();
    await dead(a);
    await api.watchOnce();
    expect(await told.heard).toBe("");
  });
});

describe("what waits again for anybody is delivered", () => {
  test("although others passed it by while a late outcome held it", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    const [a, b] = [await engineMeddledWith(), await town.engine()];
    town.answers.set(url, () => refused(500));
    await recorder(a).accept(town.draft());
    await a.quiet();
    await town.clock.advance(5_000);
    await a.beatOnce();
    const asked = new Promise<(result: PostResult) => void>((isAsked) => {
      town.answers.set(url, () => new Promise(isAsked));
    });
    expect(await a.retries.runOnce()).toBe(1);
    const answer = await asked;
    await dead(a);
    await b.watchOnce();
    await b.beatOnce();
    town.answers.set(url, () => refused(500));
    await recorder(b).accept(town.draft());
    await b.quiet();
    town.answers.delete(url);
    await town.clock.advance(60_000);
    await b.beatOnce();
    const passing = new Promise<number>((passed) => {
      meddler.once("settle settle_retries", async (run) => {
        passed(await b.retries.runOnce());
        return run();
      });
    });
    answer(refused(500));
    expect(await passing, "the one that is not locked").toBe(1);
    await b.quiet();
    expect(await after(0, b)).toBe(0);
    await a.quiet();
    await a.beatOnce();
    expect(await after(0, a)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED, DELIVERED]);
  });
});

describe("what others passed by while an expunging held it is delivered", () => {
  /**
   * Two events that wait for an endpoint, the later one due ten seconds after the other; what is asked in
   * `expunge` of the earlier one is interrupted in its middle by a claim, and then by `meddle`.
   */
  async function twoWaiting(types: string[] = ["*"]) {
    const { url } = await town.endpoint({ schedule: [60] });
    const slow = await town.endpoint({ schedule: [5], events: types });
    const desk = await openDesk(town, { connections: meddler.connections });
    const { engine } = desk;
    for (const each of [url, slow.url]) town.answers.set(each, () => refused(500));
    const { id } = await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(10_000);
    await engine.beatOnce();
    await recorder(engine).accept(town.draft({ type: "order.paid" }));
    await engine.quiet();
    town.answers.delete(url);
    const expunge = async (meddle: (run: () => Promise<unknown>) => Promise<unknown>) => {
      await town.clock.advance(65_000);
      await engine.beatOnce();
      let passing = 0;
      meddler.once("transaction settle_retries", async (run) => {
        passing = await engine.retries.runOnce();
        return meddle(run);
      });
      const path = `/events/${publicId("evt", id)}/expunge`;
      const { status } = await desk.call("POST", path);
      await engine.quiet();
      return { status, passing };
    };
    return { engine, slow, expunge };
  }

  test("although it was refused, since a request to another endpoint was under way", async () => {
    const { engine, slow, expunge } = await twoWaiting(["order.shipped"]);
    const other = await town.engine();
    town.answers.set(slow.url, () => new Promise(() => {}));
    other.retries.look(slow.serial);
    expect(await other.retries.runOnce()).toBe(1);
    await other.beatOnce();
    expect(await expunge((run) => run())).toEqual({ status: 409, passing: 1 });
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED, { state: "pending" }, DELIVERED]);
  });

  test("although it ended in an error", async () => {
    const { engine, expunge } = await twoWaiting(["nothing"]);
    expect(await expunge(unheard)).toEqual({ status: 503, passing: 1 });
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED, DELIVERED]);
  });
});

describe("what the round of the bodies has to leave is delivered", () => {
  const DAY_MS = 86_400_000;
  /** The bodies of what was accepted two days before go. */
  const expungeDays = (engine: Engine) =>
    expungeOnce({
      connections: doubting(meddler.connections, () => engine.doubt()),
      slow: meddler.connections.pool,
      ...{ clock: town.clock, logger: silentLogger(), payloadMs: DAY_MS, retentionMs: 9 * DAY_MS },
      onCancelled() {},
      wake: (endpoints, dueAt) => engine.wake(endpoints, dueAt),
      doubt: () => engine.doubt(),
    });
  async function twoDaysLater(engine: Engine) {
    town.clock.setNow(town.clock.now() + 2 * DAY_MS);
    await ensurePartitions(town.database.connections.pool, town.clock.now(), 1);
    await engine.beatOnce();
  }

  test("although others passed it by while it was held", async () => {
    const { url, serial } = await town.endpoint({ schedule: [2 * 86_400, 1, 1] });
    const engine = await engineMeddledWith();
    town.answers.set(url, () => refused(500));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await twoDaysLater(engine);
    // What was read as waiting is tried once more meanwhile, and waits again.
    meddler.once("transaction lock_deliveries", async (run) => {
      expect(await engine.retries.runOnce()).toBe(1);
      await engine.quiet();
      return run();
    });
    let passing = 0;
    meddler.once("transaction settle_retries", async (run) => {
      await town.clock.advance(60_000);
      await engine.beatOnce();
      await town.change(
        `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
         select gen_random_uuid(), endpoint, workspace_id, $1, 1, 1, 1 from retry`,
        [new Date(town.clock.now())],
      );
      engine.retries.hint(serial, town.clock.now());
      passing = await engine.retries.runOnce();
      return run();
    });
    expect(await expungeDays(engine)).toMatchObject({ events: 0 });
    expect(passing).toBe(1);
    town.answers.delete(url);
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("although it has its turn since long before that was committed", async () => {
    const { url } = await moody(1, { ordering: "conversation", schedule: [9 * 86_400] });
    const engine = await engineMeddledWith();
    const [conversationId, another] = [await town.conversation(), await town.conversation()];
    const accept = recorder(engine);
    await accept.accept(town.draft({ conversationId }));
    expect(await after(0, engine)).toBe(1);
    await twoDaysLater(engine);
    await accept.accept(town.draft({ conversationId }));
    expect(await after(1_000, engine)).toBe(0);
    town.answers.set(url, () => ok);
    let meanwhile = 0;
    meddler.once("transaction settle_retries", async (run) => {
      await town.clock.advance(60_000);
      await engine.beatOnce();
      await accept.accept(town.draft({ conversationId: another }));
      meanwhile = await engine.retries.runOnce();
      return run();
    });
    await expungeDays(engine);
    expect(meanwhile).toBe(1);
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([{ state: "cancelled" }, DELIVERED, DELIVERED]);
  });

  test("although the answer to its page was lost", async () => {
    const { url } = await moody(1, { ordering: "conversation", schedule: [9 * 86_400] });
    const engine = await engineMeddledWith();
    const conversationId = await town.conversation();
    const accept = recorder(engine);
    await accept.accept(town.draft({ conversationId }));
    expect(await after(0, engine)).toBe(1);
    await twoDaysLater(engine);
    await accept.accept(town.draft({ conversationId }));
    expect(await after(1_000, engine)).toBe(0);
    town.answers.set(url, () => ok);
    meddler.once("transaction", unanswered);
    await expect(expungeDays(engine)).rejects.toThrow("ECONNRESET");
    expect(await after(0, engine)).toBe(1);
    expect(await expungeDays(engine)).toMatchObject({ events: 0, cancelled: 0 });
    expect(await deliveries()).toMatchObject([{ state: "cancelled" }, DELIVERED]);
  });
});

describe("what memory gives up is delivered", () => {
  test("although the answer to that was lost, and the database was away for long", async () => {
    await town.endpoint();
    const engine = await engineMeddledWith();
    const accept = recorder(engine);
    await accept.accept(town.draft());
    await engine.quiet();
    expect(await after(0, engine)).toBe(0);
    // Unheard for so long, it makes no attempt.
    await town.clock.advance(4_000);
    await accept.accept(town.draft());
    await town.clock.advance(10_000);
    meddler.once("queue overflow", async (run) => {
      await run();
      // Whoever tries again does so much later.
      town.clock.setNow(town.clock.now() + 60_000);
      throw new Error("Connection terminated unexpectedly");
    });
    engine.sender.sweep();
    const overflowed = engine.overflowed();
    await town.clock.whenSleeping();
    await town.clock.advance(20);
    await overflowed;
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED, DELIVERED]);
  });
});

describe("what is answered while memory gives it up", () => {
  /** A request that takes longer than memory carries anything, and gives its answer during `overflow`. */
  async function slowAnswer(result: PostResult, meddle: (answer: () => void) => Meddle) {
    const { url } = await town.endpoint({ schedule: [5] });
    const engine = await engineMeddledWith();
    const asked = new Promise<(result: PostResult) => void>((isAsked) => {
      town.answers.set(url, () => new Promise(isAsked));
    });
    await recorder(engine).accept(town.draft());
    const give = await asked;
    town.answers.delete(url);
    await town.clock.advance(10_000);
    await engine.beatOnce();
    meddler.once(
      "queue overflow",
      meddle(() => give(result)),
    );
    engine.sender.sweep();
    await engine.overflowed();
    await engine.quiet();
    return { engine, url };
  }
  const during =
    (answer: () => void): Meddle =>
    async (run) => {
      const moved = await run();
      answer();
      await new Promise(setImmediate);
      return moved;
    };

  /** The first try fails, the answer comes, and it is tried again. */
  const between =
    (answer: () => void): Meddle =>
    async () => {
      answer();
      void town.clock.whenSleeping().then(() => town.clock.advance(20));
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    };

  test.each([
    ["a success, while it is written", ok, during, 1],
    ["a failure, while it is written", refused(500), during, 2],
    ["a success, before it is written", ok, between, 1],
    ["a failure, before it is written", refused(500), between, 2],
  ])("is settled once, and memory lets go of it once: %s", async (_, result, meddle, attempts) => {
    const { engine, url } = await slowAnswer(result, meddle);
    expect(engine.sender.carried).toBe(0);
    await engine.retries.tidy();
    expect(await after(5_000, engine)).toBe(attempts - 1);
    expect(await deliveries()).toEqual([{ state: "delivered", attempts }]);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(attempts);
    expect(engine.sender.carried).toBe(0);
  });
});

describe("what is replayed is delivered", () => {
  /** A dead letter, and a desk at which it can be replayed. */
  async function deadLetter() {
    await moody(1, { schedule: [] });
    const desk = await openDesk(town, { connections: meddler.connections });
    await recorder(desk.engine).accept(town.draft());
    await desk.engine.quiet();
    expect(await after(0, desk.engine)).toBe(0);
    const [dead] = (await desk.call("GET", "/deliveries?state=dead")).body.data;
    return { desk, replay: `/deliveries/${dead.id}/replay` };
  }

  test("although the answer to the one who asked for it was lost", async () => {
    const { desk, replay } = await deadLetter();
    meddler.once("transaction", unanswered);
    expect(await desk.call("POST", replay)).toMatchObject({ status: 503 });
    expect(await after(0, desk.engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("although that was committed long after it was asked for", async () => {
    const { desk, replay } = await deadLetter();
    meddler.once("transaction", answeredLate(town.clock));
    expect(await desk.call("POST", replay)).toMatchObject({ status: 202 });
    expect(await after(0, desk.engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });

  test("although whoever replays it sends nothing itself, and had no answer", async () => {
    const { replay } = await deadLetter();
    const api = await openDesk(town, { connections: meddler.connections, role: "api" });
    const told = await listen();
    meddler.once("transaction", unanswered);
    expect(await api.call("POST", replay)).toMatchObject({ status: 503 });
    expect(await told.heard).toBe("");
  });

  test("although the answer to a page of many was lost", async () => {
    const { desk } = await deadLetter();
    expect(await desk.call("POST", "/dead-letters/replay", {})).toMatchObject({ status: 202 });
    meddler.once("transaction", unanswered);
    expect(await desk.jobs.runOnce()).toBe(false);
    expect(await after(0, desk.engine)).toBe(1);
    expect(await deliveries()).toMatchObject([DELIVERED]);
  });
});

describe("what waits for its turn in a conversation is delivered", () => {
  test.each([
    ["had no answer", unanswered, 503],
    ["had it long after", null, 200],
  ])("although whoever expunged what it waited for %s", async (_, meddle, status) => {
    const { url } = await moody(1, { ordering: "conversation", schedule: [300] });
    const desk = await openDesk(town, { connections: meddler.connections });
    const { engine } = desk;
    const conversationId = await town.conversation();
    const accept = recorder(engine);
    const first = await accept.accept(town.draft({ conversationId }));
    await accept.accept(town.draft({ conversationId }));
    expect(await after(0, engine)).toBe(1);
    expect(await after(1_000, engine)).toBe(0);
    town.answers.set(url, () => ok);
    meddler.once("transaction", meddle ?? answeredLate(town.clock));
    const expunge = `/events/${publicId("evt", first.id)}/expunge`;
    expect(await desk.call("POST", expunge)).toMatchObject({ status });
    expect(await after(0, engine)).toBe(1);
    expect(await deliveries()).toMatchObject([{ state: "cancelled" }, DELIVERED]);
  });

  /** Two events of a conversation; `meddle` with what waits for them before anybody has looked. */
  async function twoInTurn() {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const engine = await engineMeddledWith();
    const conversationId = await town.conversation();
    const accept = recorder(engine);
    for (let n = 0; n < 2; n++) await accept.accept(town.draft({ conversationId }));
    return { url, engine };
  }

  test("although what it waited for led nowhere, and was long in going", async () => {
    const { url, engine } = await twoInTurn();
    await town.change(
      `insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, round, last_at, renderer)
       select event_id, endpoint, workspace_id, 'cancelled', 'pending', 0, 1, now(), 1 from retry where next_at < 'infinity'`,
    );
    meddler.once("queue commit", answeredLate(town.clock));
    expect(await engine.retries.runOnce()).toBe(1);
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(1);
  });

  test("although nobody had its turn any more, and giving it one took long", async () => {
    const { url, engine } = await twoInTurn();
    await town.change("update retry set next_at = 'infinity'");
    await town.change("update lane set head_event_id = null, head_seq = null");
    expect(await engine.retries.runOnce()).toBe(0);
    meddler.once("queue commit", answeredLate(town.clock));
    await engine.retries.promoteHeadless();
    expect(await after(0, engine)).toBe(1);
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(2);
  });

  test("although the answer to the outcome that it waited for was lost", async () => {
    const { url } = await town.endpoint({ ordering: "conversation" });
    const engine = await engineMeddledWith();
    const conversationId = await town.conversation();
    const accept = recorder(engine);
    for (let n = 0; n < 2; n++) await accept.accept(town.draft({ conversationId }));
    meddler.once("settle commit", unanswered);
    expect(await engine.retries.runOnce()).toBe(1);
    await town.clock.whenSleeping();
    await town.clock.advance(1_000);
    await engine.quiet();
    expect(await after(0, engine)).toBe(1);
    expect(town.posts.filter((post) => post.url === url)).toHaveLength(2);
  });
});

describe("other processes are told", () => {
  test("although there was no connection for it at first", async () => {
    const { serial } = await town.endpoint();
    const engine = await engineMeddledWith();
    const told = await listen();
    meddler.once("query", unheard);
    engine.wake([serial]);
    await town.clock.whenSleeping();
    await town.clock.advance(100);
    expect(await told.heard, "late as it is, anything").toBe("");
  });

  test("to look for whatever waits, where something was due long before it was committed", async () => {
    const { serial } = await town.endpoint();
    const engine = await town.engine();
    const told = await listen();
    engine.wake([serial], town.clock.now() - 10_000);
    expect(await told.heard).toBe("");
    const next = await listen();
    engine.wake([serial]);
    expect(await next.heard).toBe(String(serial));
  });
});

/** Listens; `heard` is what processes are told next. */
async function listen(): Promise<{ heard: Promise<string> }> {
  let hear: (payload: string) => void = () => {};
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  await town.database.connections.listen("curlew_wake", hear, () => {});
  return { heard };
}

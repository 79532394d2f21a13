import type { Pool, PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import type { Connections } from "../../src/storage/connections/connections.ts";
import { openMeddler, unheard } from "../support/database/meddler.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(async () => {
  for (const client of kept.splice(0)) client.release(true);
  await town.end();
});

/** Clients that the engine gave up while the test still needed them. */
const kept: PoolClient[] = [];

const deliveries = () =>
  town.rows<{ state: string; attempts: number }>(
    "select state, attempts from delivery order by event_id, endpoint",
  );
const attempts = () =>
  town.rows<{ n: number; process: number; status: number | null }>(
    "select n, process, status from attempt order by n, process",
  );
const retries = () => town.rows("select n, round, owner from retry");

/** An answer that the test gives when it likes. */
function held(): { answer: Promise<PostResult>; give(result: PostResult): void } {
  let give: (result: PostResult) => void = () => {};
  const answer = new Promise<PostResult>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

/** `observer` sees that `silent` has no heartbeat any more, declares it dead and recovers it. */
async function takeForDead(observer: Engine): Promise<void> {
  await observer.beatOnce();
  await observer.membership.watchOnce();
  for (let second = 0; second < 5; second++) {
    await town.clock.advance(1_000);
    await observer.beatOnce();
  }
  await observer.membership.watchOnce();
}

async function round(engine: Engine): Promise<number> {
  await engine.beatOnce();
  await engine.retries.scan();
  const taken = await engine.retries.runOnce();
  return taken;
}

describe("a process that stands still while its heartbeat is answered", () => {
  test("makes no attempt afterwards before it has been heard again", async () => {
    const engine = await town.engine();
    const client = await town.database.connections.pool.connect();
    kept.push(client);
    await client.query("begin");
    await client.query("select 1 from process for update");
    const beat = engine.beatOnce();
    await town.clock.advance(6_000);
    await client.query("rollback");
    await beat;
    expect(engine.membership.mayAttempt).toBe(false);
    await engine.beatOnce();
    expect(engine.membership.mayAttempt).toBe(true);
  });
});

describe("a process that dies", () => {
  test("leaves what it accepted and never settled to another, which delivers it", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(a).accept(town.draft());
    town.answers.delete(url);
    await takeForDead(b);
    expect(await round(b)).toBe(1);
    await b.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
    expect(await retries()).toEqual([]);
  });

  test("after declaring another dead leaves both to a third, which recovers them", async () => {
    const { url } = await town.endpoint();
    const [a, b, c] = [await town.engine(), await town.engine(), await town.engine()];
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(a).accept(town.draft());
    town.answers.delete(url);
    // B declares A dead and dies before it recovers anything.
    await town.change("update process set state = 'dead' where id = $1", [a.membership.current.id]);
    expect(b.membership.current.id).not.toBe(c.membership.current.id);
    await c.beatOnce();
    await c.membership.watchOnce();
    expect(await round(c)).toBe(1);
    await c.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
    expect(
      await town.rows("select state from process where id = $1", [a.membership.current.id]),
    ).toEqual([{ state: "recovered" }]);
  });

  test("is taken over in smaller pages where one takes too long, and nothing is left", async () => {
    const { url } = await town.endpoint();
    const { connections } = town.database;
    const hurried: Connections = {
      ...connections,
      transaction: (work) =>
        connections.transaction(async (tx) => {
          await tx.query("set local statement_timeout = 100");
          return work(tx);
        }),
    };
    const logger = silentLogger();
    const [a, b] = [await town.engine(), await town.engine({ connections: hurried, logger })];
    town.answers.set(url, () => new Promise(() => {}));
    const accept = recorder(a);
    await Promise.all(Array.from({ length: 20 }, () => accept.accept(town.draft())));
    town.answers.delete(url);
    await town.rows(
      `create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(0.02); return new; end'`,
    );
    await town.rows(
      "create trigger dawdle before insert on retry for each row execute function dawdle()",
    );
    await takeForDead(b);
    for (let n = 0; n < 20; n++) await b.membership.watchOnce();
    expect(
      await town.rows("select state from process where id = $1", [a.membership.current.id]),
    ).toEqual([{ state: "recovered" }]);
    expect((await retries()).length).toBe(20);
    expect(logger.lines.some(({ message }) => /in smaller pages/.test(message))).toBe(true);
    while ((await round(b)) > 0) await b.quiet();
    expect((await deliveries()).map(({ state }) => state)).toEqual(Array(20).fill("delivered"));
  });

  test("while the database does not answer its takeover is no reason to take the living for dead", async () => {
    const { connections } = town.database;
    let isSilent = false;
    const silent: Connections = {
      ...connections,
      transaction: async (work) => {
        if (!isSilent) return connections.transaction(work);
        await town.clock.advance(30_000);
        throw new Error("Query read timeout");
      },
    };
    const logger = silentLogger();
    const [a, b] = [await town.engine(), await town.engine({ connections: silent, logger })];
    const { current: living } = (await town.engine()).membership;
    await b.watchOnce();
    await town.change("update process set state = 'dead' where id = $1", [a.membership.current.id]);
    isSilent = true;
    await b.watchOnce().catch(() => {});
    isSilent = false;
    await b.watchOnce();
    expect(await town.rows("select id, state from process order by id")).toMatchObject([
      ...[{ state: "high_water" }, { state: "recovered" }, { state: "living" }],
      { id: living.id, state: "living" },
    ]);
  });

  test("and cannot be taken over does not keep another's from being so", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const ids = [a, b].map(({ membership }) => membership.current.id);
    const c = await town.engine({
      onRecover: async (_, id) => {
        if (id === ids[0]) throw new Error("what it carried cannot be read");
      },
    });
    town.answers.set(url, () => new Promise(() => {}));
    await recorder(b).accept(town.draft());
    town.answers.delete(url);
    await town.change("update process set state = 'dead' where id = any($1)", [ids]);
    await c.watchOnce();
    expect(
      await town.rows("select state from process where id = any($1) order by id", [ids]),
    ).toEqual([{ state: "dead" }, { state: "recovered" }]);
    expect(await round(c)).toBe(1);
    await c.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
  });

  test("within its first second, before its first heartbeat, loses nothing", async () => {
    const { url } = await town.endpoint();
    const a = await town.engine();
    town.answers.set(url, () => new Promise(() => {}));
    const accept = recorder(a);
    await Promise.all(Array.from({ length: 30 }, () => accept.accept(town.draft())));
    town.answers.delete(url);
    const b = await town.engine();
    // A successor accepts already while the dead one is still to be recovered.
    await recorder(b).accept(town.draft());
    await takeForDead(b);
    while ((await round(b)) > 0) await b.quiet();
    await b.quiet();
    expect(await deliveries()).toEqual(Array(31).fill({ state: "delivered", attempts: 1 }));
  });

  test("and whose clock stands thirty seconds behind the others' loses nothing", async () => {
    const { url } = await town.endpoint();
    const b = await town.engine();
    await recorder(b).accept(town.draft());
    await b.quiet();
    await b.beatOnce();
    // The newcomer's generator starts from an earlier time; registration lifts it above every floor.
    const { ManualClock } = await import("../support/manual-clock.ts");
    const { createIds } = await import("../../src/runtime/ids.ts");
    const slow = new ManualClock(town.clock.now() - 30_000);
    const a = await town.engine({ ids: createIds(slow) });
    town.answers.set(url, () => new Promise(() => {}));
    const { id } = await recorder(a).accept(town.draft());
    town.answers.delete(url);
    const [floor] = await town.rows<{ floor: string }>(
      "select insert_floor as floor from process where id = $1",
      [b.membership.current.id],
    );
    expect(id > (floor?.floor ?? "")).toBe(true);
    await takeForDead(b);
    expect(await round(b)).toBe(1);
    await b.quiet();
    expect(await deliveries()).toHaveLength(2);
    expect((await deliveries()).every((each) => each.state === "delivered")).toBe(true);
  });
});

describe("a process wrongly taken for dead", () => {
  test("registers anew under a new id and goes on accepting", async () => {
    await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const before = a.membership.current.id;
    await takeForDead(b);
    const { id } = await recorder(a).accept(town.draft());
    expect(a.membership.current.id).not.toBe(before);
    await a.quiet();
    expect(await town.rows("select id, owner from event")).toEqual([
      { id, owner: a.membership.current.id },
    ]);
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
  });

  test("whose late success comes after another attempt makes the delivery delivered, and nothing more is sent", async () => {
    const { url } = await town.endpoint({ schedule: [1, 1, 1] });
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    const script = [() => refused(500), () => late.answer, () => refused(500)];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(a).accept(town.draft());
    await a.quiet();
    await town.clock.advance(1_000);
    expect(await round(a), "A claims attempt 2 and stalls").toBe(1);
    await takeForDead(b);
    expect(await round(b), "B makes attempt 2").toBe(1);
    await b.quiet();
    expect(await retries()).toEqual([{ n: 3, round: 1, owner: null }]);
    late.give(ok);
    await a.quiet();
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
    await town.clock.advance(10_000);
    await round(b);
    await b.quiet();
    expect(town.posts).toHaveLength(3);
    expect(await retries()).toEqual([]);
    expect((await attempts()).map(({ n }) => n)).toEqual([1, 2, 2]);
  });

  test("whose late failure comes after another attempt changes nothing", async () => {
    const { url } = await town.endpoint({ schedule: [1, 1, 1] });
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    const script = [() => refused(500), () => late.answer, () => refused(503)];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(a).accept(town.draft());
    await a.quiet();
    await town.clock.advance(1_000);
    await round(a);
    await takeForDead(b);
    await round(b);
    await b.quiet();
    const before = [await deliveries(), await retries()];
    late.give(refused(500));
    await a.quiet();
    expect([await deliveries(), await retries()]).toEqual(before);
    expect(await attempts(), "but the request that was made is on record").toHaveLength(3);
  });

  test("whose late first failure comes after another delivered it does not send it again", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    const script = [() => late.answer];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(a).accept(town.draft());
    await takeForDead(b);
    expect(await round(b)).toBe(1);
    await b.quiet();
    late.give(refused(500));
    await a.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
    expect(await retries()).toEqual([]);
    expect(new Set((await attempts()).map(({ status }) => status))).toEqual(new Set([200, 500]));
  });

  test("whose late first failure comes before it was recovered leaves the delivery to whoever recovers it", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const late = held();
    const script = [() => late.answer];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(a).accept(town.draft());
    await town.change("update process set state = 'dead' where id = $1", [a.membership.current.id]);
    late.give(refused(500));
    await a.quiet();
    expect(await deliveries(), "no row that would hide it from recovery").toEqual([]);
    await b.membership.watchOnce();
    expect(await round(b)).toBe(1);
    await b.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
  });
});

describe("a claim", () => {
  test("that committed and whose answer was lost is given back and delivered", async () => {
    const { url } = await town.endpoint({ schedule: [1] });
    const engine = await town.engine();
    const script = [() => refused(500)];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.change("update retry set owner = $1", [engine.membership.current.id]);
    await town.clock.advance(1_000);
    expect(await round(engine), "somebody seems to hold it").toBe(0);
    await engine.retries.tidy();
    expect(await round(engine)).toBe(1);
    await engine.quiet();
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
  });

  test("that was answered, and not handed on because the connection was lost then, is given back and delivered", async () => {
    const { url } = await town.endpoint({ schedule: [1] });
    const engine = await town.engine();
    const script = [() => refused(500)];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(1_000);
    const { directory } = engine;
    const find = directory.findEndpoint.bind(directory);
    let looks = 0;
    directory.findEndpoint = (serial) =>
      ++looks === 2 ? Promise.reject(new Error("Connection terminated")) : find(serial);
    await expect(engine.retries.runOnce()).rejects.toThrow("Connection terminated");
    expect(await town.rows("select from retry where owner is not null")).toHaveLength(1);
    await engine.retries.tidy();
    expect(await round(engine)).toBe(1);
    await engine.quiet();
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
  });

  test("whose owner is gone for good is freed by whoever tidies", async () => {
    const { url } = await town.endpoint({ schedule: [1] });
    const engine = await town.engine();
    const script = [() => refused(500)];
    town.answers.set(url, () => script.shift()?.() ?? ok);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.change("update retry set owner = 999999");
    await town.clock.advance(1_000);
    await engine.beatOnce();
    await engine.retries.tidy();
    expect(await round(engine)).toBe(1);
    await engine.quiet();
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
  });

  test("of a row whose event is gone deletes the row and sends nothing", async () => {
    const { url } = await town.endpoint({ schedule: [1] });
    const engine = await town.engine();
    town.answers.set(url, () => refused(500));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.change("delete from event");
    await town.clock.advance(1_000);
    await round(engine);
    expect(await retries()).toEqual([]);
    expect(town.posts).toHaveLength(1);
  });
});

describe("memory", () => {
  test("gives up after ten seconds what it could not send, and it is delivered later", async () => {
    const { url } = await town.endpoint();
    const engine = await town.engine();
    const late = Array.from({ length: 4 }, held);
    let asked = 0;
    town.answers.set(url, () => late[asked++]?.answer ?? ok);
    const accept = recorder(engine);
    for (let n = 0; n < 10; n++) await accept.accept(town.draft());
    expect(town.posts, "four slots").toHaveLength(4);
    for (let second = 0; second < 10; second++) {
      await town.clock.advance(1_000);
      await engine.beatOnce();
    }
    engine.sender.sweep();
    await engine.overflowed();
    const owner = engine.membership.current.id;
    expect((await retries()).filter((row) => "owner" in row && row.owner === owner)).toHaveLength(
      4,
    );
    expect(await retries()).toHaveLength(10);
    for (const each of late) each.give(ok);
    await engine.quiet();
    while ((await round(engine)) > 0) await engine.quiet();
    expect(await deliveries()).toEqual(Array(10).fill({ state: "delivered", attempts: 1 }));
    expect(await retries()).toEqual([]);
    expect(town.posts).toHaveLength(10);
  });

  test("stays bounded when an endpoint stands still, and the rest waits in the queue", async () => {
    const { url } = await town.endpoint();
    const engine = await town.engine();
    town.answers.set(url, () => new Promise(() => {}));
    const accept = recorder(engine);
    await Promise.all(Array.from({ length: 700 }, () => accept.accept(town.draft())));
    await engine.overflowed();
    expect(engine.sender.carried).toBeLessThanOrEqual(512 + 4);
    expect((await retries()).length + engine.sender.carried).toBe(700);
  });

  test("of a stopping process is handed over, and nobody has to recover it", async () => {
    const { url } = await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const late = Array.from({ length: 4 }, held);
    let asked = 0;
    town.answers.set(url, () => late[asked++]?.answer ?? ok);
    const accept = recorder(a);
    for (let n = 0; n < 6; n++) await accept.accept(town.draft());
    const stopped = a.stop(5_000);
    await until("what was queued waits for others", async () => (await retries()).length === 2);
    for (const each of late) each.give(ok);
    await stopped;
    expect(await town.rows("select state from process where name = 'town 2'")).toEqual([
      { state: "recovered" },
    ]);
    expect(await round(b)).toBe(2);
    await b.quiet();
    expect(await deliveries()).toEqual(Array(6).fill({ state: "delivered", attempts: 1 }));
    expect(town.posts).toHaveLength(6);
  });

  test("of a process that stops before it could write an outcome is left to another, and nothing is said to be lost", async () => {
    await town.endpoint();
    const { connections, once } = openMeddler(town.database.connections);
    const logger = silentLogger();
    const [a, b] = [await town.engine({ connections, logger }), await town.engine()];
    once("settle settle_plain", unheard);
    await recorder(a).accept(town.draft());
    await town.clock.whenSleeping();
    const stopped = a.stop(10);
    await town.clock.advance(10);
    await stopped;
    await town.clock.advance(60_000);
    await takeForDead(b);
    expect(await round(b)).toBe(1);
    await b.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("an endpoint", () => {
  test("created through one process gets the event that another accepts right after", async () => {
    const [, b] = [await town.engine(), await town.engine()];
    const accept = recorder(b);
    await accept.accept(town.draft());
    const { url } = await town.endpoint();
    await accept.accept(town.draft());
    await b.quiet();
    expect(town.posts.map((post) => post.url)).toEqual([url]);
  });

  test("that was deleted gets nothing more, and what waited for it is cancelled", async () => {
    const { url, serial } = await town.endpoint({ schedule: [1] });
    const engine = await town.engine();
    town.answers.set(url, () => refused(500));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.change("update endpoint set deleted_at = now() where serial = $1", [serial]);
    await engine.directory.refresh();
    await town.clock.advance(1_000);
    await round(engine);
    await engine.quiet();
    expect(town.posts).toHaveLength(1);
    expect(await town.rows("select state, reason from delivery")).toEqual([
      { state: "cancelled", reason: "endpoint_deleted" },
    ]);
    expect(await retries()).toEqual([]);
  });

  test("that is paused keeps its queue and gets it on resuming", async () => {
    const { url, serial } = await town.endpoint();
    const engine = await town.engine();
    await town.change("update endpoint set state = 'paused' where serial = $1", [serial]);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await round(engine);
    expect(town.posts).toEqual([]);
    await town.clock.advance(60_000);
    await engine.beatOnce();
    await town.change("update endpoint set state = 'enabled' where serial = $1", [serial]);
    await engine.directory.refresh();
    expect(await engine.retries.runOnce(), "found without waiting for a scan").toBe(1);
    await engine.quiet();
    expect(town.posts.map((post) => post.url)).toEqual([url]);
  });
});

describe("accepting", () => {
  test("goes on from two processes over the same conversations without a deadlock, numbers in order", async () => {
    await town.endpoint();
    const [a, b] = [await town.engine(), await town.engine()];
    const conversations = await Promise.all(Array.from({ length: 10 }, () => town.conversation()));
    const accepts = [a, b].map((engine) =>
      engine.makeAcceptor<string[], { id: string; seq: number | null }[]>({
        name: "overlapping",
        maxUnits: 16,
        laneOf: (unit) => unit,
        run: async (recording, units) => {
          const recorded = await recording.append(
            units.flat().map((conversationId) => town.draft({ conversationId })),
          );
          return units.map((unit) => recorded.splice(0, unit.length));
        },
      }),
    );
    const answers = await Promise.all(
      accepts.flatMap((accept, process) =>
        Array.from({ length: 64 }, (_, n) => {
          const unit = [0, 3, 7].map((step) => conversations[(n * 7 + step + process) % 10] ?? "");
          return accept.accept(unit);
        }),
      ),
    );
    const events = await town.rows<{ id: string; conversation: string; seq: number }>(
      "select id, conversation_id as conversation, seq from event order by id",
    );
    expect(events).toHaveLength(answers.flat().length);
    for (const conversation of conversations) {
      const seqs = events
        .filter((each) => each.conversation === conversation)
        .map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    }
    await Promise.all([a.quiet(), b.quiet()]);
  });

  test("fails one poisonous request alone", async () => {
    await town.endpoint();
    const engine = await town.engine();
    const accept = recorder(engine);
    const answers = await Promise.allSettled(
      Array.from({ length: 33 }, (_, n) =>
        accept.accept(town.draft(n === 17 ? { type: "poison\u0000" } : {})),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(
      Array.from({ length: 33 }, (_, n) => (n === 17 ? "rejected" : "fulfilled")),
    );
    await engine.quiet();
    expect(await deliveries()).toHaveLength(32);
  });

  test("refuses the caller whose transaction PostgreSQL rolled back without saying so", async () => {
    await town.endpoint();
    const engine = await town.engine();
    const swallowing = engine.makeAcceptor<number, string>({
      name: "swallowing",
      maxUnits: 1,
      async run(recording, units) {
        await recording.append([town.draft()]);
        await recording.tx.query("select 1 / 0").catch(() => {});
        return units.map(() => "accepted");
      },
    });
    await expect(swallowing.accept(1)).rejects.toThrow(/Rolled back/);
    expect(await town.rows("select id from event")).toEqual([]);
    expect(town.posts).toEqual([]);
  });

  test("answers the caller when the answer of its commit was lost, and delivers once", async () => {
    await town.endpoint();
    const engine = await town.engine({
      connections: meddling(town.database.connections, async (_, commit) => {
        await commit();
        throw lost();
      }),
    });
    const { id } = await recorder(engine).accept(town.draft());
    await engine.quiet();
    expect(await town.rows("select id from event")).toEqual([{ id }]);
    expect(town.posts).toHaveLength(1);
    expect(await deliveries()).toEqual([{ state: "delivered", attempts: 1 }]);
  });

  test("repeats the whole when its connection died before the commit arrived", async () => {
    await town.endpoint();
    const engine = await town.engine({
      connections: meddling(town.database.connections, async (client) => {
        const { rows } = await client.query("select pg_backend_pid() as pid");
        await town.change("select pg_terminate_backend($1, 5000)", [rows[0]?.pid]);
        throw lost();
      }),
    });
    const accepting = recorder(engine).accept(town.draft());
    await town.clock.whenSleeping();
    await town.clock.advance(1_000);
    const { id } = await accepting;
    await engine.quiet();
    expect(await town.rows("select id from event")).toEqual([{ id }]);
    expect(town.posts).toHaveLength(1);
  });

  test("waits for a commit that is still under way when its connection is lost, and then answers", async () => {
    await town.endpoint();
    let finish: () => Promise<void> = async () => {};
    const engine = await town.engine({
      connections: meddling(town.database.connections, async (_, commit) => {
        finish = commit;
        throw lost();
      }),
    });
    const accepting = recorder(engine).accept(town.draft());
    await town.clock.whenSleeping();
    expect(await town.rows("select id from event"), "not visible yet").toEqual([]);
    await finish();
    await town.clock.advance(1_000);
    const { id } = await accepting;
    await engine.quiet();
    expect(await town.rows("select id from event")).toEqual([{ id }]);
    expect(town.posts).toHaveLength(1);
  });
});

function lost(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

/** Connections whose first accept's COMMIT is meddled with. */
function meddling(
  connections: Connections,
  onCommit: (client: PoolClient, commit: () => Promise<void>) => Promise<void>,
): Connections {
  let done = false;
  return {
    ...connections,
    lane(name, size) {
      const pool = connections.lane(name, size);
      if (name !== "accept") return pool;
      return new Proxy(pool, {
        get(target: Pool, key) {
          if (key !== "connect") {
            const value = Reflect.get(target, key);
            return typeof value === "function" ? value.bind(target) : value;
          }
          return async () => {
            const client = await target.connect();
            return new Proxy(client, {
              get(inner: PoolClient, name) {
                const value = Reflect.get(inner, name);
                if (name === "release")
                  return (broken: boolean) => (broken ? kept.push(inner) : inner.release());
                if (name !== "query")
                  return typeof value === "function" ? value.bind(inner) : value;
                return async (...args: unknown[]) => {
                  if (args[0] !== "commit" || done) return value.apply(inner, args);
                  done = true;
                  return onCommit(inner, async () => void (await inner.query("commit")));
                };
              },
            });
          };
        },
      });
    },
  };
}

describe("a change of configuration", () => {
  test("that must hold everywhere waits until the other process has applied it", async () => {
    const [a, b] = [await town.engine(), await town.engine()];
    await town.endpoint();
    const [instance] = await town.rows<{ version: number }>(
      "select config_version as version from instance",
    );
    await a.directory.refresh();
    let applied = false;
    const waiting = a.appliedEverywhere(instance?.version ?? 0).then(() => {
      applied = true;
    });
    await town.clock.whenSleeping();
    expect(applied).toBe(false);
    await b.directory.refresh();
    await b.beatOnce();
    await town.clock.advance(1_000);
    await waiting;
    expect(applied).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createIds } from "../../src/runtime/ids.ts";
import { leaseTokens } from "../../src/storage/endpoints/endpoint-rates.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { openMeddler } from "../support/database/meddler.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const health = async () => {
  const [row] = await town.rows<{ state: string; probes: number; prober: number | null }>(
    "select state, probes, probe_process as prober from endpoint_health",
  );
  return row;
};
const deliveries = () =>
  town.rows("select state, count(*)::int as n from delivery group by 1 order by 1");

/** One look of every process at the queue and at the others' findings, until nothing moves. */
async function look(...engines: Engine[]): Promise<void> {
  for (const engine of engines) {
    await engine.beatOnce();
    await engine.carrier.breakers.refresh();
    await engine.retries.scan();
  }
  for (let moved = 1; moved > 0; ) {
    moved = 0;
    for (const engine of engines) {
      moved += await engine.retries.runOnce();
      await engine.quiet();
      await engine.overflowed();
    }
  }
  // A probe that was asked for is claimed, and what it came to is written.
  await town.database.rest();
}

/** Fails often and long enough for its breaker to open. */
async function breakDown(engine: Engine): Promise<void> {
  const accept = recorder(engine);
  for (let n = 0; n < 4; n++) {
    if (n > 0) await town.clock.advance(12_000);
    await engine.beatOnce();
    for (let m = 0; m < 6; m++) await accept.accept(town.draft());
    await engine.quiet();
  }
  await until("the breaker opens", async () => (await health())?.state === "open");
  await engine.carrier.breakers.refresh();
}

describe("an endpoint's breaker", () => {
  test("opens after many failures in a row, and deliveries wait without spending their schedule", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    const engine = await town.engine();
    await breakDown(engine);
    const before = town.posts.length;
    const accept = recorder(engine);
    for (let n = 0; n < 30; n++) await accept.accept(town.draft());
    await look(engine);
    expect(town.posts.length, "nothing is sent before the first probe is due").toBe(before);
    expect(engine.sender.carried, "what waits does not wait in memory").toBe(0);
    const [waiting] = await town.rows<{ n: number }>(
      "select count(*)::int as n from retry where n = 1",
    );
    expect(waiting?.n, "their first attempt is still to come").toBeGreaterThanOrEqual(30);
  });

  test("closes by one probe, and everything that waited arrives", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    const engine = await town.engine();
    await breakDown(engine);
    const accept = recorder(engine);
    for (let n = 0; n < 30; n++) await accept.accept(town.draft());
    await look(engine);

    await town.clock.advance(10_000);
    const before = town.posts.length;
    await look(engine);
    await look(engine);
    expect(town.posts.length, "the first probe, which fails").toBe(before + 1);
    expect(await health()).toMatchObject({ state: "open", probes: 1, prober: null });

    town.answers.delete(url);
    await town.clock.advance(10_000);
    await look(engine);
    expect(town.posts.length, "the next one waits longer").toBe(before + 1);
    await town.clock.advance(10_000);
    await until("the breaker closes", async () => {
      await look(engine);
      return (await health())?.state === "ok";
    });
    await until("everything has arrived", async () => {
      await town.clock.advance(300_000);
      await look(engine);
      return (await town.rows("select 1 from retry")).length === 0;
    });
    expect((await deliveries()).map((row) => "state" in row && row.state)).toEqual(["delivered"]);
    expect(await health()).toMatchObject({ state: "ok", probes: 0 });
  });

  test("closes although the database refused to write so when the probe was answered", async () => {
    const meddler = openMeddler(town.database.connections);
    const { url } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    const engine = await town.engine({ connections: meddler.connections });
    await breakDown(engine);
    await look(engine);
    town.answers.delete(url);
    let isRefused = (): void => {};
    const refusal = new Promise<void>((resolve) => (isRefused = resolve));
    meddler.once("queue forget_failures", () => {
      isRefused();
      return Promise.reject(Object.assign(new Error("disk full"), { code: "53100" }));
    });
    await town.clock.advance(10_000);
    await look(engine);
    await look(engine);
    await refusal;
    expect(await health()).toMatchObject({ state: "open" });
    // As long as the probe that was answered has in all.
    await town.clock.advance(40_000);
    await until("the next probe closes it", async () => {
      await town.clock.advance(1_000);
      await look(engine);
      return (await health())?.state === "ok";
    });
  });

  test("waits no longer than between two probes where the database's clock was set back by an hour", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    await breakDown(await town.engine());
    town.answers.delete(url);
    town.clock.setNow(town.clock.now() - 3_600_000);
    const restarted = await town.engine();
    await look(restarted);
    await recorder(restarted).accept(town.draft());
    const before = town.posts.length;
    await town.clock.advance(60_000);
    await look(restarted);
    await look(restarted);
    expect(town.posts.length).toBeGreaterThan(before);
    expect(await health()).toMatchObject({ state: "ok" });
  });

  test("lets one process probe, over all of them, and another when the prober was killed", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    town.answers.set(url, () => refused(503));
    const [a, b, c] = [await town.engine(), await town.engine(), await town.engine()];
    await breakDown(a);
    const accept = recorder(a);
    for (let n = 0; n < 10; n++) await accept.accept(town.draft());
    await look(a, b, c);
    await town.clock.advance(10_000);
    const before = town.posts.length;
    let answer: ((result: PostResult) => void) | undefined;
    town.answers.set(url, () => new Promise<PostResult>((resolve) => (answer = resolve)));
    for (const engine of [a, b, c]) {
      await engine.beatOnce();
      await engine.retries.scan();
    }
    await until("a probe is under way", async () => {
      for (const engine of [a, b, c]) await engine.retries.runOnce();
      return town.posts.length > before;
    });
    for (let n = 0; n < 5; n++) for (const engine of [a, b, c]) await engine.retries.runOnce();
    expect(town.posts.length, "one over all processes").toBe(before + 1);
    const prober = (await health())?.prober;
    expect([a, b, c].map((engine) => engine.membership.current.id)).toContain(prober);

    // The prober is killed: its request is never answered, and it is declared dead.
    await town.rows("update process set state = 'recovered' where id = $1", [prober]);
    town.answers.delete(url);
    const others = [a, b, c].filter((engine) => engine.membership.current.id !== prober);
    await town.clock.advance(2_000);
    for (const engine of others) {
      await engine.beatOnce();
      await engine.retries.tidy();
    }
    await until("another closes the breaker", async () => {
      await town.clock.advance(1_000);
      await look(...others);
      return (await health())?.state === "ok";
    });
    answer?.(refused(503));
  });

  test("is left alone by a short streak", async () => {
    const { url } = await town.endpoint({ schedule: [1, 1, 1] });
    town.answers.set(url, () => refused(500));
    const engine = await town.engine();
    const accept = recorder(engine);
    for (let n = 0; n < 40; n++) await accept.accept(town.draft());
    await engine.quiet();
    for (let n = 0; n < 3; n++) {
      await town.clock.advance(1_000);
      await engine.beatOnce();
      while ((await engine.retries.runOnce()) > 0) await engine.quiet();
    }
    expect(await deliveries()).toEqual([{ state: "dead", n: 40 }]);
    expect(await health()).toBeUndefined();
  });
});

describe("an endpoint's rate", () => {
  test("is one row that processes lease tokens from, which never overlap", async () => {
    const { pool } = town.database.connections;
    const now = town.clock.now();
    const lease = (want: number, at: number) =>
      leaseTokens(pool, { endpoint: 7, everyMs: 100, want, horizonMs: 500, now: at });
    expect(await lease(4, now)).toMatchObject({ from: now, count: 4, grantedTo: now + 400 });
    expect(await lease(9, now)).toMatchObject({ from: now + 400, count: 2 });
    expect(await lease(9, now)).toMatchObject({ count: 0, grantedTo: now + 600 });
    expect(await lease(9, now + 150)).toMatchObject({ from: now + 600, count: 1 });
    expect(await lease(1, now + 60_000), "nothing is saved up").toMatchObject({
      from: now + 60_000,
      count: 1,
    });
    const granted = await Promise.all(Array.from({ length: 8 }, () => lease(3, now + 90_000)));
    expect(granted.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    expect(new Set(granted.filter(({ count }) => count > 0).map(({ from }) => from)).size).toBe(
      granted.filter(({ count }) => count > 0).length,
    );
  });

  test("does not stand still for an hour when the database's clock is set back by one", async () => {
    const { pool } = town.database.connections;
    const now = town.clock.now();
    const lease = (at: number) =>
      leaseTokens(pool, { endpoint: 7, everyMs: 100, want: 4, horizonMs: 500, now: at });
    await lease(now + 3_600_000);
    const { grantedTo } = await lease(now);
    expect(grantedTo - now).toBeLessThan(15_000);
    expect(await lease(grantedTo)).toMatchObject({ from: grantedTo, count: 4 });
  });

  test("of ten a second is kept by three processes together, and what does not fit waits in the queue", async () => {
    const clock = systemClock();
    await ensurePartitions(town.database.connections.pool, clock.now(), 1);
    const { id, url } = await town.endpoint();
    await town.change("update endpoint set rate_limit = 10 where id = $1", [id]);
    const at: number[] = [];
    town.answers.set(url, () => {
      at.push(clock.monotonic());
      return refused(200);
    });
    const other = await town.endpoint({ events: ["other.*"] });
    const open = () => town.engine({ clock, ids: createIds(clock) });
    const first = await open();
    const engines = [first, await open(), await open()];
    const end = new AbortController();
    const running = engines.map(async (engine) => {
      while (!end.signal.aborted) {
        await engine.beatOnce();
        await engine.retries.scan();
        while ((await engine.retries.runOnce()) > 0 && !end.signal.aborted);
        await clock.sleep(20, end.signal);
      }
    });
    const drafts = Array.from({ length: 60 }, () => town.draft({ occurredAt: clock.now() }));
    await Promise.all(drafts.map((draft, n) => recorder(engines[n % 3] ?? first).accept(draft)));
    const carried = engines.map((engine) => engine.sender.carried);
    expect(
      Math.max(...carried),
      "two seconds' worth in memory, and what is on its way",
    ).toBeLessThan(60);
    await recorder(first).accept(town.draft({ type: "other.thing", occurredAt: clock.now() }));
    await until("the other endpoint gets its own at once", () =>
      town.posts.some((post) => post.url === other.url),
    );
    expect(at.length).toBeLessThan(30);
    await until("thirty have arrived", () => at.length >= 30);
    end.abort();
    await Promise.all(running);
    for (const start of at) {
      expect(at.filter((t) => t >= start && t < start + 1_000).length).toBeLessThanOrEqual(13);
    }
    expect((at[29] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(2_500);
  });
});

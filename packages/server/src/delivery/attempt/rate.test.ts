import { expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { Tokens } from "../../storage/endpoints/endpoint-rates.ts";
import { Rate } from "./rate.ts";

/** The row that all processes draw from, as `leaseTokens` keeps it. */
function row() {
  let grantedTo = 0;
  return {
    leases: 0,
    async lease(o: { everyMs: number; want: number; horizonMs: number; now: number }) {
      this.leases++;
      const from = Math.max(grantedTo, o.now);
      const fitting = Math.floor((o.now + o.horizonMs - from) / o.everyMs) + 1;
      const count = Math.max(0, Math.min(o.want, fitting));
      grantedTo = from + count * o.everyMs;
      const tokens: Tokens = { from, everyMs: o.everyMs, count, grantedTo };
      return tokens;
    },
  };
}

/** A process that sends as fast as it may, and when it did. */
function sends(clock: ManualClock, shared: ReturnType<typeof row>, perSecond: number) {
  const at: number[] = [];
  const rate: Rate = new Rate(perSecond, {
    clock,
    lease: (o) => shared.lease(o),
    onToken: send,
  });
  function send() {
    while (rate.take(100)) at.push(clock.now());
  }
  send();
  return { at, send };
}

/** The most that fell into any second. */
function mostInASecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(...sorted.map((at) => sorted.filter((t) => t >= at && t < at + 1_000).length));
}

test("one process sends as many a second as its endpoint allows, evenly", async () => {
  const clock = new ManualClock();
  const shared = row();
  const { at } = sends(clock, shared, 10);
  await clock.advance(5_000);
  expect(at.length).toBeGreaterThanOrEqual(49);
  expect(at.length).toBeLessThanOrEqual(51);
  expect(mostInASecond(at)).toBe(10);
});

test("three processes together send no more than one", async () => {
  const clock = new ManualClock();
  const shared = row();
  const processes = [1, 2, 3].map(() => sends(clock, shared, 10));
  await clock.advance(5_000);
  const all = processes.flatMap(({ at }) => at);
  expect(all.length).toBeGreaterThanOrEqual(48);
  expect(all.length).toBeLessThanOrEqual(51);
  expect(mostInASecond(all)).toBeLessThanOrEqual(11);
});

test("a high rate costs few statements", async () => {
  const clock = new ManualClock();
  const shared = row();
  const { at } = sends(clock, shared, 1_000);
  await clock.advance(3_000);
  expect(at.length).toBeGreaterThan(2_900);
  expect(shared.leases).toBeLessThan(40);
});

test("what was not used in time is not saved up", async () => {
  const clock = new ManualClock();
  const { at, send } = sends(clock, row(), 10);
  await clock.advance(1_000);
  const before = at.length;
  // The process is busy with something else for ten seconds.
  clock.setNow(clock.now() + 10_000);
  send();
  await clock.advance(1_000);
  expect(at.length - before).toBeLessThanOrEqual(13);
});

test("without the database nothing is sent, and it goes on when that is back", async () => {
  const clock = new ManualClock();
  let isAway = true;
  const shared = row();
  let sent = 0;
  const rate: Rate = new Rate(5, {
    clock,
    lease: (o) => (isAway ? Promise.reject(new Error("away")) : shared.lease(o)),
    onToken() {
      while (rate.take(1)) sent++;
    },
  });
  expect(rate.take(1)).toBe(false);
  await clock.advance(3_000);
  expect(sent).toBe(0);
  isAway = false;
  await clock.advance(1_000);
  expect(sent).toBeGreaterThan(0);
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { openMeddler, unheard } from "../support/database/meddler.ts";
import { ok } from "../support/engine/town.ts";
import { type DiscreetShop, failing, openDiscreetShop } from "../support/messages/discreet-shop.ts";
import type { Station } from "../support/messages/post-office.ts";
import { until } from "../support/until.ts";

let shop: DiscreetShop;
beforeEach(async () => {
  shop = await openDiscreetShop();
});
afterEach(() => shop.end());

const lost = async () =>
  (await shop.events("message.purge_lost")).map(({ body: { data } }) => [
    data.attempted,
    data.reason,
  ]);
const attempts = () =>
  shop.rows(
    `select a.status, a.process from attempt a join event e on e.id = a.event_id
     where e.type = 'message.received'`,
  );
const idOf = ({ engine }: Station) => engine.membership.current.id;

/** A receiver of messages that answers none before the test does, which begins with the first. */
async function openSlow(): Promise<(result: PostResult) => void> {
  const { url } = await shop.endpoint({ events: ["message.received"] });
  const asked: ((result: PostResult) => void)[] = [];
  shop.answers.set(url, () => new Promise((answer) => asked.push(answer)));
  return (result) => asked.shift()?.(result);
}

/** Takes what waits, and says that it is lost. */
async function inherit(station: Station): Promise<void> {
  await station.engine.carrier.rounds.scan();
  await shop.settle(station);
}

describe("the one attempt at a purged body, by a process that was taken for dead,", () => {
  test.each(["before", "after"])(
    "is on record when it fails %s another takes over, and the loss is told once",
    async (when) => {
      const answer = await openSlow();
      const slow = await shop.open();
      const first = idOf(slow);
      await shop.hear(slow);
      const heir = await shop.open();
      await shop.takeForDead(heir);
      if (when === "after") await inherit(heir);
      answer(failing(503)());
      await slow.engine.quiet();
      if (when === "before") await inherit(heir);
      expect(await attempts()).toEqual([{ status: 503, process: first }]);
      expect(await lost()).toEqual([[false, "process_ended"]]);
    },
  );

  test("holds up nobody who is to tell of it, when it fails while others take over", async () => {
    const answer = await openSlow();
    const { connections, once } = openMeddler(shop.database.connections);
    const slow = await shop.open({ connections });
    for (let n = 0; n < 2; n++) await shop.hear(slow);
    expect(await slow.engine.retries.runOnce(), "it knows of nothing that waits").toBe(0);
    const heir = await shop.open();
    await shop.takeForDead(heir);
    await shop.rows(
      `update retry set next_at = next_at + interval '1 second'
       where event_id = (select event_id from retry order by event_id desc limit 1)`,
    );
    await heir.engine.carrier.rounds.scan();
    await shop.clock.advance(1_000);
    await heir.engine.beatOnce();
    const passing = new Promise<number>((passed) => {
      once("accept settle_retries", async (run) => {
        passed(await heir.engine.retries.runOnce());
        return run();
      });
    });
    answer(failing(503)());
    expect(await passing, "the one that is not locked").toBe(1);
    await heir.engine.quiet();
    expect(await lost()).toHaveLength(1);
    await until("the failure is on record", () => slow.engine.sender.carried === 1);
    expect(await slow.engine.retries.runOnce(), "found without waiting for a scan").toBe(1);
    answer(failing(503)());
    await slow.engine.quiet();
    expect(await lost()).toHaveLength(2);
  });
});

describe("the loss of a purged body that a process took with it", () => {
  test("is told once, although whoever was about to tell of it was taken for dead too", async () => {
    await openSlow();
    const dying = await shop.open();
    await shop.hear(dying);
    const { connections, once } = openMeddler(shop.database.connections);
    const heir = await shop.open({ connections });
    await shop.takeForDead(heir);
    once("accept settle_retries", unheard);
    const sleeping = shop.clock.sleeping;
    await heir.engine.carrier.rounds.scan();
    expect(await heir.engine.retries.runOnce()).toBe(1);
    await shop.clock.whenSleeping(sleeping + 1);
    const last = await shop.open();
    await shop.rows("update process set state = 'dead' where id = $1", [idOf(heir)]);
    await last.engine.watchOnce();
    await inherit(last);
    expect(await lost()).toHaveLength(1);
    await shop.clock.advance(1_000);
    await heir.engine.quiet();
    expect(await lost()).toEqual([[false, "process_ended"]]);
  });

  test("is not told where the dead one's success came first", async () => {
    const answer = await openSlow();
    const slow = await shop.open();
    await shop.hear(slow);
    const { connections, once } = openMeddler(shop.database.connections);
    const heir = await shop.open({ connections });
    await shop.takeForDead(heir);
    once("accept settle_retries", unheard);
    const sleeping = shop.clock.sleeping;
    await heir.engine.carrier.rounds.scan();
    expect(await heir.engine.retries.runOnce()).toBe(1);
    await shop.clock.whenSleeping(sleeping + 1);
    answer(ok);
    await slow.engine.quiet();
    await shop.clock.advance(1_000);
    await heir.engine.quiet();
    expect(await lost()).toEqual([]);
    expect(await shop.rows("select from retry")).toEqual([]);
    expect(
      await shop.rows(
        "select d.state from delivery d join event e on e.id = d.event_id where e.type = 'message.received'",
      ),
    ).toEqual([{ state: "delivered" }]);
  });
});

describe("the receipt of a purged message", () => {
  const OVERDUE_MS = 11 * 60_000;
  const receipts = async () =>
    (await shop.events("message.purged")).map(({ body: { data } }) => [data.delivered, data.lost]);

  test("waits for the attempt that is under way, however far the clock was set forward", async () => {
    const answer = await openSlow();
    const [station, other] = [await shop.open(), await shop.open()];
    await shop.hear(station);
    shop.clock.setNow(shop.clock.now() + OVERDUE_MS);
    for (const { engine } of [station, other]) await engine.tellOverdueReceipts();
    expect(await receipts()).toEqual([]);
    answer(ok);
    await station.engine.quiet();
    expect(await receipts()).toEqual([[1, 0]]);
  });

  test("is told ten minutes later where it could not be written at first", async () => {
    const answer = await openSlow();
    const { connections, once } = openMeddler(shop.database.connections);
    const [station, other] = [await shop.open({ connections }), await shop.open()];
    await shop.hear(station);
    // As PostgreSQL says that a number is out of range: nothing is tried again.
    const unwritable = Object.assign(new Error("no"), { code: "22003" });
    once("accept pay_receipts", () => Promise.reject(unwritable));
    answer(ok);
    await station.engine.quiet();
    await other.engine.tellOverdueReceipts();
    expect(await receipts()).toEqual([]);
    shop.clock.setNow(shop.clock.now() + OVERDUE_MS);
    await other.engine.tellOverdueReceipts();
    expect(await receipts()).toEqual([[1, 0]]);
  });

  test.each([
    ["with nothing left", 1],
    ["with an attempt under way", 2],
  ])(
    "is told by another, and no fault is logged, where its process stops before it could: %s",
    async (_, messages) => {
      const answer = await openSlow();
      const { connections, once } = openMeddler(shop.database.connections);
      const [station, other] = [await shop.open({ connections }), await shop.open()];
      for (let n = 0; n < messages; n++) await shop.hear(station);
      once("accept pay_receipts", unheard);
      const sleeping = shop.clock.sleeping;
      answer(ok);
      await shop.clock.whenSleeping(sleeping + 1);
      const stopped = station.engine.stop(10);
      await shop.clock.advance(10);
      await stopped;
      await shop.takeForDead(other);
      await other.engine.tellOverdueReceipts();
      expect(await receipts()).toEqual([[1, 0]]);
      expect(shop.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    },
  );
});

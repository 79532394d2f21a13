import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { Notices, noticeSpec } from "../../src/delivery/endpoints/notices.ts";
import { Warden } from "../../src/delivery/endpoints/warden.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { forgetFailures } from "../../src/storage/endpoints/endpoint-health.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { createConfigChanges } from "../../src/storage/workspaces/config-changes.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

let town: Town;
let engine: Engine;
let notices: Notices;
let warden: Warden;
beforeEach(async () => {
  town = await openTown();
  const logger = silentLogger();
  engine = await town.engine({
    onDisableAsked: (endpoint, control) => void warden.asked(endpoint, control),
  });
  const changeConfig = createConfigChanges({
    connections: town.database.connections,
    logger,
    onChanged: async (workspaceId) => void (await engine.directory.load(workspaceId)),
  });
  notices = new Notices({
    db: town.database.connections.pool,
    tell: engine.makeAcceptor(noticeSpec()),
    clock: town.clock,
    logger,
  });
  warden = new Warden({
    ...{ changeConfig, notices, logger, clock: town.clock, db: town.database.connections.pool },
    disableAfterDays: 5,
    dialects: ["curlew"],
  });
});
afterEach(() => town.end());

const says = (status: number, headers: { retryAfter?: string; deliveryControl?: string }) =>
  ({ ...refused(status), headers }) as PostResult;

const deliveries = () => town.rows("select state, reason, attempts from delivery");
const bodiesAt = (url: string) =>
  town.posts.filter((post) => post.url === url).map((post) => JSON.parse(post.body));

describe("an endpoint that answers 410", () => {
  test("is disabled, and the delivery waits for it", async () => {
    const { id, url } = await town.endpoint();
    town.answers.set(url, () => refused(410));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await until("the endpoint is disabled", async () => {
      const [row] = await town.rows<{ state: string }>("select state from endpoint");
      return row?.state === "disabled";
    });
    expect(await town.rows("select id, disabled_by, state_reason from endpoint")).toEqual([
      { id, disabled_by: "gone", state_reason: "The receiver answered 410 Gone." },
    ]);
    expect(await deliveries()).toEqual([{ state: "pending", reason: null, attempts: 1 }]);
    await town.clock.advance(10_000);
    await engine.beatOnce();
    await engine.retries.runOnce();
    expect(town.posts).toHaveLength(1);
  });

  test("is told of to endpoints that ask for it by name, and neither to itself nor to `*`", async () => {
    const gone = await town.endpoint({ events: ["*", "endpoint.disabled", "delivery.*"] });
    const everything = await town.endpoint();
    const watcher = await town.endpoint({ events: ["endpoint.disabled"] });
    town.answers.set(gone.url, () => refused(410));
    await recorder(engine).accept(town.draft());
    await until("the watcher hears of it", () => bodiesAt(watcher.url).length > 0);
    await engine.quiet();
    expect(bodiesAt(watcher.url)).toMatchObject([
      {
        type: "endpoint.disabled",
        data: { endpoint_name: "Receiver", disabled_by: "gone", reason: expect.any(String) },
      },
    ]);
    expect(bodiesAt(everything.url).map(({ type }) => type)).toEqual(["order.shipped"]);
    expect(bodiesAt(gone.url).map(({ type }) => type)).toEqual(["order.shipped"]);
  });
});

describe("an endpoint whose every request fails", () => {
  const DAY = 86_400_000;
  /** One event a day, and whatever is due. */
  async function days(count: number): Promise<void> {
    const accept = recorder(engine);
    for (let day = 0; day < count; day++) {
      for (let n = 0; n < 3; n++) await accept.accept(town.draft());
      await engine.quiet();
      await town.clock.advance(DAY / 2);
      await engine.beatOnce();
      await engine.retries.scan();
      while ((await engine.retries.runOnce()) > 0) await engine.quiet();
      await engine.quiet();
      await engine.carrier.breakers.refresh();
      await town.clock.advance(DAY / 2);
      await engine.beatOnce();
    }
  }
  const state = () => town.rows("select state, disabled_by from endpoint");

  test("is disabled after five days, collects, and gets another chance when it is enabled", async () => {
    await ensurePartitions(town.database.connections.pool, town.clock.now(), 9);
    const { id, url } = await town.endpoint({ schedule: [3_600] });
    town.answers.set(url, () => refused(500));
    await days(4);
    expect(await warden.look()).toBe(0);
    await days(3);
    expect(await warden.look()).toBe(1);
    expect(await state()).toEqual([{ state: "disabled", disabled_by: "failures" }]);
    expect((await engine.directory.get(town.workspaceId)).targets(town.draft(), {})).toHaveLength(
      1,
    );
    await town.change("update endpoint set state = 'enabled', disabled_by = null where id = $1", [
      id,
    ]);
    await forgetFailures(town.database.connections.pool, 1, town.clock.now());
    expect(await warden.look(), "its past is forgotten").toBe(0);
  });

  test("stays when one of them was taken", async () => {
    await ensurePartitions(town.database.connections.pool, town.clock.now(), 9);
    const { url } = await town.endpoint({ schedule: [3_600] });
    town.answers.set(url, () => refused(500));
    await days(4);
    town.answers.delete(url);
    await days(1);
    town.answers.set(url, () => refused(500));
    await days(3);
    expect(await warden.look()).toBe(0);
    expect(await state()).toEqual([{ state: "enabled", disabled_by: null }]);
  });
});

describe("the header webhook-delivery", () => {
  test("with `disable` disables the endpoint, and a success stays one", async () => {
    const { url } = await town.endpoint();
    town.answers.set(url, () => says(200, { deliveryControl: "disable" }));
    await recorder(engine).accept(town.draft());
    await until("the endpoint is disabled", async () => {
      const [row] = await town.rows<{ by: string }>("select disabled_by as by from endpoint");
      return row?.by === "gone";
    });
    await engine.quiet();
    expect(await deliveries()).toEqual([{ state: "delivered", reason: null, attempts: 1 }]);
  });

  test("with `abort-message` ends this delivery and no other", async () => {
    const { url } = await town.endpoint();
    town.answers.set(url, () => says(422, { deliveryControl: "abort-message" }));
    const accept = recorder(engine);
    await accept.accept(town.draft());
    await engine.quiet();
    town.answers.delete(url);
    await accept.accept(town.draft());
    await engine.quiet();
    expect(await deliveries()).toEqual([
      { state: "cancelled", reason: "aborted_by_receiver", attempts: 1 },
      { state: "delivered", reason: null, attempts: 1 },
    ]);
    expect(await town.rows("select * from retry")).toEqual([]);
  });

  test("with `abort-message` is no sign of trouble: the endpoint keeps its slots", async () => {
    const { serial, url } = await town.endpoint();
    town.answers.set(url, () => says(422, { deliveryControl: "abort-message" }));
    const accept = recorder(engine);
    for (let n = 0; n < 10; n++) {
      await accept.accept(town.draft());
      await engine.quiet();
    }
    expect(engine.sender.lane(serial)).toMatchObject({ failures: 0, slots: 14 });
  });
});

describe("Retry-After", () => {
  const waits = async () => {
    const rows = await town.rows<{ at: Date }>("select next_at as at from retry");
    return rows.map(({ at }) => (Number(at) - town.clock.now()) / 1_000);
  };

  test("puts off the next attempt, never brings it forward, and at most by a day", async () => {
    const { url } = await town.endpoint({ schedule: [60] });
    const accept = recorder(engine);
    for (const retryAfter of ["30", "90", "400000"]) {
      town.answers.set(url, () => says(429, { retryAfter }));
      await accept.accept(town.draft());
      await engine.quiet();
    }
    expect((await waits()).sort((a, b) => a - b)).toEqual([60, 90, 86_400]);
  });

  test("does not lengthen a schedule that is spent", async () => {
    const { url } = await town.endpoint({ schedule: [1] });
    town.answers.set(url, () => says(503, { retryAfter: "1" }));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(1_000);
    await engine.beatOnce();
    await engine.retries.runOnce();
    await engine.quiet();
    expect(await deliveries()).toEqual([{ state: "dead", reason: "schedule_spent", attempts: 2 }]);
  });
});

describe("dead letters", () => {
  /** A round of retries for everybody. */
  const again = async () => {
    await town.clock.advance(2_000);
    await engine.beatOnce();
    while ((await engine.retries.runOnce()) > 0) await engine.quiet();
    await engine.quiet();
  };

  test("of two endpoints that are down and hear of each other's come to rest", async () => {
    const events = ["order.*", "delivery.dead_lettered"];
    const a = await town.endpoint({ schedule: [1], events });
    const b = await town.endpoint({ schedule: [1], events });
    town.answers.set(a.url, () => refused(500));
    town.answers.set(b.url, () => refused(500));
    const accept = recorder(engine);
    for (let n = 0; n < 3; n++) await accept.accept(town.draft());
    await engine.quiet();
    await again();
    await notices.flush();
    await engine.quiet();
    for (let n = 0; n < 5; n++) {
      await again();
      await town.clock.advance(60_000);
      await notices.flush();
    }
    expect(
      await town.rows("select type, count(*)::int as n from event group by 1 order by 1"),
      "one notice an endpoint, of all its dead letters, and none of the notices' own",
    ).toEqual([
      { type: "delivery.dead_lettered", n: 2 },
      { type: "order.shipped", n: 3 },
    ]);
    const told = bodiesAt(b.url).filter(({ type }) => type === "delivery.dead_lettered");
    expect(told[0].data).toMatchObject({
      count: 3,
      last_status: 500,
      delivery_ids: Array.from({ length: 3 }, () => expect.stringMatching(/^dlv_/)),
    });
    expect(await town.rows("select 1 from delivery where state = 'dead'")).toHaveLength(8);
  });

  test("of one endpoint are told of at most once a minute, and none is left out", async () => {
    const down = await town.endpoint({ schedule: [1], events: ["order.*"] });
    const watcher = await town.endpoint({ events: ["delivery.dead_lettered"] });
    town.answers.set(down.url, () => refused(500));
    const accept = recorder(engine);
    for (let n = 0; n < 4; n++) {
      await accept.accept(town.draft());
      await engine.quiet();
      await again();
      await notices.flush();
    }
    await engine.quiet();
    expect(bodiesAt(watcher.url).map(({ data }) => data.count)).toEqual([1]);
    await notices.flush({ all: true });
    await engine.quiet();
    expect(bodiesAt(watcher.url).map(({ data }) => data.count)).toEqual([1, 3]);
  });
});

describe("an attempt", () => {
  test("keeps what making its connection took", async () => {
    const { url } = await town.endpoint();
    const connection = { dnsMs: 1.4, connectMs: 2.6, tlsMs: null };
    town.answers.set(url, () => ({ ...ok, connection }) as PostResult);
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    expect(await town.rows("select dns_ms, connect_ms, tls_ms from attempt")).toEqual([
      { dns_ms: 1, connect_ms: 3, tls_ms: null },
    ]);
  });
});

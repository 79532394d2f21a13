import { expect, onTestFinished, test } from "vitest";
import { hold, holdIfMoved, readHold, release } from "../../src/storage/instance/instance-hold.ts";
import { openDesk } from "../support/engine/desk.ts";
import { openTown } from "../support/engine/town.ts";
import { openPostOffice } from "../support/messages/post-office.ts";

const REASON = "A backup was restored.";

test("while the instance holds its deliveries they are accepted and kept, and leave when they are released", async () => {
  const town = await openTown();
  onTestFinished(() => town.end());
  const { pool } = town.database.connections;
  const now = town.clock.now();
  await hold(pool, { now, reason: REASON });
  const desk = await openDesk(town);
  await town.endpoint();
  const order = { type: "order.placed", data: {} };
  expect((await desk.call("POST", "/events", [order, order])).status).toBe(202);
  // Long enough for memory to give them up to the queue, and for the queue to be looked at.
  await town.clock.advance(15_000);
  await desk.engine.beatOnce();
  desk.engine.sender.sweep();
  await desk.engine.overflowed();
  await desk.deliver();
  expect(town.posts).toEqual([]);
  expect(await town.rows("select from retry")).toHaveLength(2);
  expect((await desk.call("GET", "/deliveries?state=pending")).body.data).toHaveLength(2);
  expect(
    (await desk.call("GET", "/health", undefined, { kind: "admin" })).body.data,
  ).toContainEqual(expect.objectContaining({ name: "held", level: "warning", value: 15 }));

  await release(pool, { deliveries: true, messages: false });
  await desk.engine.beatOnce();
  await desk.engine.retries.scan();
  await desk.deliver();
  expect(town.posts).toHaveLength(2);
  expect(await readHold(pool)).toEqual({
    ...{ deliveriesSince: null, messagesSince: now, reason: REASON },
  });
});

test("a process that joins while deliveries are held attempts none before its first heartbeat either", async () => {
  const town = await openTown();
  onTestFinished(() => town.end());
  const { pool } = town.database.connections;
  await town.endpoint();
  await hold(pool, { now: town.clock.now(), reason: REASON });
  const desk = await openDesk(town);
  await desk.call("POST", "/events", { type: "order.placed", data: {} });
  expect(town.posts).toEqual([]);
  await release(pool, { deliveries: true, messages: true });
  expect(await readHold(pool)).toMatchObject({ reason: null });
  await desk.engine.beatOnce();
  await desk.deliver();
  expect(town.posts).toHaveLength(1);
});

test("while the instance holds its messages they are accepted and stay queued, and leave once when they are released", async () => {
  const office = await openPostOffice();
  onTestFinished(() => office.end());
  const { pool } = office.database.connections;
  const station = await office.station();
  const ada = await office.hear(station);
  await hold(pool, { now: office.clock.now(), reason: REASON });
  const id = await office.post(station, office.unit(ada, "Your order is ready"));
  expect(await station.outbox.runOnce()).toBe(0);
  expect(office.requests).toEqual([]);
  expect(await office.message(id)).toMatchObject({ status: "queued" });
  await release(pool, { deliveries: false, messages: true });
  expect(await station.outbox.runOnce()).toBe(1);
  expect(office.texts()).toEqual(["Your order is ready"]);
  expect(await office.message(id)).toMatchObject({ status: "sent" });
});

test("a database that has become another server, or gone on in another timeline, holds everything once", async () => {
  const town = await openTown();
  onTestFinished(() => town.end());
  const { pool } = town.database.connections;
  const known = async () =>
    (await town.rows<{ id: string }>("select system_identifier as id from instance"))[0]?.id ?? "";
  expect(await holdIfMoved(pool, 1)).toBe(false);
  const here = await known();
  expect(here).toMatch(/^\d+\/[0-9A-F]{8}$/);
  expect(await holdIfMoved(pool, 2)).toBe(false);

  for (const before of [here.replace(/\/.*/, "/000000FF"), here.replace(/^\d+/, "1")]) {
    await town.rows("update instance set system_identifier = $1", [before]);
    expect(await holdIfMoved(pool, 3)).toBe(true);
    expect(await known()).toBe(here);
    expect(await readHold(pool)).toMatchObject({
      ...{ deliveriesSince: 3, messagesSince: 3 },
      reason: expect.stringContaining("another server"),
    });
    await release(pool, { deliveries: true, messages: true });
    expect(await holdIfMoved(pool, 4)).toBe(false);
    expect(await readHold(pool)).toMatchObject({ messagesSince: null });
  }
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { openTown, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const publish = () => desk.call("POST", "/events", { type: "order.shipped", data: {} });
const oldest = async (query = "", as?: Parameters<Desk["call"]>[3]) =>
  (await desk.call("GET", `/queue?${query}`, undefined, as)).body.oldest_due;

describe("the oldest that is due", () => {
  test("is nothing while every attempt waits for its time, and counts from that time on", async () => {
    const { id, url } = await town.endpoint({ schedule: [60] });
    town.answers.set(url, () => refused(500));
    expect(await oldest()).toBeNull();
    await publish();
    await desk.deliver();
    expect(await oldest()).toBeNull();
    await town.clock.advance(90_000);
    const due = await oldest();
    expect(due).toMatchObject({ endpoint_id: publicId("ep", id) });
    expect(due.seconds).toBeCloseTo(30, 0);
    await desk.deliver();
    expect(await oldest()).toBeNull();
  });

  test("is of an endpoint that moves: what a paused one holds is not late", async () => {
    const [first, second] = [
      await town.endpoint({ schedule: [60] }),
      await town.endpoint({ schedule: [80] }),
    ];
    for (const { url } of [first, second]) town.answers.set(url, () => refused(500));
    await publish();
    await desk.deliver();
    await town.clock.advance(90_000);
    expect(await oldest()).toMatchObject({ endpoint_id: publicId("ep", first.id) });
    expect(await oldest(`endpoint_id=${publicId("ep", second.id)}`)).toMatchObject({
      endpoint_id: publicId("ep", second.id),
    });
    await town.change("update endpoint set state = 'paused' where id = $1", [first.id]);
    expect(await oldest()).toMatchObject({ endpoint_id: publicId("ep", second.id) });
  });

  test("is one of its own for a confined key", async () => {
    const { url } = await town.endpoint({ schedule: [60] });
    town.answers.set(url, () => refused(500));
    await publish();
    await desk.deliver();
    await town.clock.advance(90_000);
    expect(await oldest("", { accountId: await openAccount(town) })).toBeNull();
  });
});

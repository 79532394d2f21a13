import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { readBooks } from "../support/database/books.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { ok, openTown, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const publish = async (count: number, type = "order.shipped", more: object = {}) => {
  const data = type === "lead.created" ? { lead: {} } : {};
  const event = { type, data, ...more };
  const { body } = await desk.call("POST", "/events", Array(count).fill(event));
  await desk.deliver();
  return body.data.map(({ id }: { id: string }) => id) as string[];
};
/** The ledger counts what was accepted: from then on it can be given to others. */
const settleBooks = async () => {
  await town.clock.advance(1_000);
  await desk.engine.beatOnce();
  while (await town.database.connections.transaction(rollUp));
};
const replayMissing = (id: string, body: object = {}, as?: Parameters<Desk["call"]>[3]) =>
  desk.call(
    "POST",
    `/endpoints/${publicId("ep", id)}/replay`,
    { since: new Date(town.clock.now() - 3_600_000).toISOString(), states: ["missing"], ...body },
    as,
  );
const work = async () => {
  while (await desk.jobs.runOnce());
  await desk.deliver();
};
const sentTo = (url: string) =>
  town.posts
    .filter((post) => post.url === url)
    .map(({ headers }) => headers["webhook-id"] as string)
    .sort();
const expectBalance = async () => {
  const { ledger, counted } = await readBooks(town.database.connections.pool, town.workspaceId);
  expect(ledger).toEqual(counted);
};

describe("what an endpoint misses", () => {
  test("of before it was made is counted, then given to it, once", async () => {
    await town.endpoint();
    const ids = await publish(700);
    const late = await town.endpoint({ events: ["order.*"] });
    await publish(1, "lead.created");
    await settleBooks();
    const dry = await replayMissing(late.id, { dry_run: true });
    expect(dry.body).toEqual({
      count: 700,
      is_exact: true,
      expunged: 0,
      job_id: null,
      dry_run: true,
    });
    expect(sentTo(late.url)).toEqual([]);
    const { body } = await replayMissing(late.id);
    await settleBooks();
    await work();
    expect(sentTo(late.url)).toEqual([...ids].sort());
    const job = await desk.call("GET", `/jobs/${body.job_id}`);
    expect(job.body).toMatchObject({
      kind: "replay_missing",
      state: "done",
      done: 700,
      total: 700,
    });
    await expectBalance();
    await settleBooks();
    await expectBalance();
    expect((await replayMissing(late.id)).body).toMatchObject({ count: 0, job_id: null });
    const [first] = ids;
    const why = await desk.call("GET", `/events/${first}/why`);
    expect(why.body.data[1]).toMatchObject({ outcome: "delivered" });
    const deliveries = await desk.call("GET", `/deliveries?event_id=${first}`);
    expect(deliveries.body.data).toHaveLength(2);
  });

  test("is what its filters want now, and what ended without having reached it", async () => {
    const endpoint = await town.endpoint({ schedule: [], events: ["order.*"] });
    town.answers.set(endpoint.url, () => refused(500));
    const dead = await publish(2, "order.lost");
    town.answers.set(endpoint.url, () => ok);
    const delivered = await publish(2, "order.shipped");
    const unwanted = await publish(2, "lead.created", { data: { lead: { score: 90 } } });
    await publish(1, "lead.created", { data: { lead: { score: 10 } } });
    const filter = {
      any: [{ type: { prefix: "order." } }, { "data.lead.score": { range: { gt: 50 } } }],
    };
    await town.change("update endpoint set events = '{*}', filter = $2 where id = $1", [
      endpoint.id,
      JSON.stringify(filter),
    ]);
    await desk.engine.directory.refresh();
    await settleBooks();
    town.posts.length = 0;
    expect((await replayMissing(endpoint.id)).body.count).toBe(4);
    await settleBooks();
    await work();
    expect(sentTo(endpoint.url)).toEqual([...dead, ...unwanted].sort());
    expect(sentTo(endpoint.url)).not.toContain(delivered[0]);
    await expectBalance();
  });

  test("of while a person had disabled it, when it collected nothing, is given to it once it is enabled", async () => {
    const { id, url } = await town.endpoint({ events: ["order.*"] });
    const before = await publish(2);
    const setState = async (state: string, by: string | null) => {
      await town.change("update endpoint set state = $2, disabled_by = $3 where id = $1", [
        ...[id, state, by],
      ]);
      await desk.engine.directory.refresh();
    };
    await setState("disabled", "user");
    const meanwhile = await publish(30);
    expect(await town.rows("select 1 from event where cardinality(targets) = 0")).toHaveLength(30);
    await setState("enabled", null);
    const after = await publish(2);
    await settleBooks();
    expect(sentTo(url)).toEqual([...before, ...after].sort());
    expect((await replayMissing(id, { dry_run: true })).body).toMatchObject({ count: 30 });
    await replayMissing(id);
    await settleBooks();
    await work();
    expect(sentTo(url), "none twice").toEqual([...before, ...meanwhile, ...after].sort());
    await expectBalance();
  });

  test("is narrowed by types and time", async () => {
    await publish(2, "order.placed");
    await town.clock.advance(60_000);
    await publish(3, "order.shipped");
    await publish(1, "lead.created");
    const { id } = await town.endpoint();
    await desk.engine.directory.refresh();
    const count = async (body: object) =>
      (await replayMissing(id, { dry_run: true, ...body })).body.count;
    expect(await count({})).toBe(6);
    expect(await count({ types: ["order.*"] })).toBe(5);
    expect(await count({ since: new Date(town.clock.now() - 30_000).toISOString() })).toBe(4);
  });

  test("waits until the ledger has counted what was accepted just now, and misses nothing", async () => {
    await publish(3);
    const late = await town.endpoint();
    await desk.engine.directory.refresh();
    await replayMissing(late.id);
    await desk.jobs.runOnce();
    expect(await town.rows("select state from job")).toEqual([{ state: "running" }]);
    await settleBooks();
    await work();
    expect(sentTo(late.url)).toHaveLength(3);
    expect(await town.rows("select state from job")).toEqual([{ state: "done" }]);
  });

  test("stops when it is told to, and is not for a key of another account", async () => {
    await publish(3);
    const late = await town.endpoint();
    await desk.engine.directory.refresh();
    const { body } = await replayMissing(late.id);
    await desk.call("POST", `/jobs/${body.job_id}/stop`);
    await settleBooks();
    await work();
    expect(sentTo(late.url)).toEqual([]);
    const accountId = await openAccount(town);
    expect((await replayMissing(late.id, {}, { accountId })).status).toBe(404);
    expect((await desk.call("GET", `/jobs/${body.job_id}`, undefined, { accountId })).status).toBe(
      404,
    );
    expect((await replayMissing(late.id, { states: ["missing", "dead"] })).status).toBe(422);
  });
});

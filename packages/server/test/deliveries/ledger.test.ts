import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { settleRetries } from "../../src/storage/deliveries/deliveries.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { ledgerLines, readBooks } from "../support/database/books.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const db = () => town.database.connections.pool;
const rollUpAll = async () => {
  await desk.engine.beatOnce();
  while (await town.database.connections.transaction(rollUp));
};
const publish = (count: number, more: object = {}) =>
  desk.call("POST", "/events", Array(count).fill({ type: "order.shipped", data: {}, ...more }));
const ledger = async (query = "", as?: Parameters<Desk["call"]>[3]) =>
  (await desk.call("GET", `/ledger?${query}`, undefined, as)).body;

/** The ledger says what the log says, before its roll-up and after it. */
async function expectBalance(): Promise<void> {
  const before = await readBooks(db(), town.workspaceId);
  expect(before.ledger, "before the roll-up").toEqual(before.counted);
  await rollUpAll();
  const after = await readBooks(db(), town.workspaceId);
  expect(after.ledger, "after the roll-up").toEqual(after.counted);
}

describe("the ledger", () => {
  test("counts what is in memory, delivered, retrying and dead, whether rolled up or not", async () => {
    const [good, bad, slow] = [
      await town.endpoint(),
      await town.endpoint({ schedule: [] }),
      await town.endpoint({ schedule: [5] }),
    ];
    let opens = () => {};
    const gate = new Promise<void>((resolve) => {
      opens = resolve;
    });
    town.answers.set(good.url, async () => {
      await gate;
      return ok;
    });
    town.answers.set(bad.url, () => refused(500));
    town.answers.set(slow.url, () => refused(500));
    await publish(3);
    await expectBalance();
    opens();
    await desk.deliver();
    await expectBalance();
    const { totals } = await ledger();
    expect(totals).toEqual({
      ...{ targeted: 9, delivered: 3, pending: 3, dead: 3, cancelled: 0, retrying: 3 },
    });
    await town.clock.advance(5_000);
    await desk.deliver();
    await expectBalance();
    expect((await ledger()).totals).toMatchObject({ pending: 0, dead: 6, retrying: 0 });
  });

  test("follows replays: a dead letter is pending again, and delivered only once", async () => {
    const endpoint = await town.endpoint({ schedule: [] });
    town.answers.set(endpoint.url, () => refused(500));
    await publish(4);
    await desk.deliver();
    await rollUpAll();
    await desk.call("POST", "/dead-letters/replay", {});
    while (await desk.jobs.runOnce());
    await expectBalance();
    expect((await ledger()).totals).toMatchObject({ targeted: 4, pending: 4, dead: 0 });
    town.answers.set(endpoint.url, () => ok);
    await desk.deliver();
    await expectBalance();
    const since = new Date(town.clock.now() - 60_000).toISOString();
    const path = `/endpoints/${publicId("ep", endpoint.id)}/replay`;
    await desk.call("POST", path, { since, states: ["delivered"] });
    while (await desk.jobs.runOnce());
    await expectBalance();
    await desk.deliver();
    await expectBalance();
    expect((await ledger()).totals).toMatchObject({ targeted: 4, delivered: 4 });
  });

  test("balances over a process that dies with everything in memory", async () => {
    await town.endpoint();
    const other = await town.engine();
    let dies = true;
    for (const { url } of [await town.endpoint()]) {
      town.answers.set(url, () => (dies ? new Promise(() => {}) : ok));
    }
    for (let n = 0; n < 5; n++) await recorder(other).accept(town.draft());
    await expectBalance();
    await desk.engine.watchOnce();
    for (let second = 0; second < 7; second++) {
      await town.clock.advance(1_000);
      await desk.engine.beatOnce();
      await desk.engine.watchOnce();
    }
    await expectBalance();
    dies = false;
    await desk.engine.carrier.rounds.scan();
    await desk.deliver();
    await expectBalance();
    expect((await ledger()).totals).toMatchObject({ targeted: 10, delivered: 10 });
  });

  test("counts an outcome once when two processes write the first row of a delivery at once", async () => {
    const endpoint = await town.endpoint();
    town.answers.set(endpoint.url, () => new Promise(() => {}));
    const { body } = await publish(1);
    expect(body.data).toHaveLength(1);
    const [event] = await town.rows<{ id: string }>("select id from event");
    const { id: process } = desk.engine.membership.current;
    await db().query(
      `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, owner)
       values ($1, $2, $3, now(), 1, 1, 1, $4)`,
      [event?.id, endpoint.serial, town.workspaceId, process],
    );
    const settlement = {
      ...{ process, eventId: event?.id ?? "", endpoint: endpoint.serial },
      ...{
        workspaceId: town.workspaceId,
        n: 1,
        round: 1,
        roundN: 1,
        conversationId: null,
        seq: null,
      },
      ...{ state: "delivered" as const, nextAt: null, attempt: null, endedAt: town.clock.now() },
      ...{ reason: null, renderer: 1, body: null },
    };
    const { transaction } = town.database.connections;
    // The first holds its row until the second has looked and found none.
    let second: Promise<unknown> = Promise.resolve();
    await transaction(async (tx) => {
      await settleRetries(tx, [settlement], town.clock.now());
      second = transaction((other) => settleRetries(other, [settlement], town.clock.now()));
      second.catch(() => {});
      await untilWaits();
    });
    await expect(second).rejects.toMatchObject({ code: "40001" });
    await transaction((tx) => settleRetries(tx, [settlement], town.clock.now()));
    await expectBalance();
    expect((await ledger()).totals).toMatchObject({ targeted: 1, delivered: 1 });
  });

  test("counts each event in its own hour and day, however many of them one roll-up goes over", async () => {
    await town.endpoint();
    const HOUR_MS = 3_600_000;
    for (const hours of [0, 1, 13, 3]) {
      await town.clock.advance(hours * HOUR_MS);
      await desk.engine.beatOnce();
      await publish(hours + 1);
      await desk.deliver();
    }
    const hourly = async () =>
      await town.rows<{ at: string; delivered: number }>(
        `select to_char(day, 'DD') || ' ' || hour as at, delivered::int, (select accepted::int from tally_event e
             where e.day = t.day and e.hour = t.hour) as accepted from tally t order by day, hour`,
      );
    expect(await hourly()).toEqual([]);
    await rollUpAll();
    expect(await hourly()).toEqual([
      { at: "02 9", delivered: 1, accepted: 1 },
      { at: "02 10", delivered: 2, accepted: 2 },
      { at: "02 23", delivered: 14, accepted: 14 },
      { at: "03 2", delivered: 4, accepted: 4 },
    ]);
    await expectBalance();
  });

  test("of a day that is closed has nothing pending: what never came is cancelled", async () => {
    const { url } = await town.endpoint({ schedule: [80_000] });
    town.answers.set(url, () => refused(500));
    await publish(2);
    await desk.deliver();
    await rollUpAll();
    const lines = await ledgerLines(db(), town.workspaceId, { firstKept: "2100-01-01" });
    expect(lines).toMatchObject([{ targeted: 2, pending: 0, cancelled: 2 }]);
  });

  test("says how many events nothing wanted, to whoever sees the whole workspace", async () => {
    await town.endpoint({ events: ["lead.*"] });
    await publish(3);
    await publish(2, { type: "lead.created", data: { lead: {} } });
    const before = await ledger();
    await rollUpAll();
    expect(before.events).toEqual({ accepted: 5, unwanted: 3 });
    expect((await ledger()).events).toEqual({ accepted: 5, unwanted: 3 });
  });

  test("is read by endpoint, by days and page by page; a confined key sees its own", async () => {
    const [a, b] = [await town.endpoint(), await town.endpoint()];
    const accountId = await openAccount(town);
    await town.change("update endpoint set owner_account_id = $2 where id = $1", [b.id, accountId]);
    await publish(2);
    await desk.deliver();
    const ofA = await ledger(`endpoint_id=${publicId("ep", a.id)}`);
    expect(ofA.data).toMatchObject([{ endpoint_id: publicId("ep", a.id), delivered: 2 }]);
    expect(ofA.events).toBeNull();
    expect((await ledger("", { accountId })).data).toEqual([]);
    expect((await ledger("from=2000-01-01&to=2000-01-02")).totals.targeted).toBe(0);
    expect((await desk.call("GET", "/ledger?from=2026-02-01&to=2026-01-01")).status).toBe(422);
    await town.change("update endpoint set owner_account_id = null");
    await publish(1);
    await desk.deliver();
    const first = await ledger("limit=1");
    const rest = await ledger(`limit=1&cursor=${first.next_cursor}`);
    expect([first, rest].flatMap(({ data }) => data.map((row: Line) => row.targeted))).toEqual([
      3, 1,
    ]);
    expect(rest.has_more).toBe(false);
  });

  test.each([
    ["cursor", "2026-13-45 1"],
    ["cursor", "0000-01-01 1"],
    ["cursor", "2026-11-22 2147483648"],
    ["cursor", "01890a5d-ac96-774b-bcce-b302099a8057"],
    ["from", "0000-01-01"],
    ["to", "0000-01-01"],
  ])("refuse what is no place in them: %s %s", async (name, value) => {
    const text = name === "cursor" ? Buffer.from(value).toString("base64url") : value;
    const answer = await desk.call("GET", `/ledger?${name}=${text}`);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: name }] } });
  });
});

type Line = { targeted: number };

async function untilWaits(): Promise<void> {
  for (;;) {
    const { rowCount } = await db().query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    if ((rowCount ?? 0) > 0) return;
  }
}

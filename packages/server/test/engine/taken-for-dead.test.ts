import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { rollUp } from "../../src/storage/figures/tally.ts";
import { hold } from "../../src/storage/instance/instance-hold.ts";
import { readBooks } from "../support/database/books.ts";
import { openMeddler } from "../support/database/meddler.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const declareDead = ({ membership }: Engine) =>
  town.rows("update process set state = 'dead' where id = $1", [membership.current.id]);

describe("a process that registers anew", () => {
  /** Taken for dead while something waits for an endpoint that is paused then. */
  async function pausedUnheard(a: Engine): Promise<void> {
    const { url, serial } = await town.endpoint({ schedule: [5] });
    town.answers.set(url, () => refused(500));
    await recorder(a).accept(town.draft());
    await a.quiet();
    await declareDead(a);
    await town.change("update endpoint set state = 'paused' where serial = $1", [serial]);
    await town.clock.advance(5_000);
  }

  test("sends nothing to an endpoint that was paused while it counted for dead", async () => {
    const [a, b] = [await town.engine(), await town.engine()];
    await pausedUnheard(a);
    await b.directory.refresh();
    await b.appliedEverywhere(b.directory.version);
    await a.beatOnce();
    a.retries.doubt();
    expect(await a.retries.runOnce()).toBe(0);
    await a.quiet();
    expect(town.posts).toHaveLength(1);
  });

  test("counts for nothing before it has read what has changed", async () => {
    const a = await town.engine();
    const before = a.membership.current;
    await pausedUnheard(a);
    const { directory } = a;
    const refresh = directory.refresh.bind(directory);
    directory.refresh = () => Promise.reject(new Error("Connection terminated"));
    await expect(a.beatOnce()).rejects.toThrow("Connection terminated");
    expect(a.membership.isHeard).toBe(false);
    directory.refresh = refresh;
    await a.beatOnce();
    expect(a.membership.isHeard).toBe(true);
    expect(a.membership.current).not.toBe(before);
    a.retries.doubt();
    expect(await a.retries.runOnce()).toBe(0);
    expect(town.posts).toHaveLength(1);
  });
});

test.each([
  ["a success", ok],
  ["a failure", refused(500)],
])("a process whose outcome is being written is not taken for dead: %s", async (_, answer) => {
  const { url, serial } = await town.endpoint({ schedule: [] });
  const [a, b] = [await town.engine(), await town.engine()];
  const answered = new Promise<(result: PostResult) => void>((isAsked) => {
    town.answers.set(url, () => new Promise(isAsked));
  });
  const { id } = await recorder(a).accept(town.draft());
  const answerIt = await answered;
  const blocker = await town.database.connections.pool.connect();
  try {
    await blocker.query("begin");
    await blocker.query(
      `insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, round, last_at, renderer)
       values ($1, $2, $3, 'dead', 'dead', 1, 1, now(), 1)`,
      [id, serial, town.workspaceId],
    );
    answerIt(answer);
    await until("its outcome waits", async () => {
      const waiting = await town.rows(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return waiting.length > 0;
    });
    await b.watchOnce();
    await town.clock.advance(5_000);
    await b.beatOnce();
    await b.watchOnce();
    expect(
      await town.rows("select state from process where id = $1", [a.membership.current.id]),
    ).toEqual([{ state: "living" }]);
  } finally {
    await blocker.query("rollback");
    blocker.release();
  }
  await a.quiet();
  expect(await town.rows("select first_state from delivery")).toEqual([
    { first_state: answer === ok ? "delivered" : "dead" },
  ]);
});

describe("the ledger counts what a process settles that was taken for dead,", () => {
  const books = () => readBooks(town.database.connections.pool, town.workspaceId);
  const rollUpAll = async () => {
    while (await town.database.connections.transaction(rollUp));
  };

  test.each([
    ["a success", ok, { delivered: 1, dead: 0, pending: 0 }],
    ["a failure", refused(500), { delivered: 0, dead: 0, pending: 1 }],
  ])("although the roll-up has gone over it before: %s", async (_, answer, line) => {
    const { url } = await town.endpoint({ schedule: [] });
    const [a, b] = [await town.engine(), await town.engine()];
    const answered = new Promise<(result: PostResult) => void>((isAsked) => {
      town.answers.set(url, () => new Promise(isAsked));
    });
    await recorder(a).accept(town.draft());
    const answerIt = await answered;
    await declareDead(a);
    await b.watchOnce();
    await b.beatOnce();
    await rollUpAll();
    expect((await books()).ledger).toMatchObject([{ targeted: 1, pending: 1 }]);

    answerIt(answer);
    await a.quiet();
    expect(await books()).toMatchObject({ ledger: [line], counted: [line] });
    await b.beatOnce();
    await rollUpAll();
    expect(await books()).toMatchObject({ ledger: [line], counted: [line] });

    town.answers.delete(url);
    await b.retries.scan();
    await b.retries.runOnce();
    await b.quiet();
    await rollUpAll();
    const { ledger, counted } = await books();
    expect(ledger).toEqual(counted);
    expect(ledger).toMatchObject([{ delivered: 1, pending: 0 }]);
  });
});

test("a heartbeat whose answer comes after that of a later one does not let held deliveries go", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  once("control beat", async (run) => {
    const answer = await run();
    await hold(town.database.connections.pool, { now: town.clock.now(), reason: "A test" });
    await engine.beatOnce();
    expect(engine.membership.mayAttempt).toBe(false);
    await recorder(engine).accept(town.draft());
    return answer;
  });
  await engine.beatOnce();
  expect(engine.membership.mayAttempt).toBe(false);
  expect(town.posts).toEqual([]);
});

test("a heartbeat of a registration that was lost says nothing of the next one", async () => {
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  once("control beat", async (run) => {
    const answer = await run();
    await town.rows("update process set state = 'dead' where state = 'living'");
    await town.clock.advance(5_000);
    await engine.beatOnce();
    expect(engine.membership.isHeard).toBe(true);
    return answer;
  });
  await engine.beatOnce();
  expect(engine.membership.isHeard).toBe(true);
});

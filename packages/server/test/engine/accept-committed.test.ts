import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connections } from "../../src/storage/connections/connections.ts";
import { type Meddler, openMeddler, unanswered, unheard } from "../support/database/meddler.ts";
import { ok, openTown, recorder, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("what was committed is accepted, and not recorded again, although a fault of ours comes after it", async () => {
  await town.endpoint();
  const logger = silentLogger();
  let faults = 0;
  const [engine, other] = [
    await town.engine({
      logger,
      onWritten() {
        if (++faults === 1) throw new TypeError("undefined is not a function");
      },
    }),
    await town.engine(),
  ];
  const accept = recorder(engine);
  const accepted = await Promise.all([accept.accept(town.draft()), accept.accept(town.draft())]);
  expect(await town.rows("select id from event order by id")).toEqual(
    accepted.map(({ id }) => ({ id })),
  );
  expect(logger.lines.filter(({ level }) => level === "error")).toMatchObject([
    { message: "what was accepted is carried by nobody until this process ends" },
  ]);

  await town.rows("update process set state = 'dead' where id = $1", [
    engine.membership.current.id,
  ]);
  await other.watchOnce();
  await other.retries.runOnce();
  await other.quiet();
  expect(town.posts).toHaveLength(2);
});

/** The next COMMIT is lost in a crash, after which another transaction is committed under the same number. */
function crash(once: Meddler["once"]): void {
  once("accept commit", unheard);
  once("accept select pg_xact_status($1::xid8) as status", async () => ({
    rows: [{ status: "committed" }],
  }));
}

/** Settles as what is repeated does, whether or not it waits before it is. */
async function repeated<T>(accepting: Promise<T>): Promise<T> {
  const { clock } = town;
  void clock.whenSleeping(clock.sleeping + 1).then(() => clock.advance(1_000));
  return await accepting;
}

test("what a crash has taken is accepted anew, although another transaction was committed under its number", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  crash(once);
  const { id } = await repeated(recorder(engine).accept(town.draft()));
  expect(await town.rows("select id from event")).toEqual([{ id }]);
  await engine.quiet();
  expect(town.posts).toHaveLength(1);
});

describe("what appends no event", () => {
  async function noting(connections: Connections) {
    await town.rows("create table if not exists note (text text)");
    const engine = await town.engine({ connections });
    return engine.makeAcceptor<string, void>({
      name: "notes",
      maxUnits: 1,
      async run({ tx }, texts) {
        for (const text of texts) await tx.query("insert into note values ($1)", [text]);
        return [];
      },
    });
  }
  const notes = () => town.rows("select text from note");
  const witnesses = () => town.rows<{ id: string }>("select id from accept_witness");

  test("is accepted anew when a crash has taken it, and its number was given to another", async () => {
    const { connections, once } = openMeddler(town.database.connections);
    const acceptor = await noting(connections);
    crash(once);
    await repeated(acceptor.accept("one"));
    expect(await notes()).toEqual([{ text: "one" }]);
  });

  test("is not accepted twice when only the answer to its commit is lost", async () => {
    const { connections, once } = openMeddler(town.database.connections);
    const acceptor = await noting(connections);
    once("accept commit", unanswered);
    await repeated(acceptor.accept("one"));
    expect(await notes()).toEqual([{ text: "one" }]);
  });

  test("is accepted anew when there was no room for its witness", async () => {
    const acceptor = await noting(town.database.connections);
    await town.rows(`create function refuse() returns trigger language plpgsql
      as $$ begin raise 'the disk is full' using errcode = '53100'; end $$`);
    await town.rows(
      "create trigger refuse before insert on accept_witness execute function refuse()",
    );
    const { clock } = town;
    const isWaiting = clock.whenSleeping(clock.sleeping + 1);
    const accepting = acceptor.accept("one");
    await isWaiting;
    expect(await notes()).toEqual([]);
    await town.rows("drop trigger refuse on accept_witness");
    await clock.advance(1_000);
    await accepting;
    expect(await notes()).toEqual([{ text: "one" }]);
  });

  test("leaves one witness at a time, which goes with its process", async () => {
    const acceptor = await noting(town.database.connections);
    await acceptor.accept("one");
    const [first] = await witnesses();
    await acceptor.accept("two");
    await acceptor.accept("three");
    const left = await witnesses();
    expect(left).toHaveLength(1);
    expect(left).not.toContainEqual(first);
    await town.rows("delete from process where state = 'living'");
    expect(await witnesses()).toEqual([]);
  });
});

test("what is committed while its process stops is delivered by another, once", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const [stopping, heir] = [await town.engine({ connections }), await town.engine()];
  const { id } = stopping.membership.current;
  let stopped: Promise<void> = Promise.resolve();
  once("accept commit", async (run) => {
    stopped = stopping.stop(1_000);
    await until("its registration ends, or waits for what is accepted under it", async () => {
      const [row] = await town.rows<{ isEnding: boolean }>(
        `select state <> 'living' or exists (select from pg_stat_activity
           where wait_event_type = 'Lock' and datname = current_database()) as "isEnding"
         from process where id = $1`,
        [id],
      );
      return row?.isEnding === true;
    });
    return run();
  });
  await recorder(stopping).accept(town.draft());
  await stopped;
  expect(await town.rows("select state from process where id = $1", [id])).toEqual([
    { state: "recovered" },
  ]);
  await heir.watchOnce();
  await heir.retries.scan();
  await heir.retries.runOnce();
  await heir.quiet();
  expect(await town.rows("select state, attempts from delivery")).toEqual([
    { state: "delivered", attempts: 1 },
  ]);
  expect(town.posts).toHaveLength(1);
});

test("a process that cannot say that it stops closes its connections all the same, and is taken for dead", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  let open = 0;
  const [stopping, heir] = [
    await town.engine({
      connections,
      openTarget() {
        open++;
        return { post: async () => ok, close: async () => void open-- };
      },
    }),
    await town.engine(),
  ];
  const { id } = stopping.membership.current;
  await recorder(stopping).accept(town.draft());
  await stopping.quiet();
  expect(open).toBe(1);
  once("transaction", unheard);
  await stopping.stop(1_000);
  expect(open).toBe(0);
  await heir.watchOnce();
  await town.clock.advance(5_000);
  await heir.beatOnce();
  await heir.watchOnce();
  expect(await town.rows("select state from process where id = $1", [id])).toEqual([
    { state: "recovered" },
  ]);
});

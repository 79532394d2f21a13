import { afterEach, beforeEach, expect, test } from "vitest";
import { type JobKind, JobRunner } from "../../src/delivery/jobs/jobs.ts";
import { findJob, insertJob } from "../../src/storage/instance/jobs.ts";
import { openTown, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

async function runnerOf(kind: JobKind, process = 1, logger = silentLogger()) {
  const { connections } = town.database;
  await town.rows(
    `insert into process (id, name, role, state, insert_floor, settled_floor, started_at, heartbeat_at)
     values ($1, 'x', 'all', 'living', gen_random_uuid(), gen_random_uuid(), $2, $2)`,
    [process, new Date(town.clock.now())],
  );
  return new JobRunner({
    ...{ connections, clock: town.clock, logger },
    process: () => process,
    kinds: { replay: kind },
  });
}

async function newJob(kind = "replay", workspaceId = town.workspaceId): Promise<string> {
  const id = town.ids.next();
  const { pool } = town.database.connections;
  const now = town.clock.now();
  await insertJob(pool, { id, workspaceId, kind, params: "{}", total: 3, now });
  return id;
}

const find = (id: string) => findJob(town.database.connections.pool, town.workspaceId, id);

test("a runner that was started does a new job when it is poked, and stops after the page it is in", async () => {
  let begun = (): void => {};
  const beginning = new Promise<void>((resolve) => (begun = resolve));
  let end = (): void => {};
  const ending = new Promise<void>((resolve) => (end = resolve));
  const runner = await runnerOf(async () => {
    begun();
    await ending;
    return { kind: "moved", cursor: "1", done: 1, finished: false };
  });
  runner.start();
  await town.clock.whenSleeping();
  const id = await newJob();
  runner.poke();
  await beginning;
  const stopped = runner.stop();
  end();
  await stopped;
  expect(await find(id)).toMatchObject({ state: "running", done: 1, cursor: "1" });
});

test("each job gets a page in turn, and what is held back keeps nobody waiting", async () => {
  const pages: string[] = [];
  const runner = await runnerOf(async (_, job) => {
    pages.push(job.id);
    const done = Number(job.cursor ?? 0) + 1;
    if (job.id === held) return { kind: "held" };
    return { kind: "moved", cursor: String(done), done: 1, finished: done === 3 };
  });
  const [a, held, b] = [await newJob(), await newJob(), await newJob()];
  while (await runner.runOnce()) await town.clock.advance(1);
  expect(pages.filter((id) => id !== held)).toEqual([a, b, a, b, a, b]);
  expect(await find(a)).toMatchObject({ state: "done", done: 3 });
  expect(await find(held)).toMatchObject({ state: "running", done: 0, cursor: null });
});

test.each([
  ["that all move", false],
  ["that are held back", true],
])("who has started many jobs %s keeps nobody else waiting", async (_, areHeld) => {
  const pages: (string | null)[] = [];
  const other = town.ids.next();
  const runner = await runnerOf(async (_tx, { workspaceId, cursor }) => {
    pages.push(workspaceId);
    if (areHeld && workspaceId !== other) return { kind: "held" };
    const done = Number(cursor ?? 0) + 1;
    return { kind: "moved", cursor: String(done), done: 1, finished: done === 3 };
  });
  for (let n = 0; n < 40; n++) await newJob();
  await newJob("replay", other);
  while (pages.filter((workspace) => workspace === other).length < 3) await runner.runOnce();
  expect(pages.lastIndexOf(other)).toBeLessThan(6);
});

test("a job whose page takes too long, each time, keeps nobody waiting, and is tried again", async () => {
  let isTooLong = true;
  const runner = await runnerOf(async (tx, job) => {
    if (job.id === long && isTooLong) {
      await tx.query("set local statement_timeout = 1");
      await tx.query("select pg_sleep(1)");
    }
    return { kind: "moved", cursor: "1", done: 1, finished: true };
  });
  const [long, other] = [await newJob(), await newJob()];
  expect(await runner.runOnce()).toBe(true);
  expect(await find(other)).toMatchObject({ state: "done" });
  expect(await find(long)).toMatchObject({ state: "running", done: 0 });
  isTooLong = false;
  await town.clock.advance(60_000);
  await runner.runOnce();
  expect(await find(long)).toMatchObject({ state: "done" });
});

test("a job whose pages take too long goes on with smaller ones", async () => {
  const rows = 64;
  const pages: number[] = [];
  const runner = await runnerOf(async (tx, job, _, size) => {
    const done = Number(job.cursor ?? 0);
    const limit = Math.min(size.of(50), rows - done);
    await tx.query("set local statement_timeout = 100");
    if (limit > 10) await tx.query("select pg_sleep(1)");
    pages.push(limit);
    return {
      kind: "moved",
      cursor: `${done + limit}`,
      done: limit,
      finished: done + limit === rows,
    };
  });
  const id = await newJob();
  for (let n = 0; n < 30; n++) await runner.runOnce();
  expect(await find(id)).toMatchObject({ state: "done", done: rows });
  expect(pages[0]).toBe(6);
});

test("a job whose single row takes too long is told once a minute, and costs the others no time", async () => {
  const logger = silentLogger();
  let tries = 0;
  const runner = await runnerOf(
    async (tx, job, _, size) => {
      if (job.id !== long) return { kind: "moved", cursor: "1", done: 1, finished: false };
      tries++;
      size.of(2);
      await tx.query("set local statement_timeout = 1");
      await tx.query("select pg_sleep(1)");
      return { kind: "held" };
    },
    1,
    logger,
  );
  const [long, other] = [await newJob(), await newJob()];
  for (let n = 0; n < 10; n++) await runner.runOnce();
  expect(tries, "with two rows, and with one").toBe(2);
  expect(logger.lines.filter(({ level }) => level === "error")).toMatchObject([
    { fields: { job: long }, message: "a page of a job takes too long, however small it is" },
  ]);
  expect(await find(other)).toMatchObject({ done: 10 });
  await town.clock.advance(60_000);
  await runner.runOnce();
  expect(tries).toBe(3);
});

test("two processes never do the same page", async () => {
  let pages = 0;
  const count: JobKind = async (tx, job) => {
    await tx.query("select pg_sleep(0.01)");
    pages++;
    const done = Number(job.cursor ?? 0) + 1;
    return { kind: "moved", cursor: String(done), done: 1, finished: done === 20 };
  };
  const [a, b] = [await runnerOf(count, 1), await runnerOf(count, 2)];
  const id = await newJob();
  const finish = async (runner: JobRunner, other: number) => {
    while ((await find(id))?.state !== "done") {
      await runner.runOnce();
      // Each takes the other for dead, again and again.
      await town.rows("update process set state = 'dead' where id = $1", [other]);
      await town.rows("update process set state = 'living' where id = $1", [3 - other]);
    }
  };
  await Promise.all([finish(a, 2), finish(b, 1)]);
  expect(await find(id)).toMatchObject({ state: "done", done: 20, cursor: "20" });
  expect(pages).toBe(20);
});

test("a job of a kind that is not known here is left to who knows it", async () => {
  const runner = await runnerOf(async () => ({ kind: "held" }));
  const id = await newJob("expunge");
  expect(await runner.runOnce()).toBe(false);
  expect(await find(id)).toMatchObject({ state: "waiting" });
});

test("a process without a registration does nothing", async () => {
  const { connections } = town.database;
  const runner = new JobRunner({
    ...{ connections, clock: town.clock, logger: silentLogger(), kinds: {} },
    process: () => null,
  });
  expect(await runner.runOnce()).toBe(false);
});

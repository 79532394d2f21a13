import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventDraft } from "../../src/core/events/recording.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { type Meddler, openMeddler, unanswered, unheard } from "../support/database/meddler.ts";
import { openTown, type Post, recorder, type Town } from "../support/engine/town.ts";
import { openWorker, PAGE, type Worker } from "../support/engine/worker.ts";

// Nobody scans here: what is due is found by what the process has heard, or by its doubts.
let town: Town;
let meddler: Meddler;
beforeEach(async () => {
  town = await openTown();
  meddler = openMeddler(town.database.connections);
});
afterEach(() => town.end());

const openMeddled = () => openWorker(town, { connections: meddler.connections });
const setState = (serial: number, state: string) =>
  town.change("update endpoint set state = $2 where serial = $1", [serial, state]);
const marks = () => town.rows("select serial from endpoint where behind_from is not null");
const sent = (url: string) => town.posts.filter((post) => post.url === url);
const seqOf = (post: Post) => JSON.parse(post.body).conversation?.seq as number;
const idOf = (post: Post) => JSON.parse(post.body).id as string;

async function accept(engine: Engine, count: number, draft: Partial<EventDraft> = {}) {
  const accepting = recorder(engine);
  await Promise.all(Array.from({ length: count }, () => accepting.accept(town.draft(draft))));
}

/** A second goes by; what fails in it is tried again in the next. */
async function second({ engine, keeper, jobs }: Worker): Promise<void> {
  await town.clock.advance(1_000);
  await engine.directory.refresh();
  await engine.beatOnce();
  await keeper.runOnce();
  await jobs.runOnce();
  do await engine.quiet();
  while ((await engine.retries.runOnce()) > 0);
}

/** Lets a process go on until nobody is owed anything; fewer seconds than there are between two scans. */
async function settle(worker: Worker): Promise<void> {
  for (let n = 0; n < 20 && (await marks()).length > 0; n++) await second(worker);
  for (let n = 0; n < 5; n++) await second(worker);
}

/** So much that it takes three pages. */
const OWED = 2 * PAGE + 5;

/** An endpoint that stood still, moves again, and is owed something. */
async function owed(worker: Worker, options: Parameters<Town["endpoint"]>[0] = {}) {
  const { url, serial } = await town.endpoint(options);
  const conversationId = options.ordering === "conversation" ? await town.conversation() : null;
  await setState(serial, "paused");
  await second(worker);
  await accept(worker.engine, OWED, { conversationId });
  await setState(serial, "enabled");
  return { url, serial, conversationId };
}

/** The pages of a job that catches up, and the step that each of them takes. */
const PAGES = [
  ["a page of the log", null],
  ["the next page", "walk"],
  ["the last page", "walk"],
  ["moving on", "move"],
  ["the look whether all have heard of that", "walk"],
  ["the look whether all of before has been read", "walk"],
  ["the end", "end"],
  ["the turns that are given after it", "promote"],
] as const;

const FAILED = [{ level: "warn", fields: { err: { message: "read ECONNRESET" } } }];

describe("what an endpoint is owed that stood still", () => {
  describe.each([["parallel"], ["conversation"]] as const)("%s", (ordering) => {
    test.each(
      PAGES.flatMap(([page, step], at) => [
        [page, "was not answered", step, at, unanswered] as const,
        [page, "did not arrive", step, at, unheard] as const,
      ]),
    )("arrives once, and soon, although the commit of %s %s", async (_, __, step, at, meddle) => {
      const worker = await openMeddled();
      const { url } = await owed(worker, { ordering });
      await worker.keeper.runOnce();
      for (let n = 0; n < at; n++) await second(worker);
      const [job] = await town.rows<{ cursor: string | null }>("select cursor from job");
      expect(JSON.parse(job?.cursor ?? "null")?.step ?? null).toBe(step);
      meddler.once("transaction", meddle);
      await second(worker);
      expect(worker.jobsLog.lines).toMatchObject(FAILED);
      await settle(worker);
      expect(new Set(sent(url).map(idOf)).size).toBe(OWED);
      expect(sent(url)).toHaveLength(OWED);
      if (ordering === "conversation") {
        expect(sent(url).map(seqOf)).toEqual(Array.from({ length: OWED }, (_, n) => n + 1));
      }
      expect(await marks()).toEqual([]);
      expect(await town.rows("select state, done from job")).toEqual([
        { state: "done", done: OWED },
      ]);
    });
  });

  test("has its turn soon, although the commit that gave it one was not answered", async () => {
    const worker = await openMeddled();
    const { engine } = worker;
    const { url, conversationId } = await owed(worker, { ordering: "conversation" });
    await worker.keeper.runOnce();
    for (let n = 0; n < PAGES.length - 1; n++) await second(worker);
    // As it was left by a process that had not heard yet that the endpoint moves.
    await accept(engine, 1, { conversationId });
    await town.change("update retry set next_at = 'infinity'");
    await town.change("update lane set head_event_id = null, head_seq = null");
    expect(await engine.retries.runOnce()).toBe(0);
    meddler.once("transaction", unanswered);
    await second(worker);
    expect(worker.jobsLog.lines).toMatchObject(FAILED);
    expect(sent(url)).toHaveLength(OWED + 1);
  });

  test("is owed although the commit that it falls behind with was not answered", async () => {
    const worker = await openMeddled();
    const { url, serial } = await town.endpoint();
    await setState(serial, "paused");
    await worker.engine.directory.refresh();
    meddler.once("transaction", unanswered);
    await expect(worker.keeper.runOnce()).rejects.toThrow("ECONNRESET");
    await accept(worker.engine, 3);
    expect(await town.rows("select from retry")).toEqual([]);
    await setState(serial, "enabled");
    await settle(worker);
    expect(sent(url)).toHaveLength(3);
  });

  test("has one job, although nobody was told that it was made", async () => {
    const worker = await openMeddled();
    const { url } = await owed(worker);
    await worker.engine.directory.refresh();
    meddler.once("query insert_job", unanswered);
    await expect(worker.keeper.runOnce()).rejects.toThrow("ECONNRESET");
    await settle(worker);
    expect(sent(url)).toHaveLength(OWED);
    expect(await town.rows("select state from job")).toEqual([{ state: "done" }]);
  });
});

describe("two processes that both began to have an endpoint catch up", () => {
  const stepOf = async ({ engine }: Worker) => {
    const [job] = await town.rows<{ cursor: string }>(
      "select cursor from job where process = $1 and state = 'running'",
      [engine.membership.current.id],
    );
    return JSON.parse(job?.cursor ?? "null")?.step;
  };
  const until = async (worker: Worker, step: string) => {
    for (let n = 0; n < 20 && (await stepOf(worker)) !== step; n++) await second(worker);
    expect(await stepOf(worker)).toBe(step);
  };

  test("owe it what came after its next standstill, however long one of them was away", async () => {
    const [a, b] = [await openWorker(town), await openWorker(town)];
    const { url, serial } = await owed(a);
    await b.engine.directory.refresh();
    await second(b);
    await town.change(
      `insert into job (id, workspace_id, kind, state, params, created_at, updated_at, process)
       select $1, workspace_id, kind, 'running', params, created_at, updated_at, $2 from job`,
      [town.ids.next(), a.engine.membership.current.id],
    );
    const heard = async () => {
      await b.engine.directory.refresh();
      await b.engine.beatOnce();
    };
    for (let n = 0; n < 20 && (await stepOf(a)) !== "end"; n++) {
      await second(a);
      await heard();
    }
    expect(await stepOf(a), "and there it stays").toBe("end");
    await setState(serial, "paused");
    await second(b);
    await accept(b.engine, 5);
    await setState(serial, "enabled");
    await until(b, "move");
    await accept(b.engine, 5);
    await b.jobs.runOnce();
    await a.jobs.runOnce();
    for (let n = 0; n < 20; n++) for (const worker of [a, b]) await second(worker);
    expect(sent(url)).toHaveLength(OWED + 10);
    expect(await marks()).toEqual([]);
  });
});

test("an endpoint that stands still again is not kept from catching up by turns that none can have", async () => {
  const worker = await openWorker(town);
  const { url, serial } = await owed(worker, { ordering: "conversation" });
  await worker.keeper.runOnce();
  for (let n = 0; n < PAGES.length - 1; n++) await second(worker);
  await setState(serial, "paused");
  await worker.keeper.runOnce();
  await accept(worker.engine, 1);
  // As other processes leave it that have not heard of that yet.
  await town.rows(
    `with l as (insert into lane (endpoint, conversation_id)
       select $1, gen_random_uuid() from generate_series(1, 500) returning conversation_id)
     insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq)
     select overlay(conversation_id::text placing 'ffff' from 1)::uuid, $1, $2, 'infinity', 1, 1, 1, conversation_id, 1 from l`,
    [serial, town.workspaceId],
  );
  await second(worker);
  await setState(serial, "enabled");
  await settle(worker);
  expect(sent(url)).toHaveLength(OWED + 1);
});

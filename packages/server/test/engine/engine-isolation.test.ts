import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const never = () => new Promise<PostResult>(() => {});

describe("a thousand endpoints that hang", () => {
  test("fill no more than their share, memory stays bounded, and who answers gets everything", async () => {
    const good = await town.endpoint({ events: ["good.*"] });
    await town.change(
      `with e as (insert into endpoint (id, workspace_id, name, url, dialect, events, retry_schedule, state, created_at, updated_at)
         select gen_random_uuid(), $1, 'Hangs', 'https://hangs-' || n || '.example/', 'curlew', '{bad.*}', '{5}', 'enabled', now(), now()
         from generate_series(1, 1000) n returning id)
       insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at)
         select gen_random_uuid(), id, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signing', now() from e`,
      [town.workspaceId],
    );
    for (let n = 1; n <= 1000; n++) town.answers.set(`https://hangs-${n}.example/`, never);
    const engine = await town.engine();
    const accept = recorder(engine);
    await accept.accept(town.draft({ type: "good.first" }));
    await engine.beatOnce();
    for (let n = 0; n < 30; n++) await accept.accept(town.draft({ type: "bad.news" }));
    await engine.overflowed();
    expect(engine.sender.inFlight).toBeLessThanOrEqual(1_000);
    expect(engine.sender.carried).toBeLessThanOrEqual(20_001);

    const before = town.posts.filter((post) => post.url === good.url).length;
    for (let n = 0; n < 200; n++) await accept.accept(town.draft({ type: "good.more" }));
    expect(town.posts.filter((post) => post.url === good.url).length - before).toBe(200);
  });
});

describe("an endpoint that fails", () => {
  test("is asked less and less at a time, down to one, and more again when it answers", async () => {
    const { url } = await town.endpoint({ schedule: [1, 1, 1, 1] });
    const engine = await town.engine();
    let inFlight = 0;
    let most = 0;
    let works = false;
    town.answers.set(url, async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return works ? { ...refused(200) } : refused(500);
    });
    const accept = recorder(engine);
    await Promise.all(Array.from({ length: 12 }, () => accept.accept(town.draft())));
    await engine.quiet();
    most = 0;
    await accept.accept(town.draft());
    await Promise.all(Array.from({ length: 12 }, () => accept.accept(town.draft())));
    await engine.quiet();
    expect(most).toBe(1);
    works = true;
    await Promise.all(Array.from({ length: 60 }, () => accept.accept(town.draft())));
    await engine.quiet();
    expect(most).toBeGreaterThan(4);
  });
});

describe("a process that the database does not hear", () => {
  test("starts no attempt after four seconds, and goes on when it is heard again", async () => {
    const { url } = await town.endpoint();
    const engine = await town.engine();
    const accept = recorder(engine);
    await town.clock.advance(4_000);
    await accept.accept(town.draft());
    expect(town.posts).toEqual([]);
    await engine.beatOnce();
    engine.sender.sweep();
    await engine.quiet();
    expect(town.posts.map((post) => post.url)).toEqual([url]);
  });
});

describe("a process without a sender", () => {
  test("puts what it accepts into the queue in the same transaction, for one that has", async () => {
    const { url } = await town.endpoint();
    const api = await town.engine({ role: "api" });
    const worker = await town.engine({ role: "worker" });
    await recorder(api).accept(town.draft());
    expect(await town.rows("select n, owner from retry")).toEqual([{ n: 1, owner: null }]);
    expect(town.posts).toEqual([]);
    await worker.retries.scan();
    expect(await worker.retries.runOnce()).toBe(1);
    await worker.quiet();
    expect(town.posts.map((post) => post.url)).toEqual([url]);
  });
});

describe("the retry queue", () => {
  test("is claimed in turns, so that a backlog of one endpoint does not keep others waiting", async () => {
    const crowded = await town.endpoint({ events: ["a.b"], schedule: [1] });
    const lonely = await town.endpoint({ events: ["c.d"], schedule: [1] });
    const engine = await town.engine();
    town.answers.set(crowded.url, () => refused(500));
    town.answers.set(lonely.url, () => refused(500));
    const accept = recorder(engine);
    for (let n = 0; n < 300; n++) await accept.accept(town.draft({ type: "a.b" }));
    await accept.accept(town.draft({ type: "c.d" }));
    await engine.quiet();
    town.answers.clear();
    await town.clock.advance(1_000);
    await engine.beatOnce();
    const before = town.posts.length;
    await engine.retries.runOnce();
    expect(town.posts.slice(before).map((post) => post.url)).toContain(lonely.url);
    await engine.quiet();
    while ((await engine.retries.runOnce()) > 0) await engine.quiet();
    expect(await town.rows("select state, count(*)::int as n from delivery group by 1")).toEqual([
      { state: "delivered", n: 301 },
    ]);
    expect(await town.rows("select * from retry")).toEqual([]);
  });
});

describe("one endpoint that hangs, with a hundred thousand deliveries waiting", () => {
  test("takes a few slots and a few leases, and everybody else is served at once", async () => {
    const hung = await town.endpoint({ events: ["bad.*"] });
    const good = await town.endpoint({ events: ["good.*"] });
    town.answers.set(hung.url, never);
    const engine = await town.engine();
    const accept = recorder(engine);
    const { id } = await accept.accept(town.draft({ type: "bad.news" }));
    await town.rows(
      `with e as (insert into event
           (id, workspace_id, type, occurred_at, payload, targets, config_version, owner)
         select overlay(overlay($1::uuid::text placing lpad(to_hex(n), 12, '0') from 25) placing '8fff' from 20)::uuid,
           workspace_id, type, occurred_at, payload, targets, config_version, owner
         from event, generate_series(1, 100000) n where id = $1 returning id, workspace_id)
       insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
         select id, $2, workspace_id, to_timestamp($3::float8 / 1000), 1, 1, 1 from e`,
      [id, hung.serial, town.clock.now()],
    );
    await engine.retries.scan();
    for (let n = 0; n < 5; n++) await engine.retries.runOnce();
    expect(engine.sender.inFlight).toBeLessThanOrEqual(4);
    expect(engine.sender.carried).toBeLessThanOrEqual(9);
    const [leased] = await town.rows<{ n: number }>(
      "select count(*)::int as n from retry where owner is not null",
    );
    expect(leased?.n).toBeLessThanOrEqual(9);

    const before = town.posts.length;
    for (let n = 0; n < 100; n++) await accept.accept(town.draft({ type: "good.more" }));
    const served = town.posts.slice(before);
    expect(served.filter((post) => post.url === good.url)).toHaveLength(100);
    expect(served.filter((post) => post.url === hung.url)).toEqual([]);
  });
});

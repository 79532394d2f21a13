import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const deliveries = () =>
  town.rows<{ state: string; attempts: number; endpoint: number }>(
    "select state, attempts, endpoint from delivery order by event_id, endpoint",
  );

describe("an accepted event", () => {
  test("reaches every endpoint that wants it, signed, and is recorded as delivered", async () => {
    const [a, b] = [await town.endpoint(), await town.endpoint({ events: ["order.*"] })];
    await town.endpoint({ events: ["lead.created"] });
    const engine = await town.engine();
    const { id } = await recorder(engine).accept(town.draft());
    await engine.quiet();
    expect(town.posts.map((post) => post.url).sort()).toEqual([a.url, b.url].sort());
    for (const post of town.posts) {
      expect(post.headers["webhook-id"]).toBe(publicId("evt", id));
      expect(JSON.parse(post.body)).toMatchObject({ type: "order.shipped", data: { number: 1 } });
      expect(post.headers["webhook-signature"]).toMatch(/^v1,/);
    }
    expect(await deliveries()).toEqual([
      { state: "delivered", attempts: 1, endpoint: a.serial },
      { state: "delivered", attempts: 1, endpoint: b.serial },
    ]);
    expect(await town.rows("select * from retry")).toEqual([]);
  });

  test("reaches an endpoint that filters by content only when its body passes", async () => {
    const large = await town.endpoint({ filter: { "data.total": { range: { gte: 100 } } } });
    const engine = await town.engine();
    const accept = recorder(engine);
    await accept.accept(town.draft({ data: { total: 99 } }));
    await accept.accept(town.draft({ data: { total: 100 } }));
    await engine.quiet();
    expect(town.posts.map(({ url, body }) => [url, JSON.parse(body).data.total])).toEqual([
      [large.url, 100],
    ]);
  });

  test("that nothing wants is kept in the log", async () => {
    const engine = await town.engine();
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    expect(await town.rows("select targets from event")).toEqual([{ targets: [] }]);
  });

  test("of a conversation carries the next number, and ids rise with the numbers", async () => {
    await town.endpoint();
    const conversationId = await town.conversation();
    const engine = await town.engine();
    const accept = recorder(engine);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => accept.accept(town.draft({ conversationId }))),
    );
    await engine.quiet();
    expect(answers.map((answer) => answer.seq)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
    const inOrder = [...answers].sort((x, y) => (x.id < y.id ? -1 : 1));
    expect(inOrder.map((answer) => answer.seq)).toEqual(answers.map((answer) => answer.seq));
    const seqs = town.posts.map((post) => JSON.parse(post.body).conversation.seq);
    expect(seqs.sort((x, y) => x - y)).toEqual(answers.map((answer) => answer.seq));
  });
});

describe("a refused delivery", () => {
  test("waits for its schedule, then is tried again with the same bytes under the same id", async () => {
    const { url } = await town.endpoint({ schedule: [5, 300] });
    const engine = await town.engine();
    let refusals = 1;
    town.answers.set(url, () => (refusals-- > 0 ? refused(503) : ok));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await town.clock.advance(4_999);
    await engine.beatOnce();
    expect(await engine.retries.runOnce(), "before its time it is not due").toBe(0);
    await town.clock.advance(1);
    await engine.beatOnce();
    expect(await engine.retries.runOnce()).toBe(1);
    await engine.quiet();
    expect(town.posts).toHaveLength(2);
    const [first, second] = town.posts;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.headers["webhook-attempt"]).toBe("2");
    expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: 2 }]);
    expect(await town.rows("select n, status from attempt order by n")).toEqual([
      { n: 1, status: 503 },
      { n: 2, status: 200 },
    ]);
    expect(await town.rows("select * from retry")).toEqual([]);
  });

  test("is a dead letter when its schedule is spent", async () => {
    const { url } = await town.endpoint({ schedule: [1, 1] });
    const engine = await town.engine();
    town.answers.set(url, () => ({
      kind: "failed",
      error: "timeout",
      detail: "no answer",
      ms: 15_000,
    }));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    for (let n = 0; n < 2; n++) {
      await town.clock.advance(1_000);
      await engine.beatOnce();
      await engine.retries.runOnce();
      await engine.quiet();
    }
    expect(await deliveries()).toMatchObject([{ state: "dead", attempts: 3 }]);
    expect(await town.rows("select * from retry")).toEqual([]);
    expect(await town.rows("select error from attempt")).toEqual(
      Array(3).fill({ error: "timeout" }),
    );
  });
});

describe("two endpoints", () => {
  test("one that hangs does not keep the other waiting", async () => {
    const hanging = await town.endpoint();
    const good = await town.endpoint();
    const engine = await town.engine();
    town.answers.set(hanging.url, () => new Promise(() => {}));
    const accept = recorder(engine);
    for (let n = 0; n < 20; n++) await accept.accept(town.draft());
    await engine.beatOnce();
    expect(town.posts.filter((post) => post.url === good.url)).toHaveLength(20);
    expect(town.posts.filter((post) => post.url === hanging.url)).toHaveLength(4);
  });
});

test("the signature of a delivery is accepted by the published verifier at its own time", async () => {
  const { url } = await town.endpoint();
  const engine = await town.engine();
  await recorder(engine).accept(town.draft({ data: { text: 'ä 😀 "quoted" \u2028' } }));
  await engine.quiet();
  const post = town.posts.find((each) => each.url === url);
  const sent = Number(post?.headers["webhook-timestamp"]);
  expect(sent).toBe(Math.floor(town.clock.now() / 1000));
  const signature = new Webhook(SECRET).sign(
    post?.headers["webhook-id"] ?? "",
    new Date(sent * 1000),
    post?.body ?? "",
  );
  expect(post?.headers["webhook-signature"]).toBe(signature);
});

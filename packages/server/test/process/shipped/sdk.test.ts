import { expect, test, vi } from "vitest";
import { CurlewClient, CurlewError, type WebhookEvent } from "../../../../sdk/src/index.ts";
import { createHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

test("what the SDK says of the log, the books and long work is what a server answers", async () => {
  const server = await startServer((await createHome()).place);
  const client = new CurlewClient({ baseUrl: server.url, apiKey: server.adminKey });
  const receiver = await startReceiver();
  const { id: endpoint } = await client.endpoints.create({
    ...{ name: "Broken", url: receiver.url, secret: receiver.secret },
    retry_schedule: [1],
  });
  expect((await client.server()).database).toMatch(/^PostgreSQL \d+/);
  expect((await client.health()).length).toBeGreaterThan(5);

  const described = await client.eventTypes.put("order.shipped", {
    description: "A parcel left the house.",
    schema: { type: "object", required: ["number"], properties: { number: { type: "integer" } } },
    example: { number: 7 },
  });
  expect(described).toMatchObject({ is_own: true, example: { number: 7 } });
  expect(await client.eventTypes.get("order.shipped")).toEqual(described);
  const inGenesy = await client.eventTypes.get("outreach.replied", { dialect: "genesy" });
  expect(inGenesy.rendered?.dialect).toBe("genesy");
  const refusal: unknown = await client.events
    .publish({ type: "order.shipped", data: { number: "seven" } })
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CurlewError);
  expect(refusal).toMatchObject({ status: 422, code: "event_schema" });

  const stop = new AbortController();
  const followed: WebhookEvent[] = [];
  const following = (async () => {
    const options = { signal: stop.signal };
    for await (const event of client.events.follow({ after: "start" }, options)) {
      followed.push(event);
    }
  })();
  receiver.behave(503);
  const published = await client.events.publishMany(
    [1, 2, 3].map((number) => ({ type: "order.shipped", data: { number } })),
  );
  await until("the stream has all of them", () => followed.length === 3);
  expect(followed.map(({ id }) => id)).toEqual(published.map(({ id }) => id));
  stop.abort();
  await following;

  await until("they are dead", async () => (await client.ledger()).totals.dead === 3, 30_000);
  const ledger = await client.ledger({ endpoint_id: endpoint });
  expect(ledger.data).toMatchObject([
    { endpoint_id: endpoint, targeted: 3, delivered: 0, pending: 0, dead: 3, cancelled: 0 },
  ]);
  expect(ledger.events).toBeNull();
  expect((await client.ledger()).events).toEqual({ accepted: 3, unwanted: 0 });
  const series = await client.series({ step: "hour" });
  expect(series.data).toHaveLength(24);
  expect(series.data.reduce((sum, { dead }) => sum + dead, 0)).toBe(3);
  expect(series.totals).toMatchObject({ accepted: 3, unwanted: 0, dead: 3, retrying: 0 });
  expect(await client.deadLetters.causes({ by: "endpoint" })).toMatchObject({
    data: [{ status: 503, endpoint_id: endpoint, count: 3, endpoints: 1 }],
    is_exact: true,
  });
  const [why] = (await client.events.why(published[0]?.id ?? "")).data;
  expect(why).toMatchObject({ endpoint_id: endpoint, outcome: "dead" });

  receiver.behave(200);
  const { count, job_id: job } = await client.deadLetters.replay({ endpoint_id: endpoint });
  expect(count).toBe(3);
  await until("the job is done", async () => (await client.jobs.get(job ?? "")).state === "done");
  await until("all are delivered", async () => (await client.ledger()).totals.delivered === 3);
  expect((await client.jobs.stop(job ?? "")).state).toBe("done");
  expect((await client.endpoints.health(endpoint)).endpoint_id).toBe(endpoint);
  const [gone = ""] = published.map(({ id }) => id);
  await until("no request is under way", async () =>
    client.events.expunge(gone).then(
      ({ was_expunged: wasExpunged }) => !wasExpunged,
      ({ code }) => code !== "conflict",
    ),
  );
  expect(await client.events.expunge(gone)).toMatchObject({ id: gone, was_expunged: true });
  expect((await client.events.get(gone)).payload).toMatchObject({ body_expunged: true, data: {} });
  await client.eventTypes.delete("order.shipped");
  expect((await client.eventTypes.list()).some(({ is_own: isOwn }) => isOwn)).toBe(false);
});

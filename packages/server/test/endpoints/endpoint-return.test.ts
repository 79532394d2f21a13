import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestApi } from "../support/api/api.ts";
import { openStand, status } from "../support/stand.ts";
import { until } from "../support/until.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi({ live: true });
});
afterAll(() => api.close());

const make = async (url: string) => {
  const draft = { name: "CRM", url, events: ["order.*"], retry_schedule: [1] };
  return (await api.call("POST", "/endpoints", draft)).body;
};
const act = (id: string, action: string) => api.call("POST", `/endpoints/${id}/${action}`);
const publish = async () => {
  await api.call("POST", "/events", { type: "order.shipped", data: {} });
  await api.deliver();
};

describe("an endpoint that goes back to work", () => {
  test("is told what it has missed, and how to have it replayed", async () => {
    const stand = await openStand(status(500));
    const { id } = await make(stand.url);
    const since = new Date(api.clock.now()).toISOString();
    for (let n = 0; n < 6; n++) {
      await publish();
      await api.pass(3_000);
      await api.deliver();
    }
    const failing = () =>
      api.connections.pool.query("select 1 from endpoint_health where failing_since is not null");
    await until("its failing is noted", async () => (await failing()).rows.length > 0);
    await act(id, "disable");
    const { body } = await act(id, "enable");
    expect(body).toMatchObject({ state: "enabled", waiting: 0 });
    expect(body.missed.dead_letters).toBe(6);
    expect(Date.parse(body.missed.since)).toBeGreaterThanOrEqual(Date.parse(since));
    expect((await act(id, "disable")).body).not.toHaveProperty("missed");
    await api.call("DELETE", `/endpoints/${id}`);
  });

  test("has missed nothing where nothing had failed", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    await publish();
    await act(id, "disable");
    expect((await act(id, "enable")).body).toMatchObject({ missed: null, waiting: 0 });
    await api.call("DELETE", `/endpoints/${id}`);
  });

  test("collects nothing while a person has disabled it", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    await act(id, "disable");
    await publish();
    expect((await act(id, "enable")).body).toMatchObject({ state: "enabled", waiting: 0 });
    await api.deliver();
    expect(stand.visits).toEqual([]);
    await api.call("DELETE", `/endpoints/${id}`);
  });

  test("is told what waited while it was paused", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    await act(id, "pause");
    await publish();
    await publish();
    expect(stand.visits).toEqual([]);
    expect((await act(id, "resume")).body).toMatchObject({ state: "enabled", waiting: 2 });
  });
});

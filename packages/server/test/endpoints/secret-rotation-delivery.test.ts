import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestApi } from "../support/api/api.ts";
import { openStand, type Stand, status, type Visit } from "../support/stand.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi({ live: true });
});
afterAll(() => api.close());

const make = async (url: string, more: object = {}) =>
  (await api.call("POST", "/endpoints", { name: "CRM", url, ...more })).body;
const rotate = async (id: string, body: object = {}) =>
  (await api.call("POST", `/endpoints/${id}/rotate-secret`, body)).body;
const shown = async (id: string) => (await api.call("GET", `/endpoints/${id}`)).body;
/** Publishes a message that every dialect has an event for, and delivers it. */
const publish = async (type = "lead.created") => {
  const data = { lead: { id: "lead_1", email: "a@example.com" } };
  const answer = await api.call("POST", "/events", { type, data });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await api.deliver();
  return answer.body.id as string;
};
const attempts = async (endpoint: number) =>
  (
    await api.connections.pool.query<{ n: number; status: number; resent: number; by: string }>(
      `select n, status, resent_after as resent, signed_by as by from attempt
       where endpoint = $1 order by event_id, n`,
      [endpoint],
    )
  ).rows;
const states = async (endpoint: number) =>
  (
    await api.connections.pool.query<{ state: string }>(
      "select state from delivery where endpoint = $1 order by event_id",
      [endpoint],
    )
  ).rows.map(({ state }) => state);

/** Takes only what is signed with one of these, as Chatmefy's own verification does. */
function knows(stand: Stand, ...secrets: string[]): void {
  stand.answer(({ text, headers }, response) => {
    const right = secrets.some(
      (secret) =>
        headers["x-chatmefy-signature"] ===
        `sha256=${createHmac("sha256", secret)
          .update(JSON.stringify(JSON.parse(text)))
          .digest("hex")}`,
    );
    response.writeHead(right ? 200 : 401).end();
  });
}
const chatmefy = { dialect: "chatmefy", enabled: true, events: ["lead.created"] };
const ids = (visits: readonly Visit[]) => visits.map(({ headers }) => headers["webhook-id"]);

describe("no delivery is lost while a secret is rotated", () => {
  test("to a receiver of a dialect with one signature that knows only the old one", async () => {
    const stand = await openStand();
    const { id, serial, secret: old } = await make(stand.url, chatmefy);
    knows(stand, old);
    await publish();
    const { secret: fresh } = await rotate(id);
    const second = await publish();
    expect(await states(serial)).toEqual(["delivered", "delivered"]);
    expect(ids(stand.visits.slice(1))).toEqual([second, second]);
    expect(stand.visits[2]?.text).toBe(stand.visits[1]?.text);
    const { secrets } = await shown(id);
    expect(secrets).toMatchObject([
      { stage: "signing", still_needed: null },
      { stage: "retiring", still_needed: 1 },
    ]);
    expect(await attempts(serial)).toMatchObject([
      { n: 1, status: 200, resent: null },
      { n: 1, status: 200, resent: 401 },
    ]);
    knows(stand, fresh);
    await publish();
    expect(stand.visits).toHaveLength(4);
    expect((await shown(id)).secrets[1].still_needed).toBe(1);
    await rotate(id, { step: "retire" });
    await publish();
    expect(await states(serial)).toEqual(Array(4).fill("delivered"));
  });

  test("to a receiver that changes in the middle, step by step", async () => {
    const stand = await openStand();
    const { id, serial, secret: old } = await make(stand.url, chatmefy);
    knows(stand, old);
    const { secret: fresh } = await rotate(id, { step: "stage" });
    await publish();
    expect(stand.visits).toHaveLength(1);
    await rotate(id, { step: "promote" });
    await publish();
    knows(stand, fresh, old);
    await publish();
    knows(stand, fresh);
    await publish();
    expect(stand.visits).toHaveLength(5);
    expect(await states(serial)).toEqual(Array(4).fill("delivered"));
  });

  test("unless the old secret is taken away: then it waits for its retry, signed anew", async () => {
    const stand = await openStand();
    const { id, serial, secret: old } = await make(stand.url, chatmefy);
    knows(stand, old);
    const { secret: fresh } = await rotate(id, { overlap_s: 0 });
    await publish();
    expect(stand.visits).toHaveLength(1);
    expect(await states(serial)).toEqual(["pending"]);
    knows(stand, fresh);
    await api.pass(60_000);
    await api.deliver();
    expect(await states(serial)).toEqual(["delivered"]);
  });

  test("and the old secret ends with its overlap", async () => {
    const stand = await openStand();
    const { id, serial, secret: old } = await make(stand.url, chatmefy);
    knows(stand, old);
    await rotate(id, { overlap_s: 60 });
    await api.pass(59_000);
    await publish();
    expect(await states(serial)).toEqual(["delivered"]);
    await api.pass(1_000);
    await publish();
    expect(await states(serial)).toEqual(["delivered", "pending"]);
    expect(stand.visits).toHaveLength(3);
  });

  test("on the answers that were named, and on no other", async () => {
    const stand = await openStand(status(400));
    const { id } = await make(stand.url, chatmefy);
    await rotate(id, { resend_on: [400] });
    await publish();
    expect(stand.visits).toHaveLength(2);
    const other = await openStand(status(500));
    const made = await make(other.url, chatmefy);
    await rotate(made.id);
    await publish();
    expect(other.visits).toHaveLength(1);
  });

  test("to a native receiver that knows either one: both have signed", async () => {
    const stand = await openStand();
    const { id, serial, secret: old } = await make(stand.url, { events: ["lead.created"] });
    const { secret: fresh } = await rotate(id);
    await publish();
    const [visit] = stand.visits;
    expect(stand.visits).toHaveLength(1);
    expect(String(visit?.headers["webhook-signature"]).split(" ")).toHaveLength(2);
    // `verify` reads the machine's clock; the clock of the test stands elsewhere.
    const at = new Date(Number(visit?.headers["webhook-timestamp"]) * 1000);
    for (const secret of [old, fresh]) {
      const signature = new Webhook(secret).sign(
        String(visit?.headers["webhook-id"]),
        at,
        visit?.text ?? "",
      );
      expect(String(visit?.headers["webhook-signature"]).split(" ")).toContain(signature);
    }
    expect((await shown(id)).secrets[1].still_needed).toBeNull();
    expect(await states(serial)).toEqual(["delivered"]);
  });
});

test("a rotation is told to the endpoints that ask for it, and not to the one it is about", async () => {
  const [own, other, all] = [await openStand(), await openStand(), await openStand()];
  const { id } = await make(own.url, { events: ["secret.rotated"] });
  await make(other.url, { events: ["secret.*"] });
  await make(all.url, { events: ["*"] });
  const { secret } = await rotate(id);
  await api.deliver();
  expect(own.visits).toEqual([]);
  expect(all.visits).toEqual([]);
  expect(other.visits.map(({ body }) => body)).toMatchObject([
    { type: "secret.rotated", data: { endpoint_id: id, step: "rotated" } },
  ]);
  expect(other.visits[0]?.text).not.toContain(secret);
});

test("verifications and tests are told to the others, and never to the one they are about", async () => {
  const [own, other] = [await openStand(), await openStand()];
  own.answer((v, r) => {
    r.writeHead(200, { "content-type": "application/json" });
    r.end(JSON.stringify({ token: v.body.token }));
  });
  const { id } = await make(own.url, { events: ["endpoint.*"] });
  await make(other.url, { events: ["endpoint.*"] });
  await api.call("POST", `/endpoints/${id}/verify`);
  await api.call("POST", `/endpoints/${id}/test`, { type: "lead.created" });
  await api.deliver();
  expect(own.visits.map(({ body }) => body.type)).toEqual(["endpoint.challenge", "lead.created"]);
  expect(other.visits.map(({ body }) => body)).toMatchObject([
    { type: "endpoint.verified", data: { endpoint_id: id } },
    {
      type: "endpoint.tested",
      data: { endpoint_id: id, event_type: "lead.created", delivered: true },
    },
  ]);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { firstIdAt, publicId } from "../../src/core/ids.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const get = async (path: string) => (await desk.call("GET", path)).body;

test("lists of deliveries and events say whom an event is from, and one delivery too", async () => {
  await town.endpoint();
  const conversationId = await town.conversation();
  const contact = { id: "con_1", name: "Ürsula \\ K." };
  const accept = recorder(desk.engine);
  await accept.accept(town.draft({ conversationId, channelKind: "whatsapp", contact }));
  await accept.accept(town.draft());
  const from = { channel_id: null, channel_kind: "whatsapp", name: "Ürsula \\ K." };
  const { data } = await get("/deliveries");
  expect(data.map((row: { from: unknown }) => row.from)).toEqual([null, from]);
  expect((await get(`/deliveries/${data[1].id}`)).from).toEqual(from);
  const events = await get("/events");
  expect(events.data.map((row: { from: unknown }) => row.from)).toEqual([null, from]);
  expect((await get(`/events/${events.data[1].id}`)).from).toEqual(from);
});

test("causes of dead letters are told over all endpoints, or each endpoint's apart", async () => {
  const [a, b] = [await town.endpoint({ schedule: [] }), await town.endpoint({ schedule: [] })];
  for (const { url } of [a, b]) town.answers.set(url, () => refused(503));
  await desk.call("POST", "/events", Array(3).fill({ type: "order.shipped", data: {} }));
  await desk.deliver();
  const all = await get("/dead-letters/causes");
  expect(all.data).toMatchObject([{ status: 503, count: 6, endpoints: 2, endpoint_id: null }]);
  const each = await get("/dead-letters/causes?by=endpoint");
  const counts = each.data.map((row: { endpoint_id: string; count: number }) => [
    row.endpoint_id,
    row.count,
  ]);
  expect(new Map(counts)).toEqual(
    new Map([
      [publicId("ep", a.id), 3],
      [publicId("ep", b.id), 3],
    ]),
  );
});

test("causes are told of the newest dead letters, and of all that an endpoint with few has", async () => {
  const [many, few] = [await town.endpoint(), await town.endpoint()];
  const { pool } = town.database.connections;
  const die = (serial: number, from: number, to: number) =>
    pool.query(
      `insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, last_status, last_at, renderer)
      select (left($1, 18) || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2::int, $3, 'dead', 'dead', 1, 500, now(), 1
      from generate_series($4::int, $5::int) as n`,
      [firstIdAt(town.clock.now()), serial, town.workspaceId, from, to],
    );
  await die(few.serial, 1, 3);
  await die(many.serial, 4, 20_100);
  const all = await get("/dead-letters/causes");
  expect(all).toMatchObject({ is_exact: false, data: [{ count: 20_000, endpoints: 1 }] });
  const own = await get(`/dead-letters/causes?endpoint_id=${publicId("ep", few.id)}`);
  expect(own).toMatchObject({ is_exact: true, data: [{ count: 3, endpoints: 1 }] });
});

test("an event type's example is shown as each dialect sends it, to the byte", async () => {
  const of = (query: string) => get(`/event-types/message.received${query}`);
  expect((await of("")).rendered).toBeNull();
  const own = await of("?dialect=curlew");
  expect(own.rendered.name).toBe("message.received");
  expect(JSON.parse(own.rendered.body)).toMatchObject({ type: "message.received" });
  const foreign = await of("?dialect=chatgenius");
  expect(foreign.rendered.name).not.toBe("message.received");
  const { body } = foreign.rendered;
  expect(body).toBe(JSON.stringify(JSON.parse(body)));
  expect((await get("/event-types/endpoint.disabled?dialect=genesy")).rendered).toBeNull();
  expect((await desk.call("GET", "/event-types/message.received?dialect=klingon")).status).toBe(
    422,
  );
});

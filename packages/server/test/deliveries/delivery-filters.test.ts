import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventDraft } from "../../src/core/events/recording.ts";
import { parseDeliveryId, publicId } from "../../src/core/ids.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
let endpoints: { id: string; serial: number; url: string }[];
let conversationId: string;
const ids: string[] = [];
beforeAll(async () => {
  town = await openTown();
  desk = await openDesk(town);
  endpoints = [await town.endpoint({ schedule: [] }), await town.endpoint({ schedule: [] })];
  town.answers.set(endpoints[0]?.url ?? "", () => refused(500));
  conversationId = await town.conversation();
  const accept = recorder(desk.engine);
  const drafts: Partial<EventDraft>[] = [
    { type: "order.placed" },
    { type: "message.received", channelKind: "sms" },
    { type: "message.received", channelKind: "whatsapp", conversationId },
    { type: "order.shipped" },
  ];
  for (const draft of drafts) {
    ids.push((await accept.accept(town.draft(draft))).id);
    await town.clock.advance(60_000);
  }
  await desk.deliver();
});
afterAll(() => town.end());

/** Which of the events, by their place, a list of the first endpoint's dead letters shows. */
async function listed(query: string, path = "/dead-letters"): Promise<number[]> {
  const places: number[] = [];
  for (let cursor = ""; ; ) {
    const { body, status } = await desk.call("GET", `${path}?${query}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    for (const { id } of body.data) {
      places.push(ids.indexOf(parseDeliveryId(id)?.eventId ?? ""));
    }
    if (!body.has_more) return places;
    cursor = `&cursor=${body.next_cursor}`;
  }
}
const at = (minute: number) =>
  new Date(town.clock.now() - (4 - minute) * 60_000 - 30_000).toISOString();

describe("lists of deliveries", () => {
  test.each<[string, () => string, number[]]>([
    ["everything", () => "", [3, 2, 1, 0]],
    ["types and prefixes", () => "type=order.*", [3, 0]],
    ["several types", () => "type=order.placed,message.received&limit=1", [2, 1, 0]],
    ["kinds of channels", () => "channel=sms,email", [1]],
    ["a conversation", () => `conversation_id=${publicId("cnv", conversationId)}`, [2]],
    ["a time", () => `since=${at(1)}&until=${at(3)}`, [2, 1]],
    ["an endpoint", () => `endpoint_id=${publicId("ep", endpoints[0]?.id ?? "")}`, [3, 2, 1, 0]],
    ["another endpoint", () => `endpoint_id=${publicId("ep", endpoints[1]?.id ?? "")}`, []],
    ["an event", () => `event_id=${publicId("evt", ids[1] ?? "")}`, [1]],
    ["the id of an event", () => `q=${publicId("evt", ids[1] ?? "")}`, [1]],
    ["the id of a conversation", () => `q=${publicId("cnv", conversationId)}`, [2]],
    ["the id of an endpoint", () => `q=${publicId("ep", endpoints[1]?.id ?? "")}`, []],
    ["two things at once", () => `type=message.*&until=${at(2)}`, [1]],
  ])("are narrowed by %s", async (_, query, wanted) => {
    expect(await listed(query())).toEqual(wanted);
  });

  test("of all states take the same filters", async () => {
    expect(await listed("type=order.*", "/deliveries")).toEqual([3, 3, 0, 0]);
    expect(await listed("type=order.*&state=delivered", "/deliveries")).toEqual([3, 0]);
    const [delivery] = (await desk.call("GET", "/deliveries?type=order.placed")).body.data;
    expect(await listed(`q=${delivery.id}`, "/deliveries")).toEqual([0]);
  });

  test("tell why dead letters died", async () => {
    const { body } = await desk.call("GET", "/dead-letters/causes");
    expect(body).toEqual({
      data: [
        {
          ...{ status: 500, error: null, reason: expect.anything(), count: 4, endpoints: 1 },
          endpoint_id: null,
          last_at: expect.any(String),
        },
      ],
      is_exact: true,
    });
    const other = `endpoint_id=${publicId("ep", endpoints[1]?.id ?? "")}`;
    expect((await desk.call("GET", `/dead-letters/causes?${other}`)).body.data).toEqual([]);
  });

  test("go with how the instance stands, for its admin alone", async () => {
    const health = await desk.call("GET", "/health", undefined, { kind: "admin" });
    expect(health.body.data).toContainEqual({
      name: "living_processes",
      level: "ok",
      value: 1,
      unit: "processes",
      detail: expect.any(String),
      advice: null,
    });
    expect((await desk.call("GET", "/health")).status).toBe(403);
  });

  test.each(["q=evt_1", "type=message.recieved", "channel=fax", "since=x"])(
    "refuse %s",
    async (query) => {
      expect((await desk.call("GET", `/deliveries?${query}`)).status).toBe(422);
    },
  );
});

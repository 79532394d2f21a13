import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import { publicId } from "../../src/core/ids.ts";
import type { SendUnit } from "../../src/outbox/accept-send.ts";
import {
  held,
  lost,
  never,
  openPostOffice,
  type PostOffice,
  type Station,
} from "../support/messages/post-office.ts";
import { openShop, type Shop, taken } from "../support/messages/shops.ts";

// Nobody is written to twice: a message whose answer was lost is known again by its echo.

const PAGE = "100";
let office: PostOffice;
let station: Station;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
});
afterEach(() => office.end());

interface Echo {
  mid: string;
  text: string;
  metadata?: string;
}

/** Meta tells back what was sent in the name of the channel. */
function echo(kind: "messenger" | "instagram", shop: Shop, message: Echo) {
  const time = office.clock.now();
  const item = {
    sender: { id: PAGE },
    recipient: { id: shop.customer },
    timestamp: time,
    message: { is_echo: true, app_id: 1_517_776_481_860_111, ...message },
  };
  const object = kind === "messenger" ? "page" : "instagram";
  const body = JSON.stringify({ object, entry: [{ id: PAGE, time, messaging: [item] }] });
  const items = wanted(parseMeta(new TextEncoder().encode(body)));
  return station.inbox.accept({ provider: "meta", items, onlyChannelId: null });
}

function unitTo(shop: Shop, kind: "messenger" | "instagram", text: string): SendUnit {
  return office.unit(shop, text, {
    channelId: shop.channelId,
    to: { kind: kind === "messenger" ? "psid" : "igsid", value: shop.customer },
    reconciles: kind === "messenger" ? "token" : "order",
  });
}

const texts = () => office.requests.map(({ body }) => JSON.parse(body ?? "").message.text);
const outbound = () =>
  office.rows<{ status: string; actor: string }>(
    "select status, actor from message where direction = 'outbound' order by id",
  );

describe.each(["messenger", "instagram"] as const)("on %s", (kind) => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop(office, kind);
  });
  const echoOf = (id: string, mid: string, text: string) =>
    echo(kind, shop, {
      ...{ mid, text },
      ...(kind === "messenger" ? { metadata: publicId("msg", id) } : {}),
    });

  test("a message whose answer was lost becomes sent by its echo, and is not sent again", async () => {
    office.script(() => lost);
    const id = await office.post(station, unitTo(shop, kind, "Hi"));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "sending" });
    await echoOf(id, "m_1", "Hi");
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "m_1" });
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(texts()).toEqual(["Hi"]);
    expect(await outbound()).toEqual([{ status: "sent", actor: "bot" }]);
    expect(await office.events("message.sent")).toHaveLength(1);
    expect(await office.outboxRows()).toEqual([]);
  });

  test("an echo that comes before the answer makes no second message", async () => {
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, unitTo(shop, kind, "Hi"));
    const sending = station.outbox.send(id, 10_000);
    await provider.arrived;
    await echoOf(id, "m_1", "Hi");
    provider.give(taken("m_1", shop.customer));
    expect(await sending).toMatchObject({ status: "sent", providerId: "m_1" });
    expect(await outbound()).toEqual([{ status: "sent", actor: "bot" }]);
    expect(await office.events("message.sent")).toHaveLength(1);
  });

  test("an echo that comes after the answer says nothing new", async () => {
    office.script(() => taken("m_1", shop.customer));
    const id = await office.post(station, unitTo(shop, kind, "Hi"));
    await station.outbox.send(id, 10_000);
    await echoOf(id, "m_1", "Hi");
    expect(await outbound()).toEqual([{ status: "sent", actor: "bot" }]);
    expect(await office.events("message.sent")).toHaveLength(1);
  });

  test("a process that dies between answer and settle leaves a message that its echo settles", async () => {
    const doomed = await office.station();
    office.script(never);
    const id = await office.post(doomed, unitTo(shop, kind, "Hi"));
    void doomed.outbox.send(id, 10_000);
    await doomed.outbox.leaveDue();
    while (office.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await office.takeForDead(station);
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    office.script(() => taken("m_2", shop.customer));
    await station.outbox.runOnce();
    await echoOf(id, "m_1", "Hi");
    expect(texts()).toEqual(["Hi"]);
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "m_1" });
  });

  test("what a person typed in Meta's inbox is a message of its own", async () => {
    await echo(kind, shop, { mid: "m_7", text: "Typed by hand" });
    expect(await outbound()).toMatchObject([{ actor: "echo" }]);
    expect(office.requests).toEqual([]);
  });
});

describe("on Instagram, where an echo names nothing", () => {
  test("the next message leaves when the echo of the one in doubt has come", async () => {
    const shop = await openShop(office, "instagram");
    office.script(() => lost);
    const first = await office.post(station, unitTo(shop, "instagram", "Same words"));
    await station.outbox.send(first, 10_000);
    office.script(() => taken("m_2", shop.customer));
    const second = await office.post(station, unitTo(shop, "instagram", "Same words"));
    await station.outbox.runOnce();
    expect(texts()).toHaveLength(1);
    await echo("instagram", shop, { mid: "m_1", text: "Same words" });
    await station.outbox.runOnce();
    expect(texts()).toHaveLength(2);
    await echo("instagram", shop, { mid: "m_2", text: "Same words" });
    expect(await office.message(first)).toMatchObject({ status: "sent", providerId: "m_1" });
    expect(await office.message(second)).toMatchObject({ status: "sent", providerId: "m_2" });
    expect(await outbound()).toHaveLength(2);
  });

  test("another text to the same person is not taken for the one in doubt", async () => {
    const shop = await openShop(office, "instagram");
    office.script(() => lost);
    const id = await office.post(station, unitTo(shop, "instagram", "Ours"));
    await station.outbox.send(id, 10_000);
    await echo("instagram", shop, { mid: "m_9", text: "A colleague's" });
    expect(await office.message(id)).toMatchObject({ status: "sending" });
    expect(await outbound()).toMatchObject([{ actor: "bot" }, { actor: "echo" }]);
  });
});

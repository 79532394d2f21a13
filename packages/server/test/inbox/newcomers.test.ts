import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import type { Acceptor } from "../../src/core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../../src/core/messages/inbound.ts";
import type { ProviderHttp } from "../../src/core/outside/provider-http.ts";
import { Newcomers, type NewcomersDeps } from "../../src/inbox/asking/newcomers.ts";
import { grantProfileWishes } from "../../src/inbox/asking/profile-wishes.ts";
import { findSender } from "../../src/outbox/sender.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import {
  openPostOffice,
  type PostOffice,
  placesAt,
  type Station,
} from "../support/messages/post-office.ts";
import { openShop } from "../support/messages/shops.ts";

const PAGE = "309900000000001";
const INSTA = "17841400000000001";
const PSID = "24680000000000001";
const IGSID = "13570000000000001";
const MINUTE = 60_000;

let office: PostOffice;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let station: Station;
let newcomers: Newcomers;
let deps: NewcomersDeps;

beforeEach(async () => {
  const clock = systemClock();
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  office = await openPostOffice();
  simulator = await startSimulator({
    appSecret: "secret",
    clock: { now: () => office.clock.now() },
  });
  simulator.social.putPerson({ id: PSID, first_name: "Ada", last_name: "Lovelace" });
  simulator.social.putPerson({
    id: IGSID,
    first_name: "Grace",
    last_name: "Hopper",
    username: "grace.h",
  });
  station = await office.station();
  await openShop(office, "messenger", { externalId: PAGE, customer: "known" });
  await openShop(office, "instagram", { externalId: INSTA, customer: "known too" });
  const db = office.database.connections.pool;
  const { logger } = office;
  deps = {
    ...{ db, http, logger, inbox: station.inbox, places: placesAt(simulator.url) },
    findSender: (id) => findSender({ db, logger, openCredentials: (sealed) => sealed }, id),
    newId: () => office.ids.next(),
    clock: office.clock,
  };
  newcomers = new Newcomers(deps);
});
afterEach(async () => {
  await newcomers.quiet();
  await http.close();
  wheel.stop();
  await simulator.close();
  await office.end();
});

function said(from: string, mid: string, on = PAGE): InboundRequest {
  const messaging = {
    ...{ sender: { id: from }, recipient: { id: on }, timestamp: office.clock.now() },
    message: { mid, text: mid },
  };
  const object = on === PAGE ? "page" : "instagram";
  const body = { object, entry: [{ id: on, time: office.clock.now(), messaging: [messaging] }] };
  const items = wanted(parseMeta(new TextEncoder().encode(JSON.stringify(body))));
  return { provider: "meta", items, onlyChannelId: null };
}

const asked = (id: string) =>
  simulator.requests().requests.filter(({ path }) => path === `/${id}`).length;
const kept = () => office.rows("select 1 from newcomer_item");
const textsTold = async () =>
  (await office.events("message.received")).map(({ body }) => body.data.message.content.text);

/** A provider that says nothing until it is let. */
function slowProvider(): { http: ProviderHttp; arrived: Promise<void>; answer(): void } {
  let arrive = () => {};
  let answer = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return {
    arrived,
    answer: () => answer(),
    http: {
      async request(request) {
        arrive();
        await answered;
        return http.request(request);
      },
    },
  };
}

describe("somebody who writes for the first time", () => {
  test("on Messenger is kept and answered for first, then told of by name", async () => {
    const slow = slowProvider();
    const patient = new Newcomers({ ...deps, http: slow.http });
    const outcome = await patient.accept(said(PSID, "m_1"));
    expect(outcome).toMatchObject({ waiting: 1, messages: 0 });
    await slow.arrived;
    expect(await kept()).toHaveLength(1);
    expect(await office.events()).toEqual([]);
    slow.answer();
    await patient.quiet();
    const events = await office.events();
    expect(events.map(({ type }) => type)).toEqual(["conversation.created", "message.received"]);
    for (const { body } of events) expect(body.contact.name).toBe("Ada Lovelace");
    expect(events[1]?.body.data.message.actor.name).toBe("Ada Lovelace");
    expect(await kept()).toEqual([]);
  });

  test("on Instagram is told of with name and username", async () => {
    await newcomers.accept(said(IGSID, "m_1", INSTA));
    await newcomers.quiet();
    const [event] = await office.events("message.received");
    expect(event?.body.contact).toMatchObject({
      name: "Grace Hopper",
      identities: [{ channel: "instagram", id: IGSID, username: "grace.h" }],
    });
  });

  test("is told of in order with what follows, and asked for once", async () => {
    const slow = slowProvider();
    const patient = new Newcomers({ ...deps, http: slow.http });
    for (const mid of ["m_1", "m_2", "m_3"]) await patient.accept(said(PSID, mid));
    slow.answer();
    await patient.quiet();
    await patient.accept(said(PSID, "m_4"));
    expect(await textsTold()).toEqual(["m_1", "m_2", "m_3", "m_4"]);
    expect(asked(PSID)).toBe(1);
  });

  test("and comes twice is told of once", async () => {
    await Promise.all([newcomers.accept(said(PSID, "m_1")), newcomers.accept(said(PSID, "m_1"))]);
    await newcomers.quiet();
    await newcomers.accept(said(PSID, "m_1"));
    expect(await textsTold()).toEqual(["m_1"]);
  });

  test("of whom Meta tells nothing is told of without a name, and not asked for again", async () => {
    simulator.social.putPerson({ id: PSID, has_profile: false });
    await newcomers.accept(said(PSID, "m_1"));
    await newcomers.quiet();
    const [event] = await office.events("message.received");
    expect(event?.body.contact.name).toBeNull();
    expect(await office.rows("select 1 from profile_wish")).toEqual([]);
  });

  test("costs their neighbours in the batch nothing", async () => {
    const slow = slowProvider();
    const patient = new Newcomers({ ...deps, http: slow.http });
    const items = [...said(PSID, "m_new").items, ...said("known", "m_old").items];
    const outcome = await patient.accept({ provider: "meta", items, onlyChannelId: null });
    expect(outcome).toMatchObject({ messages: 1, waiting: 1 });
    expect(await textsTold()).toEqual(["m_old"]);
    slow.answer();
    await patient.quiet();
    expect(await textsTold()).toEqual(["m_old", "m_new"]);
  });
});

describe("who is known", () => {
  test("is told of at once, and nobody is asked", async () => {
    expect(await newcomers.accept(said("known", "m_1"))).toMatchObject({ messages: 1, waiting: 0 });
    expect(await textsTold()).toEqual(["m_1"]);
    expect(asked("known")).toBe(0);
  });

  test("and writes to nobody's channel is listed as unroutable as ever", async () => {
    const outcome = await newcomers.accept(said(PSID, "m_1", "404"));
    expect(outcome).toMatchObject({ unroutable: 1, waiting: 0 });
  });
});

describe("a name that cannot be had in time", () => {
  test("comes after the events, with contact.updated", async () => {
    const dead: ProviderHttp = {
      request: async () => ({
        ...{ kind: "failed", written: true, error: "timeout" },
        detail: "no answer within 2000 ms",
      }),
    };
    const deaf = new Newcomers({ ...deps, http: dead });
    await deaf.accept(said(IGSID, "m_1", INSTA));
    await deaf.quiet();
    const [event] = await office.events("message.received");
    expect(event?.body.contact.name).toBeNull();

    await grantProfileWishes({ ...deps, http: dead });
    expect(await office.events("contact.updated"), "not before its time").toEqual([]);
    await office.clock.advance(MINUTE);
    await grantProfileWishes({ ...deps, http: dead });
    await office.clock.advance(2 * MINUTE);
    await grantProfileWishes(deps);
    const [updated, ...others] = await office.events("contact.updated");
    expect(others).toEqual([]);
    expect(updated?.body.data).toMatchObject({
      contact: { id: event?.body.contact.id, name: "Grace Hopper" },
      changes: [
        { field: "name", from: null, to: "Grace Hopper" },
        { field: "username", from: null, to: "grace.h" },
      ],
    });
    expect(updated?.body.contact.identities[0].username).toBe("grace.h");
    await office.clock.advance(60 * MINUTE);
    await grantProfileWishes(deps);
    expect(await office.events("contact.updated")).toHaveLength(1);
  });

  test("is asked for by one process at a time, and some day no more", async () => {
    simulator.setToken({ token: "EAAB", state: "expired" });
    await newcomers.accept(said(PSID, "m_1"));
    await newcomers.quiet();
    for (let n = 0; n < 8; n += 1) {
      await office.clock.advance(25 * 60 * MINUTE);
      await Promise.all([grantProfileWishes(deps), grantProfileWishes(deps)]);
    }
    expect(asked(PSID)).toBe(7);
    expect(await office.rows("select 1 from profile_wish")).toEqual([]);
  });
});

describe("a process that dies while it asks", () => {
  test("loses nothing: another takes it up in its time, once", async () => {
    const slow = slowProvider();
    const dying = new Newcomers({ ...deps, http: slow.http });
    await dying.accept(said(PSID, "m_1"));
    await newcomers.runOnce();
    expect(await textsTold(), "it is still the other's").toEqual([]);
    await office.clock.advance(10_000);
    await newcomers.runOnce();
    const [event] = await office.events("message.received");
    expect(event?.body.contact.name).toBe("Ada Lovelace");
    // The one that was taken for dead comes too late.
    slow.answer();
    await dying.quiet();
    expect(await textsTold()).toEqual(["m_1"]);
  });

  test("is not overtaken by what comes to another process meanwhile", async () => {
    const slow = slowProvider();
    const dying = new Newcomers({ ...deps, http: slow.http });
    await dying.accept(said(PSID, "m_1"));
    await newcomers.accept(said(PSID, "m_2"));
    await newcomers.quiet();
    expect(await textsTold()).toEqual(["m_1", "m_2"]);
    slow.answer();
    await dying.quiet();
    expect(await textsTold()).toEqual(["m_1", "m_2"]);
  });

  test("and what no process can take in is kept whole after some times", async () => {
    const broken: Acceptor<InboundRequest, InboundOutcome> = {
      accept: (request) =>
        request.items.some(({ kind }) => kind === "message")
          ? Promise.reject(new Error("a fault of ours"))
          : station.inbox.accept(request),
    };
    const poisoned = new Newcomers({ ...deps, inbox: broken });
    await poisoned.accept(said(PSID, "m_1"));
    await poisoned.quiet();
    for (let n = 0; n < 6; n += 1) {
      await office.clock.advance(10_000);
      await poisoned.runOnce();
    }
    expect(await kept()).toEqual([]);
    expect(await office.rows("select reason from unroutable")).toEqual([
      { reason: "internal_error" },
    ]);
  });
});

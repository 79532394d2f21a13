import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CurlewError } from "../../src/core/errors.ts";
import type { MakeAcceptor, Queryable } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import type { Settled, SettleUnit } from "../../src/outbox/ledger.ts";
import { type OutboxDeps, takeOver } from "../../src/outbox/outbox.ts";
import {
  ADA,
  accepted,
  answer,
  held,
  lost,
  never,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";

const DOUBT_MS = 15 * 60_000;

let office: PostOffice;
let station: Station;
let ada: { conversationId: string; contactId: string };
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  ada = await office.hear(station);
});
afterEach(() => office.end());

/** What the provider says of a message that carries our token. */
function statusOf(messageId: string, status = "sent", providerId = "wamid.1"): object {
  return {
    id: providerId,
    status,
    timestamp: String(Math.trunc(office.clock.now() / 1000)),
    recipient_id: ADA,
    biz_opaque_callback_data: publicId("msg", messageId),
  };
}

const types = async () =>
  (await office.events()).map(({ type }) => type).filter((type) => type !== "conversation.created");

describe("a message whose answer was lost", () => {
  test.each([
    ["a reset", lost],
    ["a 504 from the provider's edge", answer(504, "<html>Gateway Time-out</html>")],
    ["a bare 500", answer(500, "")],
    ["a 200 without an id", answer(200, { messages: [] })],
  ])("by %s is never sent again, however long it takes", async (_, given) => {
    office.script(() => given);
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({
      status: "sending",
      nextAt: null,
    });
    for (let minute = 0; minute < 20; minute++) {
      await office.clock.advance(60_000);
      await station.outbox.sweepOnce();
      await station.outbox.runOnce();
    }
    expect(office.requests).toHaveLength(1);
  });

  test("is sent when the provider's status comes", async () => {
    office.script(() => answer(504, "<html>"));
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 10_000);
    await office.tell(station, { statuses: [statusOf(id)] });
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
    expect(await office.outboxRows()).toEqual([]);
    await office.clock.advance(DOUBT_MS);
    await station.outbox.sweepOnce();
    expect(await types()).toEqual(["message.received", "message.sent"]);
  });

  test("is unconfirmed after fifteen minutes of silence, not before, and says so once", async () => {
    office.script(() => lost);
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 10_000);
    await office.clock.advance(DOUBT_MS - 1);
    await station.outbox.sweepOnce();
    expect(await office.message(id)).toMatchObject({ status: "sending" });
    await office.clock.advance(1);
    const other = await office.station();
    await Promise.all([station.outbox.sweepOnce(), other.outbox.sweepOnce()]);
    expect(await office.message(id)).toMatchObject({ status: "unconfirmed" });
    const told = await office.events("message.unconfirmed");
    expect(told).toHaveLength(1);
    expect(told[0]?.body.data).toMatchObject({
      message_id: publicId("msg", id),
      provider_id: null,
      reason: expect.any(String),
    });
    expect(await office.outboxRows()).toEqual([]);
  });

  test("is lifted from unconfirmed by a late word", async () => {
    office.script(() => lost);
    const id = await office.post(station, office.unit(ada));
    await station.outbox.send(id, 10_000);
    await office.clock.advance(DOUBT_MS);
    await station.outbox.sweepOnce();
    await office.tell(station, { statuses: [statusOf(id, "delivered")] });
    expect(await office.message(id)).toMatchObject({ status: "delivered" });
    expect(await types()).toEqual([
      "message.received",
      "message.unconfirmed",
      "message.sent",
      "message.delivered",
    ]);
  });

  test("holds up nobody: the next of its conversation leaves", async () => {
    office.script(() => lost);
    await station.outbox.send(await office.post(station, office.unit(ada, "first")), 10_000);
    office.script(() => accepted("wamid.2"));
    const second = await office.post(station, office.unit(ada, "second"));
    expect(await station.outbox.send(second, 10_000)).toMatchObject({ status: "sent" });
  });
});

describe("a status that comes before the answer", () => {
  test("tells of the message; the answer adds nothing", async () => {
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    const sent = station.outbox.send(id, 10_000);
    await provider.arrived;
    await office.tell(station, { statuses: [statusOf(id, "delivered")] });
    provider.give(accepted("wamid.1"));
    expect(await sent).toMatchObject({ status: "delivered", providerId: "wamid.1" });
    expect(await types()).toEqual(["message.received", "message.sent", "message.delivered"]);
  });

  test("is believed although the answer was lost or a refusal", async () => {
    for (const given of [lost, refusedBy(131000, 500), refusedBy(131026)]) {
      const provider = held();
      office.script(provider.script);
      const id = await office.post(station, office.unit(ada));
      const sent = station.outbox.send(id, 10_000);
      await provider.arrived;
      await office.tell(station, { statuses: [statusOf(id, "sent", `wamid.${id}`)] });
      provider.give(given);
      expect(await sent).toMatchObject({ status: "sent", providerId: `wamid.${id}` });
      await office.clock.advance(DOUBT_MS);
      await station.outbox.runOnce();
      expect(await office.outboxRows()).toEqual([]);
    }
    expect(office.requests).toHaveLength(3);
  });
});

describe("a process that dies", () => {
  test("with messages queued leaves them to another, which sends them once (20)", async () => {
    const other = await office.station();
    const id = await office.post(station, office.unit(ada));
    // It has the key and the message, stalls, and is taken for dead.
    await office.takeForDead(other);
    await other.outbox.runOnce();
    // It wakes.
    await station.outbox.send(id, 0);
    await station.outbox.runOnce();
    await station.outbox.sweepOnce();
    expect(office.requests).toHaveLength(1);
    expect(await office.events("message.sent")).toHaveLength(1);
  });

  test("gives nothing leave any more, even of what is still queued", async () => {
    const other = await office.station();
    const id = await office.post(station, office.unit(ada));
    await office.takeForDead(other);
    expect(await station.outbox.leaveNow([id])).toBe(0);
    expect(office.requests).toEqual([]);
    expect(await office.outboxRows()).toEqual([{ state: "queued", owner: null, attempts: 0 }]);
  });

  test("between leave and request finds itself late and gives the leave back (20)", async () => {
    const other = await office.station();
    // The process stops after it was given leave: the channel's row is read when it wakes.
    let wake: () => void = () => {};
    let reached: () => void = () => {};
    const stalled = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const pool = station.deps.db;
    let sleeps = true;
    const db: Queryable = {
      async query(config, values) {
        if (sleeps && typeof config === "object" && config.name === "channel_means") {
          sleeps = false;
          await new Promise<void>((resolve) => {
            wake = resolve;
            reached();
          });
        }
        return pool.query(config, values);
      },
    };
    const late: unknown[] = [];
    const http = {
      request(request: unknown) {
        late.push(request);
        return Promise.resolve(accepted("wamid.late"));
      },
    };
    const sleepy = await office.station({ outbox: { db, http } });
    const id = await office.post(sleepy, office.unit(ada));
    sleepy.outbox.begin(id);
    await stalled;
    await office.takeForDead(other);
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    expect(await other.outbox.runOnce()).toBe(0);
    wake();
    await sleepy.outbox.close(60_000);
    expect(late).toEqual([]);
    expect(await other.outbox.runOnce()).toBe(1);
    expect(office.requests).toHaveLength(1);
    expect(await office.message(id)).toMatchObject({ status: "sent" });
    expect(await types()).toEqual(["message.received", "message.sent"]);
  });

  test("between the provider's answer and the record: a status makes the message sent", async () => {
    const other = await office.station();
    const id = await dieWithAnswer(other);
    await office.tell(other, { statuses: [statusOf(id)] });
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
    await office.clock.advance(DOUBT_MS);
    await other.outbox.sweepOnce();
    await other.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    expect(await types()).toEqual(["message.received", "message.sent"]);
  });

  test("between the provider's answer and the record: without a word it is unconfirmed", async () => {
    const other = await office.station();
    const id = await dieWithAnswer(other);
    await other.outbox.runOnce();
    await office.clock.advance(DOUBT_MS);
    await other.outbox.sweepOnce();
    await other.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "unconfirmed" });
    expect(office.requests).toHaveLength(1);
    expect(await types()).toEqual(["message.received", "message.unconfirmed"]);
  });

  test("and was only taken for dead still records its answer", async () => {
    const other = await office.station();
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    const sent = station.outbox.send(id, 60_000);
    await provider.arrived;
    await office.takeForDead(other);
    await other.outbox.runOnce();
    provider.give(accepted("wamid.1"));
    expect(await sent).toMatchObject({ status: "sent" });
    expect(office.requests).toHaveLength(1);
    expect(await office.outboxRows()).toEqual([]);
    expect(await types()).toEqual(["message.received", "message.sent"]);
  });

  test("and was only taken for dead may still hear that the message can be sent again", async () => {
    const other = await office.station();
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    station.outbox.begin(id);
    await provider.arrived;
    await office.takeForDead(other);
    provider.give(refusedBy(131016, 500));
    await station.outbox.runOnce();
    office.script(() => accepted("wamid.1"));
    await office.clock.advance(1_000);
    await other.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent" });
    expect(await types()).toEqual(["message.received", "message.sent"]);
  });

  test("is found by the sweep when nobody took over from it", async () => {
    const id = await dieWithAnswer(null);
    await office.rows("update process set state = 'recovered' where id = $1", [
      station.engine.membership.current.id,
    ]);
    const other = await office.station();
    await other.outbox.sweepOnce();
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt", owner: null }]);
    await office.tell(other, { statuses: [statusOf(id)] });
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  /** The provider has the message; the process that sent it never hears so. */
  async function dieWithAnswer(observer: Station | null): Promise<string> {
    let arrived: () => void = () => {};
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    office.script(() => {
      arrived();
      return never();
    });
    const id = await office.post(station, office.unit(ada));
    station.outbox.begin(id);
    await there;
    office.script(() => accepted("wamid.twice"));
    if (observer) await office.takeForDead(observer);
    return id;
  }
});

describe("a database that fails at the wrong moment", () => {
  test("when leave is given and the answer lost: the message leaves later, once", async () => {
    const pool = station.deps.db;
    let losing = true;
    const db: Queryable = {
      async query(config, values) {
        const result = await pool.query<never>(config, values);
        if (losing && typeof config === "object" && config.name === "leave_outbox") {
          losing = false;
          throw new Error("Connection terminated unexpectedly");
        }
        return result;
      },
    };
    const unlucky = await office.station({ outbox: { db } });
    const id = await office.post(unlucky, office.unit(ada));
    expect(await unlucky.outbox.leaveNow([id])).toBe(0);
    expect(await office.message(id)).toMatchObject({ status: "sending" });
    await office.clock.advance(1);
    await unlucky.outbox.sweepOnce();
    expect(await office.message(id)).toMatchObject({ status: "queued" });
    expect(await unlucky.outbox.runOnce()).toBe(1);
    expect(office.requests).toHaveLength(1);
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("when a look at what never left is answered late: what came into doubt meanwhile is not sent again", async () => {
    const provider = held();
    office.script(provider.script);
    const pool = station.deps.db;
    const db: Queryable = {
      async query(config, values) {
        const result = await pool.query<never>(config, values);
        if (typeof config === "object" && config.name === "outbox_of") {
          provider.give(lost);
          await slow.outbox.runOnce();
        }
        return result;
      },
    };
    const slow = await office.station({ outbox: { db } });
    slow.outbox.begin(await office.post(slow, office.unit(ada)));
    await provider.arrived;
    await office.clock.advance(1);
    await slow.outbox.sweepOnce();
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    office.script(() => accepted("wamid.twice"));
    await slow.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
  });

  test("when the record of one leave is answered late: the next leave's message is not sent again", async () => {
    const [recorded, late] = [gate(), gate()];
    const slow = await withRecords(async (record) => {
      const settled = await record();
      recorded.open();
      await late.passed;
      return settled;
    });
    office.script(() => refusedBy(131000, 500));
    const id = await office.post(slow, office.unit(ada));
    await slow.outbox.leaveDue();
    await recorded.passed;
    const provider = held();
    office.script(provider.script);
    await office.clock.advance(2_000);
    await slow.outbox.leaveDue();
    await provider.arrived;
    late.open();
    await office.clock.advance(1);
    await slow.outbox.sweepOnce();
    office.script(() => accepted("wamid.twice"));
    await slow.outbox.leaveDue();
    provider.give(accepted("wamid.1"));
    await slow.outbox.runOnce();
    expect(office.requests).toHaveLength(2);
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
  });

  test("when leave is answered after the look at what never left: it is not given back", async () => {
    const [left, late] = [gate(), gate()];
    const pool = station.deps.db;
    let id = "";
    const db: Queryable = {
      async query(config, values) {
        const name = typeof config === "object" ? config.name : undefined;
        if (name === "outbox_of") {
          // The clock has been set back since the sweep began.
          office.clock.setNow(office.clock.now() - 10_000);
          slow.outbox.begin(id);
          await left.passed;
        }
        const result = await pool.query<never>(config, values);
        if (name === "outbox_of") setImmediate(late.open);
        if (name === "leave_outbox") {
          left.open();
          await late.passed;
        }
        return result;
      },
    };
    const slow = await office.station({ outbox: { db } });
    id = await office.post(slow, office.unit(ada));
    await office.rows("update outbox set next_at = next_at - interval '1 minute'");
    const provider = held();
    office.script(provider.script);
    await slow.outbox.sweepOnce();
    await provider.arrived;
    office.script(() => accepted("wamid.twice"));
    await slow.outbox.leaveDue();
    provider.give(accepted("wamid.1"));
    await slow.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
  });

  test("when answers come while it takes nothing: they are recorded when it does again", async () => {
    let isAway = true;
    const broken = await withRecords((record) => (isAway ? Promise.reject(away()) : record()));
    const id = await office.post(broken, office.unit(ada));
    await broken.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sending" });
    await broken.outbox.sweepOnce();
    expect(await office.outboxRows()).toMatchObject([{ state: "sending", attempts: 1 }]);
    isAway = false;
    await broken.outbox.sweepOnce();
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
    expect(office.requests).toHaveLength(1);
  });

  test("and takes an answer again only when the process stops: it is recorded before the end", async () => {
    let isAway = true;
    const broken = await withRecords((record) => (isAway ? Promise.reject(away()) : record()));
    const id = await office.post(broken, office.unit(ada));
    await broken.outbox.runOnce();
    isAway = false;
    await broken.outbox.close(1_000);
    expect(await office.message(id)).toMatchObject({ status: "sent", providerId: "wamid.1" });
  });

  test("when outcomes cannot be recorded: the channel sends what comes after them", async () => {
    const broken = await withRecords(() => Promise.reject(poison()));
    const people = await Promise.all(
      Array.from({ length: 40 }, (_, at) => office.hear(station, `1650666${1000 + at}`)),
    );
    await Promise.all(people.map((each) => office.post(broken, office.unit(each))));
    await broken.outbox.runOnce();
    await broken.outbox.runOnce();
    expect(office.requests).toHaveLength(40);
    expect(await office.rows("select distinct state from outbox")).toEqual([{ state: "in_doubt" }]);
  });

  test("when an outcome cannot be recorded: the message is in doubt, not sent again", async () => {
    const broken = await withRecords(() => Promise.reject(poison()));
    const id = await office.post(broken, office.unit(ada));
    await broken.outbox.runOnce();
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    await office.clock.advance(5_000);
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    await office.tell(station, { statuses: [statusOf(id)] });
    expect(await office.message(id)).toMatchObject({ status: "sent" });
  });

  test("when nothing can be recorded: what was handed over is not taken for what never left", async () => {
    const pool = station.deps.db;
    const db: Queryable = {
      query: (config, values) =>
        typeof config === "object" && config.name === "doubt_outbox"
          ? Promise.reject(poison())
          : pool.query(config, values),
    };
    const broken = await withRecords(() => Promise.reject(poison()), { db });
    await office.post(broken, office.unit(ada));
    await broken.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    await office.clock.advance(5_000);
    await broken.outbox.sweepOnce();
    await broken.outbox.runOnce();
    expect(await office.outboxRows()).toMatchObject([{ state: "sending" }]);
    expect(office.requests).toHaveLength(1);
  });

  /** A process in which the record of what a provider has answered goes another way. */
  function withRecords(
    meddle: (record: () => Promise<Settled>) => Promise<Settled>,
    overrides: Partial<OutboxDeps> = {},
  ): Promise<Station> {
    const makeAcceptor: MakeAcceptor = (spec) => {
      const acceptor = station.engine.makeAcceptor(spec);
      if (spec.name !== "outbox") return acceptor;
      return {
        accept: (unit) => {
          const record = () => acceptor.accept(unit);
          const isAnswer = (unit as SettleUnit).attempt !== null;
          // The outbox's own spec answers how a message stands.
          return isAnswer ? (meddle(record as never) as never) : record();
        },
      };
    };
    return office.station({ outbox: { makeAcceptor, ...overrides } });
  }

  /** Nobody passes before it is opened. */
  function gate(): { passed: Promise<void>; open(): void } {
    let open: () => void = () => {};
    const passed = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { passed, open: () => open() };
  }

  function away(): CurlewError {
    return new CurlewError("unavailable", "The database takes nothing at the moment");
  }

  function poison(): Error {
    return Object.assign(new Error("value out of range"), { code: "22003" });
  }
});

describe("a process that stops", () => {
  test("lets what is under way finish and begins nothing new", async () => {
    const provider = held();
    office.script(provider.script);
    const first = await office.post(station, office.unit(ada, "first"));
    station.outbox.begin(first);
    await provider.arrived;
    await office.post(station, office.unit(ada, "second"));
    const closed = station.outbox.close(60_000);
    provider.give(accepted("wamid.1"));
    await closed;
    expect(await office.message(first)).toMatchObject({ status: "sent" });
    expect(office.texts()).toEqual(["first"]);
    expect(await office.outboxRows()).toMatchObject([{ state: "queued" }]);
  });

  test("leaves to the provider's word what has no answer in time", async () => {
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    station.outbox.begin(id);
    await provider.arrived;
    const closed = station.outbox.close(1_000);
    await office.clock.whenSleeping();
    await office.clock.advance(1_000);
    await closed;
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt", owner: null }]);
    provider.give(accepted("wamid.1"));
  });
});

describe("taking over", () => {
  test("touches only what the dead process had on its way", async () => {
    const provider = held();
    office.script(provider.script);
    const id = await office.post(station, office.unit(ada));
    station.outbox.begin(id);
    await provider.arrived;
    const { id: processId } = station.engine.membership.current;
    const { connections } = office.database;
    const count = (process: number) =>
      connections.transaction((tx) => takeOver(tx, process, office.clock.now()));
    expect(await count(processId + 1)).toBe(0);
    expect(await count(processId)).toBe(1);
    expect(await count(processId)).toBe(0);
    provider.give(lost);
    await station.outbox.runOnce();
    expect(await office.message(id)).toMatchObject({ status: "sending" });
  });
});

describe("that a channel pauses, or goes on,", () => {
  const told = async (type: string) => (await office.events(type)).length;
  /** A process that does not come to tell what it has done. */
  const silent = () =>
    office.station({
      outbox: {
        makeAcceptor: (spec) =>
          station.engine.makeAcceptor(
            spec.name === "announce" ? { ...spec, run: () => Promise.reject(away()) } : spec,
          ),
      },
    });
  /** A process whose changes are made, and the answers to them lost. */
  const unheard = () =>
    office.station({
      outbox: {
        changeConfig: async (workspaceId, work, options) => {
          await station.deps.changeConfig(workspaceId, work, options);
          throw away();
        },
      },
    });
  const away = () => Object.assign(new Error("value out of range"), { code: "22003" });

  test.each([
    ["dies before it can tell", silent],
    ["does not hear that it was written", unheard],
  ])("is told once, although the process that does so %s", async (_, open) => {
    const broken = await open();
    office.script(() => refusedBy(131048));
    await office.post(broken, office.unit(ada));
    await broken.outbox.runOnce();
    expect(await told("account.degraded")).toBe(0);
    await Promise.all([station.outbox.sweepOnce(), (await office.station()).outbox.sweepOnce()]);
    expect(await told("account.degraded")).toBe(1);

    await office.clock.advance(3_600_000);
    await broken.outbox.sweepOnce().catch(() => {});
    expect(await told("account.connected")).toBe(0);
    await station.outbox.sweepOnce();
    await station.outbox.sweepOnce();
    expect(await told("account.connected")).toBe(1);
    expect(await told("account.degraded")).toBe(1);
  });
});

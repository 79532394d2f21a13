import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { silentLogger } from "../../../test/support/silent-logger.ts";
import { createGate, DatabaseAway } from "./gate.ts";

/** A server that the test switches on and off; its clients are numbered. */
function fakeServer(o: { away?: string } = {}) {
  const clock = new ManualClock();
  const logger = silentLogger();
  const server = { away: o.away ?? "", probes: 0, clients: 0 };
  const refuse = () => {
    throw Object.assign(new Error("refused"), { code: server.away });
  };
  const gate = createGate({
    probe: async () => {
      server.probes++;
      if (server.away) refuse();
    },
    clock,
    logger,
  });
  const discarded: number[] = [];
  const pass = (waitMs?: number) =>
    gate.pass(
      async () => (server.away ? refuse() : ++server.clients),
      (client: number) => discarded.push(client),
      waitMs,
    );
  return { clock, logger, server, gate, pass, discarded };
}

describe("the gate before the database", () => {
  test.each(["57P01", "57P02", "57P03", "ECONNREFUSED", "ENOENT", "ECONNRESET"])(
    "whoever comes while the server is away (%s) waits until it is back",
    async (code) => {
      const { clock, server, pass } = fakeServer({ away: code });
      const callers = Promise.all([pass(), pass(), pass()]);
      await clock.advance(5_000);
      expect(server.clients).toBe(0);
      server.away = "";
      await clock.advance(1_000);
      expect((await callers).sort()).toEqual([1, 2, 3]);
    },
  );

  test("who cannot wait for ever is refused in time, and at once when it has lasted that long", async () => {
    const { clock, server, pass } = fakeServer({ away: "ECONNREFUSED" });
    const patient = pass();
    const hurried = expect(pass(5_000)).rejects.toThrow("The database is away");
    await clock.advance(3_000);
    const later = expect(pass(5_000)).rejects.toBeInstanceOf(DatabaseAway);
    await clock.advance(2_000);
    await hurried;
    await later;
    await expect(pass(5_000)).rejects.toBeInstanceOf(DatabaseAway);
    server.away = "";
    await clock.advance(1_000);
    expect(await patient).toBe(1);
    expect(await pass(5_000)).toBe(2);
  });

  test("who cannot wait for ever has no connection to spare for no longer either", async () => {
    const { clock, pass } = fakeServer({ away: "53300" });
    const hurried = expect(pass(1_000)).rejects.toThrow("The database has no connection to spare");
    await clock.advance(1_200);
    await hurried;
  });

  test("a server that is back in time has kept nobody from his connection", async () => {
    const { clock, server, pass } = fakeServer({ away: "57P03" });
    const hurried = pass(5_000);
    await clock.advance(4_000);
    server.away = "";
    await clock.advance(1_000);
    expect(await hurried).toBe(1);
  });

  test("one asks for all who wait", async () => {
    const { clock, server, pass } = fakeServer({ away: "ECONNREFUSED" });
    const callers = Promise.all(Array.from({ length: 100 }, () => pass()));
    await clock.advance(60_000);
    expect(server.probes).toBeLessThan(70);
    server.away = "";
    await clock.advance(1_000);
    await callers;
  });

  test("an outage is told when it begins, once in a while, and when it ends", async () => {
    const { clock, server, pass, logger } = fakeServer({ away: "ECONNREFUSED" });
    const caller = pass();
    await clock.advance(25_000);
    server.away = "";
    await clock.advance(1_000);
    await caller;
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "The database is away: waiting for it",
      "The database is still away",
      "The database is still away",
      "The database is back",
    ]);
  });

  test("what waiting cannot mend is the caller's", async () => {
    const { pass } = fakeServer({ away: "28P01" });
    await expect(pass()).rejects.toMatchObject({ code: "28P01" });
  });

  test("so it is when it shows only after an outage", async () => {
    const { clock, server, pass } = fakeServer({ away: "ECONNREFUSED" });
    const caller = expect(pass()).rejects.toMatchObject({ code: "3D000" });
    await clock.whenSleeping();
    server.away = "3D000";
    await clock.advance(1_000);
    await caller;
  });

  test("a host without an address is a mistake at the start and an outage later", async () => {
    const { clock, server, pass } = fakeServer({ away: "ENOTFOUND" });
    await expect(pass()).rejects.toMatchObject({ code: "ENOTFOUND" });
    server.away = "";
    await pass();
    server.away = "ENOTFOUND";
    const caller = pass();
    await clock.advance(5_000);
    server.away = "";
    await clock.advance(1_000);
    expect(await caller).toBe(2);
  });

  test("a server without a connection to spare is asked again, alone by who was refused", async () => {
    const { clock, server, pass } = fakeServer({ away: "53300" });
    const refused = pass();
    await clock.whenSleeping();
    server.away = "";
    expect(await pass(), "another pool's client").toBe(1);
    await clock.advance(1_000);
    expect(await refused).toBe(2);
  });

  test("a shortage of connections is told when it begins and when it is over, however many wait", async () => {
    const { clock, server, pass, logger } = fakeServer({ away: "53300" });
    const patient = Promise.all(Array.from({ length: 20 }, () => pass()));
    const hurried = expect(pass(5_000)).rejects.toBeInstanceOf(DatabaseAway);
    await clock.advance(10_000);
    await hurried;
    server.away = "";
    await clock.advance(1_000);
    await patient;
    server.away = "53300";
    const another = pass();
    await clock.advance(1_000);
    server.away = "";
    await clock.advance(1_000);
    await another;
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "The database has no connection to spare: waiting for one",
    ]);
    await clock.advance(5_000);
    await pass();
    await pass();
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: The database has no connection to spare: waiting for one",
      "info: The database has connections to spare again",
    ]);
  });

  test("all who wait for a connection to spare share one sleep, which Node takes for no leak", async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => void warned.push(warning);
    process.on("warning", note);
    try {
      const { clock, server, pass } = fakeServer({ away: "53300" });
      const callers = Promise.all(Array.from({ length: 50 }, () => pass()));
      await clock.advance(1_000);
      expect(warned).toEqual([]);
      expect(clock.sleeping).toBe(1);
      server.away = "";
      await clock.advance(1_000);
      expect(await callers).toHaveLength(50);
    } finally {
      process.off("warning", note);
    }
  });

  test("closing ends the wait for a connection to spare", async () => {
    const { clock, gate, pass } = fakeServer({ away: "53300" });
    const waiting = [pass(), pass(5_000)].map((each) => expect(each).rejects.toThrow("closed"));
    await clock.whenSleeping();
    gate.close();
    await Promise.all(waiting);
    expect(clock.sleeping).toBe(0);
  });

  test("closing ends all waiting", async () => {
    const { gate, pass } = fakeServer({ away: "ECONNREFUSED" });
    const waiting = [pass(), pass()];
    gate.close();
    for (const caller of [...waiting, pass()]) await expect(caller).rejects.toThrow("closed");
  });

  test("a client that comes after closing is given back", async () => {
    const { gate, discarded } = fakeServer();
    let arrive: (client: number) => void = () => {};
    const late = gate.pass(
      () => new Promise<number>((resolve) => (arrive = resolve)),
      (client) => discarded.push(client),
    );
    gate.close();
    await expect(late).rejects.toThrow("closed");
    arrive(7);
    await new Promise((resolve) => setImmediate(resolve));
    expect(discarded).toEqual([7]);
  });
});

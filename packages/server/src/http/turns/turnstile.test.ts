import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { type Guest, HungUp, Turnstile } from "./turnstile.ts";

const MANY = 200;
/** What passes freely at once, and in a pulse at least. */
const FREE = 20;
const LEAST = 16;
const PULSE_MS = 160;
const MEGABYTE = 1024 * 1024;

/** A process, and what is under way in it. */
class Town {
  readonly clock = new ManualClock();
  /** How busy the process is between pulses, and while one is worked on. */
  loadAtRest = 0;
  loadOfPulses = 0;
  #looks = 0;
  readonly refusals: string[] = [];
  /** Requests in the order in which their work began. */
  readonly begun: string[] = [];
  readonly #underWay = new Map<string, () => void>();
  readonly turnstile: Turnstile;

  constructor(freePerSecond = 100) {
    this.turnstile = new Turnstile({
      clock: this.clock,
      freePerSecond,
      // Asked when a pulse opens, and when it is over.
      load: () => (this.#looks++ % 2 === 0 ? this.loadAtRest : this.loadOfPulses),
      onRefused: (reason) => void this.refusals.push(reason),
    });
  }

  ask(workspaceId: string, name = "", more: Partial<Guest> = {}): Promise<string> {
    const whole = `${workspaceId} ${name}`;
    return this.turnstile.pass({ workspaceId, bytes: 1, ...more }, () => {
      this.begun.push(whole);
      return new Promise((resolve) => this.#underWay.set(whole, () => resolve(whole)));
    });
  }

  /** Many requests at once, each kept from being an error that nobody looks at. */
  flood(workspaceId: string, more: Partial<Guest> = {}, count = MANY): Promise<string>[] {
    const all = Array.from({ length: count }, (_, at) => this.ask(workspaceId, String(at), more));
    for (const each of all) each.catch(() => {});
    return all;
  }

  /** Clients that ask again as soon as they are answered, or refused. */
  fill(workspaceId: string, clients = MANY): void {
    const askOn = (name: string): void => {
      const again = () => askOn(`${name}'`);
      void this.ask(workspaceId, name).then(again, again);
    };
    for (let at = 0; at < clients; at++) askOn(String(at));
  }

  /** What is under way for a workspace never ends: as good as gone. */
  leave(workspaceId: string): void {
    for (const name of this.#of(workspaceId)) this.#underWay.delete(name);
  }

  underWay(workspaceId: string): number {
    return this.#of(workspaceId).length;
  }

  /** Pulses beside somebody quiet; how many requests of "noisy" they let in. */
  async beat(pulses: number): Promise<number> {
    let passed = 0;
    for (let at = 0; at < pulses; at++) {
      void this.ask("quiet", String(this.begun.length));
      await this.end("noisy");
      await this.clock.advance(PULSE_MS);
      passed += this.underWay("noisy");
    }
    return passed;
  }

  /** What is under way ends, and what follows from that in memory happens. */
  async end(workspaceId: string): Promise<void> {
    for (const name of this.#of(workspaceId)) {
      this.#underWay.get(name)?.();
      this.#underWay.delete(name);
    }
    await this.clock.advance(0);
  }

  #of(workspaceId: string): string[] {
    return [...this.#underWay.keys()].filter((name) => name.startsWith(`${workspaceId} `));
  }
}

describe("a workspace that brings as many requests as it can", () => {
  test("passes freely while it is alone", () => {
    const town = new Town();
    void town.flood("noisy");
    expect(town.underWay("noisy")).toBe(MANY);
  });

  test("waits while another one is active, which passes at once", () => {
    const town = new Town();
    void town.ask("quiet", "first");
    void town.flood("noisy");
    expect(town.underWay("noisy")).toBe(FREE);
    expect(town.turnstile.waiting).toBe(MANY - FREE);
    void town.ask("quiet", "second");
    expect(town.begun.at(-1)).toBe("quiet second");
  });

  test("is let in by pulses, between which whoever is quiet has the process to itself", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy");
    await town.clock.advance(0);
    const first = town.begun.length;
    await town.end("noisy");
    await town.clock.advance(PULSE_MS - 1);
    expect(town.begun.length, "however soon it is done with what it has").toBe(first);
    await town.clock.advance(1);
    expect(town.begun.length - first).toBe(LEAST);
  });

  test("is held back as well when it has one request at a time, but may bring a hundred a second", async () => {
    const town = new Town();
    void town.ask("quiet");
    let asked = 0;
    const askOn = (): void => {
      void town.ask("noisy", String(asked++)).then(askOn);
    };
    askOn();
    for (let ms = 0; ms < 5_000; ms += 5) {
      if (ms % 1_000 === 0) void town.ask("quiet", String(ms));
      await town.end("noisy");
      await town.clock.advance(5);
    }
    expect(asked).toBeGreaterThan(400);
    expect(asked).toBeLessThan(700);
  });

  test("does not wait with a hundred events a second", async () => {
    const town = new Town();
    for (let at = 0; at < 500; at++) {
      void town.ask("quiet", String(at));
      void town.ask("brisk", String(at));
      expect(town.begun.at(-1)).toBe(`brisk ${at}`);
      await town.clock.advance(10);
    }
  });

  test("may bring as much as the operator has set, freely and by pulses", async () => {
    const town = new Town(1_000);
    void town.ask("quiet");
    void town.flood("noisy", {}, 600);
    expect(town.underWay("noisy")).toBe(200);
    await town.clock.advance(0);
    const before = town.underWay("noisy");
    await town.clock.advance(PULSE_MS);
    expect(town.underWay("noisy") - before).toBe(PULSE_MS);
  });

  test("makes room when another one comes", async () => {
    const town = new Town();
    void town.flood("noisy");
    await town.clock.advance(1);
    void town.ask("quiet");
    void town.flood("noisy", {}, 20);
    expect(town.turnstile.waiting).toBe(20);
  });

  test("takes turns with others that do", async () => {
    const town = new Town();
    void town.ask("quiet");
    for (const workspaceId of ["noisy", "loud"]) void town.flood(workspaceId);
    await town.clock.advance(0);
    const before = town.begun.length;
    await town.clock.advance(PULSE_MS);
    const owners = town.begun.slice(before).map((name) => name.split(" ")[0]);
    expect(owners.slice(0, 4)).toEqual(["noisy", "loud", "noisy", "loud"]);
    expect(owners).toHaveLength(LEAST);
  });

  test("loses nothing, doubles nothing and keeps its order", async () => {
    const town = new Town();
    void town.ask("quiet");
    const all = town.flood("noisy");
    while (town.turnstile.waiting > 0) await town.clock.advance(PULSE_MS);
    await town.end("noisy");
    const names = Array.from({ length: MANY }, (_, at) => `noisy ${at}`);
    expect(await Promise.all(all)).toEqual(names);
    expect(town.begun).toEqual(["quiet ", ...names]);
  });

  test("has more of a pulse where pulses cost little, and less when they cost more, but never less than at first", async () => {
    const town = new Town();
    town.fill("noisy", 2_000);
    town.loadOfPulses = 0.01;
    await town.beat(30);
    const grown = await town.beat(1);
    expect(grown).toBeGreaterThan(4 * LEAST);
    town.loadOfPulses = 0.5;
    await town.beat(2);
    expect(await town.beat(1)).toBeLessThan(grown);
    await town.beat(30);
    expect(await town.beat(1)).toBe(LEAST);
  });

  test("has no less because others, or other programs, keep the process busy all the time", async () => {
    const town = new Town();
    town.fill("noisy", 2_000);
    town.loadAtRest = 0.9;
    town.loadOfPulses = 0.91;
    await town.beat(30);
    expect(await town.beat(1)).toBeGreaterThan(4 * LEAST);
  });

  test("is not held back when all the others bring as many", async () => {
    const town = new Town();
    for (const workspaceId of ["noisy", "loud"]) town.fill(workspaceId);
    await town.clock.advance(PULSE_MS);
    expect(town.turnstile.waiting).toBe(0);
    for (let i = 0; i < 20; i++) {
      await town.clock.advance(5);
      for (const workspaceId of ["noisy", "loud"]) await town.end(workspaceId);
      expect([town.underWay("noisy"), town.underWay("loud")]).toEqual([MANY, MANY]);
    }
  });

  test("makes no room for one that brought as many and has stopped", async () => {
    const town = new Town();
    town.fill("loud");
    town.leave("loud");
    await town.clock.advance(500);
    town.fill("noisy");
    expect(town.underWay("noisy")).toBe(MANY);
  });

  test("is free again ten seconds after the last request of anybody else", async () => {
    const town = new Town();
    void town.ask("quiet");
    await town.clock.advance(9_900);
    void town.flood("noisy");
    expect(town.turnstile.waiting).toBeGreaterThan(0);
    await town.clock.advance(PULSE_MS);
    expect(town.underWay("noisy")).toBe(MANY);
  });

  test("is not kept waiting by what waits for a provider", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, 40);
    await town.clock.advance(20 * PULSE_MS);
    expect(town.underWay("noisy")).toBe(40);
    expect(town.refusals).toEqual([]);
  });
});

describe("a list of events", () => {
  test("counts as so many events: who brings one after the other waits until they are made up for", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.ask("noisy", "list", { isList: true });
    town.turnstile.spend("noisy", 299);
    void town.ask("noisy", "next", { isList: true });
    await town.clock.advance(2_700);
    expect(town.begun.at(-1)).toBe("noisy list");
    await town.clock.advance(300);
    expect(town.begun.at(-1)).toBe("noisy next");
  });

  test("comes in with nothing else: how long it is is not known before", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, FREE);
    for (const name of ["one", "two"]) void town.ask("noisy", name, { isList: true });
    void town.ask("noisy", "after");
    await town.clock.advance(0);
    expect(town.begun.at(-1)).toBe("noisy one");
    await town.clock.advance(PULSE_MS);
    expect(town.begun.at(-1)).toBe("noisy two");
    await town.clock.advance(PULSE_MS);
    expect(town.begun.at(-1)).toBe("noisy after");
  });

  test("keeps nobody else waiting who brings many", async () => {
    const town = new Town();
    void town.ask("quiet");
    for (const name of ["one", "two"]) {
      void town.ask("noisy", name, { isList: true });
      town.turnstile.spend("noisy", 999);
    }
    void town.flood("loud", {}, FREE + LEAST);
    await town.clock.advance(PULSE_MS);
    expect(town.underWay("loud")).toBe(FREE + LEAST);
    expect(town.underWay("noisy")).toBe(1);
  });

  test("waits in vain for longer than five seconds, and is told when to come", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.ask("noisy", "one", { isList: true });
    town.turnstile.spend("noisy", 999);
    const two = town.ask("noisy", "two", { isList: true });
    const refused = expect(two).rejects.toMatchObject({
      code: "too_many_requests",
      retryAfterS: 5,
    });
    await town.clock.advance(5_000 + PULSE_MS);
    await refused;
  });
});

describe("what waits for its turn", () => {
  test("is not done when the client hangs up, and the others move up", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, FREE);
    await town.clock.advance(0);
    let hangUp = (): void => {};
    let stays = false;
    const gone = town.ask("noisy", "gone", {
      whenGone: (listener) => {
        hangUp = listener;
        return () => {
          stays = true;
        };
      },
    });
    const next = town.ask("noisy", "next");
    hangUp();
    await expect(gone).rejects.toBeInstanceOf(HungUp);
    expect(stays, "nobody listens any more").toBe(true);
    await town.clock.advance(3 * PULSE_MS);
    await town.end("noisy");
    expect(await next).toBe("noisy next");
    expect(town.begun).not.toContain("noisy gone");
  });

  test("is refused in words beyond 5,000 requests or 64 MB of a workspace", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, 5_000 + FREE);
    await expect(town.ask("noisy")).rejects.toMatchObject({
      code: "too_many_requests",
      message: "5000 requests of this workspace wait for their turn, which is its share",
      retryAfterS: 1,
    });
    void town.flood("large", { bytes: MEGABYTE }, FREE + 64);
    await expect(town.ask("large")).rejects.toMatchObject({ code: "too_many_requests" });
    expect(town.refusals).toEqual(["workspace_share", "workspace_share"]);
    expect(town.turnstile.waiting).toBe(5_064);
  });

  test("is refused when all workspaces together have 256 MB waiting", async () => {
    const town = new Town();
    void town.ask("quiet");
    for (const name of ["a", "b", "c", "d"]) void town.flood(name, { bytes: MEGABYTE }, FREE + 64);
    void town.flood("e", { bytes: MEGABYTE }, FREE);
    await expect(town.ask("e")).rejects.toMatchObject({ code: "unavailable", retryAfterS: 1 });
    expect(town.refusals).toEqual(["overload"]);
  });

  test("is refused after five seconds", async () => {
    const town = new Town();
    void town.ask("quiet");
    town.loadOfPulses = 1;
    const all = town.flood("noisy", {}, 2_000);
    await town.clock.advance(4_900);
    expect(town.refusals).toEqual([]);
    await town.clock.advance(2 * PULSE_MS);
    const refused = (await Promise.allSettled(all.slice(-1)))[0];
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "too_many_requests" } });
    expect(town.refusals.length).toBe(2_000 - town.underWay("noisy"));
    expect(town.turnstile.waiting).toBe(0);
  });

  test("passes after a second, or where there is no room, when a provider brought it", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", { isOwed: true }, 5_000 + FREE);
    const waiting = town.turnstile.waiting;
    expect(waiting).toBe(5_000);
    void town.ask("noisy", "one more", { isOwed: true });
    await town.clock.advance(0);
    expect(town.begun).toContain("noisy one more");
    await town.clock.advance(1_000 + PULSE_MS);
    expect(town.turnstile.waiting).toBe(0);
    expect(town.refusals).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { type Guest, HungUp, Turnstile } from "./turnstile.ts";

const MANY = 200;
const FEW = 8;
const PULSE_MS = 80;
const MEGABYTE = 1024 * 1024;

/** A process, and what is under way in it. */
class Town {
  readonly clock = new ManualClock();
  /** How busy the process is. */
  load = 0;
  readonly refusals: string[] = [];
  /** Requests in the order in which their work began. */
  readonly begun: string[] = [];
  readonly #underWay = new Map<string, () => void>();
  readonly turnstile = new Turnstile({
    clock: this.clock,
    load: () => this.load,
    onRefused: (reason) => void this.refusals.push(reason),
  });

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

  /** Clients that ask again as soon as they are answered. */
  fill(workspaceId: string): void {
    const askOn = (name: string): void => {
      void this.ask(workspaceId, name).then(() => askOn(`${name}'`));
    };
    for (let at = 0; at < MANY; at++) askOn(String(at));
  }

  /** What is under way for a workspace never ends: as good as gone. */
  leave(workspaceId: string): void {
    for (const name of this.#of(workspaceId)) this.#underWay.delete(name);
  }

  underWay(workspaceId: string): number {
    return this.#of(workspaceId).length;
  }

  /** How many of a workspace's requests begin in so long. */
  async passIn(ms: number, workspaceId: string): Promise<number> {
    const before = this.underWay(workspaceId);
    await this.clock.advance(ms);
    return this.underWay(workspaceId) - before;
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
    expect(town.turnstile.waiting).toBe(MANY - town.underWay("noisy"));
    expect(town.underWay("noisy")).toBeLessThanOrEqual(8);
    void town.ask("quiet", "second");
    expect(town.begun.at(-1)).toBe("quiet second");
  });

  test("is let in by pulses, between which whoever is quiet has the process to itself", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy");
    await town.clock.advance(PULSE_MS);
    const first = town.begun.length;
    await town.end("noisy");
    await town.clock.advance(PULSE_MS - 1);
    expect(town.begun.length, "however soon it is done with what it has").toBe(first);
    await town.clock.advance(1);
    expect(town.begun.length - first).toBeGreaterThan(1);
  });

  test("makes room when another one comes", async () => {
    const town = new Town();
    void town.flood("noisy");
    await town.clock.advance(1);
    void town.ask("quiet");
    void town.flood("noisy", {}, 20);
    expect(town.turnstile.waiting).toBeGreaterThan(0);
  });

  test("takes turns with others that do", async () => {
    const town = new Town();
    void town.ask("quiet");
    town.load = 0.2;
    for (const workspaceId of ["noisy", "loud"]) void town.flood(workspaceId);
    await town.clock.advance(PULSE_MS);
    const before = town.begun.length;
    await town.clock.advance(PULSE_MS);
    const owners = town.begun.slice(before).map((name) => name.split(" ")[0]);
    expect(owners.slice(0, 4)).toEqual(["noisy", "loud", "noisy", "loud"]);
    expect(owners).toHaveLength(FEW);
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

  test("has less of a pulse the busier the process is, but never less than anybody may bring freely", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, 4_000);
    town.load = 1;
    await town.clock.advance(20 * PULSE_MS);
    expect(await town.passIn(PULSE_MS, "noisy")).toBe(FEW);

    town.load = 0.1;
    await town.clock.advance(20 * PULSE_MS);
    const passed = await town.passIn(PULSE_MS, "noisy");
    expect(passed).toBeGreaterThan(2 * FEW);
    town.load = 1;
    await town.clock.advance(2 * PULSE_MS);
    expect(await town.passIn(PULSE_MS, "noisy")).toBeLessThan(passed);
  });

  test("is held back as soon as it fills the process, though it had more room than it needs", async () => {
    const town = new Town();
    void town.ask("quiet");
    town.load = 0.1;
    void town.flood("noisy", {}, 2_000);
    await town.clock.advance(100 * PULSE_MS);
    expect(town.turnstile.waiting).toBe(0);
    town.load = 1;
    for (let i = 0; i < 40; i++) {
      void town.ask("quiet", String(i));
      void town.flood("noisy", {}, 2 * FEW);
      await town.clock.advance(PULSE_MS);
      await town.end("quiet");
    }
    expect(town.turnstile.waiting).toBeGreaterThan(0);
  });

  test("is not held back when all the others bring as many", async () => {
    const town = new Town();
    for (const workspaceId of ["noisy", "loud"]) town.fill(workspaceId);
    expect(town.turnstile.waiting).toBeGreaterThan(0);
    town.load = 1;
    for (let i = 0; i < 200; i++) {
      await town.clock.advance(PULSE_MS);
      for (const workspaceId of ["noisy", "loud"]) await town.end(workspaceId);
    }
    expect(town.turnstile.waiting).toBe(0);
    expect([town.underWay("noisy"), town.underWay("loud")]).toEqual([MANY, MANY]);
  });

  test("makes no room for long for one that brought as many and has stopped", async () => {
    const town = new Town();
    town.fill("loud");
    town.leave("loud");
    await town.clock.advance(500);
    town.fill("noisy");
    expect(town.turnstile.waiting).toBeGreaterThan(0);
    town.load = 1;
    for (let i = 0; i < 200; i++) {
      await town.clock.advance(PULSE_MS);
      await town.end("noisy");
    }
    expect(town.turnstile.waiting).toBe(0);
    expect(town.underWay("noisy")).toBe(MANY);
  });

  test("is free again ten seconds after the last request of anybody else", async () => {
    const town = new Town();
    void town.ask("quiet");
    await town.clock.advance(9_900);
    void town.flood("noisy");
    expect(town.turnstile.waiting).toBeGreaterThan(0);
    await town.clock.advance(200);
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

describe("what waits for its turn", () => {
  test("is not done when the client hangs up, and the others move up", async () => {
    const town = new Town();
    void town.ask("quiet");
    void town.flood("noisy", {}, 8);
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
    void town.flood("noisy", {}, 5_008);
    await expect(town.ask("noisy")).rejects.toMatchObject({
      code: "too_many_requests",
      message: "5000 requests of this workspace wait for their turn, which is its share",
      retryAfterS: 1,
    });
    void town.flood("large", { bytes: MEGABYTE }, 8 + 64);
    await expect(town.ask("large")).rejects.toMatchObject({ code: "too_many_requests" });
    expect(town.refusals).toEqual(["workspace_share", "workspace_share"]);
    expect(town.turnstile.waiting).toBe(5_064);
  });

  test("is refused when all workspaces together have 256 MB waiting", async () => {
    const town = new Town();
    void town.ask("quiet");
    for (const name of ["a", "b", "c", "d"]) void town.flood(name, { bytes: MEGABYTE }, 8 + 64);
    void town.flood("e", { bytes: MEGABYTE }, 8);
    await expect(town.ask("e")).rejects.toMatchObject({ code: "unavailable", retryAfterS: 1 });
    expect(town.refusals).toEqual(["overload"]);
  });

  test("is refused after five seconds", async () => {
    const town = new Town();
    void town.ask("quiet");
    town.load = 1;
    const all = town.flood("noisy", {}, 2_000);
    await town.clock.advance(4_900);
    expect(town.refusals).toEqual([]);
    await town.clock.advance(150);
    const refused = (await Promise.allSettled(all.slice(-1)))[0];
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "too_many_requests" } });
    expect(town.refusals.length).toBe(2_000 - town.underWay("noisy"));
    expect(town.turnstile.waiting).toBe(0);
  });

  test("passes after a second, or where there is no room, when a provider brought it", async () => {
    const town = new Town();
    void town.ask("quiet");
    town.load = 1;
    void town.flood("noisy", { isOwed: true }, 5_008);
    const waiting = town.turnstile.waiting;
    expect(waiting).toBe(5_000);
    void town.ask("noisy", "one more", { isOwed: true });
    await town.clock.advance(0);
    expect(town.begun.at(-1)).toBe("noisy one more");
    await town.clock.advance(1_050);
    expect(town.turnstile.waiting).toBe(0);
    expect(town.refusals).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { CurlewError } from "../../core/errors.ts";
import { FairShare, type Share } from "./fair-share.ts";
import { HungUp } from "./turnstile.ts";

class Desk {
  /** In the order in which their work began. */
  readonly begun: string[] = [];
  readonly #underWay = new Map<string, () => void>();
  readonly #share = new FairShare({
    ...{ most: 3, mostOfOne: 2, mostWaiting: 100 },
    refuse: () => new CurlewError("too_many_requests", "Too much waits."),
  });

  ask(workspaceId: string, name: string, more: Partial<Share> = {}): Promise<string> {
    const whole = workspaceId + name;
    const asked = this.#share.pass({ workspaceId, ...more }, () => {
      this.begun.push(whole);
      return new Promise<string>((resolve) => this.#underWay.set(whole, () => resolve(whole)));
    });
    asked.catch(() => {});
    return asked;
  }

  flood(workspaceId: string, count: number): Promise<string>[] {
    return Array.from({ length: count }, (_, at) => this.ask(workspaceId, `${at}`));
  }

  async end(name: string): Promise<void> {
    this.#underWay.get(name)?.();
    await new Promise(setImmediate);
  }
}

describe("work that takes the database long", () => {
  test("of one workspace leaves room for the others", async () => {
    const desk = new Desk();
    void desk.flood("a", 50);
    void desk.ask("b", "0");
    await desk.end("");
    expect(desk.begun).toEqual(["a0", "a1", "b0"]);
  });

  test("is done in turns over workspaces, whoever has brought most of it", async () => {
    const desk = new Desk();
    void desk.flood("a", 50);
    for (const workspace of ["b", "c", "d"]) void desk.flood(workspace, 2);
    for (let at = 0; at < 10; at++) await desk.end(desk.begun[at] ?? "");
    expect(desk.begun.join(" ")).toBe("a0 a1 b0 a2 b1 c0 d0 a3 c1 d1 a4 a5");
  });

  test("is refused where too much of the workspace waits, and only there", async () => {
    const desk = new Desk();
    const asked = desk.flood("a", 103);
    await expect(asked[102]).rejects.toThrow("Too much waits.");
    const heavy = desk.ask("b", "0", { weight: 101 });
    await desk.end("a0");
    expect(desk.begun).toContain("b0");
    await desk.end("b0");
    expect(await heavy).toBe("b0");
  });

  test("is not done for who has hung up", async () => {
    const desk = new Desk();
    void desk.flood("a", 2);
    let gone = (): void => {};
    const asked = desk.ask("a", "gone", {
      whenGone: (listener) => {
        gone = listener;
        return () => {};
      },
    });
    const last = desk.ask("a", "last");
    gone();
    await expect(asked).rejects.toBeInstanceOf(HungUp);
    await desk.end("a0");
    await desk.end("alast");
    expect(await last).toBe("alast");
    expect(desk.begun).toEqual(["a0", "a1", "alast"]);
  });

  test("that fails makes room like any other", async () => {
    const share = new FairShare({
      ...{ most: 1, mostOfOne: 1, mostWaiting: 1 },
      refuse: () => new CurlewError("too_many_requests", "no"),
    });
    const failing = share.pass({ workspaceId: "a" }, () =>
      Promise.reject(new Error("no such row")),
    );
    const next = share.pass({ workspaceId: "a" }, async () => "done");
    await expect(failing).rejects.toThrow("no such row");
    expect(await next).toBe("done");
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../src/delivery/engine.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const declareDead = ({ membership }: Engine) =>
  town.rows("update process set state = 'dead' where id = $1", [membership.current.id]);

describe("a process that registers anew", () => {
  /** Taken for dead while something waits for an endpoint that is paused then. */
  async function pausedUnheard(a: Engine): Promise<void> {
    const { url, serial } = await town.endpoint({ schedule: [5] });
    town.answers.set(url, () => refused(500));
    await recorder(a).accept(town.draft());
    await a.quiet();
    await declareDead(a);
    await town.change("update endpoint set state = 'paused' where serial = $1", [serial]);
    await town.clock.advance(5_000);
  }

  test("sends nothing to an endpoint that was paused while it counted for dead", async () => {
    const [a, b] = [await town.engine(), await town.engine()];
    await pausedUnheard(a);
    await b.directory.refresh();
    await b.appliedEverywhere(b.directory.version);
    await a.beatOnce();
    a.retries.doubt();
    expect(await a.retries.runOnce()).toBe(0);
    await a.quiet();
    expect(town.posts).toHaveLength(1);
  });

  test("counts for nothing before it has read what has changed", async () => {
    const a = await town.engine();
    const before = a.membership.current;
    await pausedUnheard(a);
    const { directory } = a;
    const refresh = directory.refresh.bind(directory);
    directory.refresh = () => Promise.reject(new Error("Connection terminated"));
    await expect(a.beatOnce()).rejects.toThrow("Connection terminated");
    expect(a.membership.isHeard).toBe(false);
    directory.refresh = refresh;
    await a.beatOnce();
    expect(a.membership.isHeard).toBe(true);
    expect(a.membership.current).not.toBe(before);
    a.retries.doubt();
    expect(await a.retries.runOnce()).toBe(0);
    expect(town.posts).toHaveLength(1);
  });
});

import { describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { type ReplayWish, replay } from "./replay.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

/** A server with these answers, each given once; what it was asked, and what was said. */
function stage(answers: readonly unknown[]) {
  const clock = new ManualClock(NOW);
  const asked: [string, unknown][] = [];
  const said: string[] = [];
  const left = [...answers];
  const stop = new AbortController();
  const deps = {
    async ask<Answer>(method: string, path: string, body?: unknown) {
      asked.push([`${method} ${path}`, body]);
      return left.shift() as Answer; // whatever the test has put there
    },
    clock,
    print: (text: string) => void said.push(text),
    complain: (text: string) => void said.push(`! ${text}`),
    signal: stop.signal,
  };
  const run = (wish: Partial<ReplayWish>) =>
    replay(
      {
        ...{
          deliveries: [],
          endpoint: null,
          since: null,
          until: null,
          types: [],
          states: ["dead"],
        },
        ...{ dryRun: false, detached: false, asJson: false, ...wish },
      },
      deps,
    );
  return { clock, asked, said, stop, run };
}

const started = (more = {}) => ({
  ...{ count: 3, is_exact: true, expunged: 0, job_id: "job_1", dry_run: false, ...more },
});
const job = (state: string, done: number, error: string | null = null) => ({
  ...{ id: "job_1", state, done, total: 3, error },
});

describe("replaying", () => {
  test("makes deliveries again by their ids, and says what came of each", async () => {
    const { asked, said, run } = stage([{ replay: "started" }, { replay: "under_way" }]);
    expect(await run({ deliveries: ["dlv_1", "dlv_2"] })).toBe(0);
    expect(asked.map(([route]) => route)).toEqual([
      "POST /deliveries/dlv_1/replay",
      "POST /deliveries/dlv_2/replay",
    ]);
    expect(said).toEqual(["dlv_1: is made again.", "dlv_2: is being tried at this moment."]);
  });

  test("makes dead letters again, and waits until they are on their way", async () => {
    const { clock, asked, said, run } = stage([started(), job("running", 1), job("done", 3)]);
    const ended = run({ endpoint: "ep_1", since: "2h", types: ["order.*"] });
    await clock.whenSleeping();
    await clock.advance(1_000);
    expect(await ended).toBe(0);
    expect(asked[0]).toEqual([
      "POST /dead-letters/replay",
      {
        ...{ endpoint_id: "ep_1", since: "2026-11-22T10:00:00.000Z", types: ["order.*"] },
        dry_run: false,
      },
    ]);
    expect(said).toEqual(["3 deliveries will be replayed: job_1", "Done: 3 deliveries."]);
  });

  test("makes what ended otherwise again, of one endpoint and since a time", async () => {
    const { asked, run } = stage([started(), job("done", 3)]);
    const since = "2026-11-01T00:00:00Z";
    expect(
      await run({ endpoint: "ep_1", since, until: "90s", states: ["delivered", "dead"] }),
    ).toBe(0);
    expect(asked[0]).toEqual([
      "POST /endpoints/ep_1/replay",
      { since, until: "2026-11-22T11:58:30.000Z", states: ["delivered", "dead"], dry_run: false },
    ]);
  });

  test("only counts when it is to, and says what cannot be replayed", async () => {
    const counted = started({ job_id: null, dry_run: true, is_exact: false, expunged: 1 });
    const { said, run } = stage([counted]);
    expect(await run({ dryRun: true })).toBe(0);
    expect(said).toEqual([
      "1 more cannot be replayed: its body is expunged.",
      "at least 3 deliveries would be replayed.",
    ]);
    const nothing = stage([started({ count: 0, job_id: null })]);
    expect(await nothing.run({})).toBe(0);
    expect(nothing.said).toEqual(["There is nothing to replay."]);
  });

  test("leaves the job to itself when it is not to wait, and when it is stopped", async () => {
    const detached = stage([started()]);
    expect(await detached.run({ detached: true })).toBe(0);
    expect(detached.said).toEqual(["3 deliveries will be replayed: job_1"]);
    const { clock, said, stop, run } = stage([started(), job("running", 1)]);
    const ended = run({});
    await clock.whenSleeping();
    stop.abort();
    expect(await ended).toBe(0);
    expect(said.at(-1)).toBe("! The replay goes on: job_1, 1 so far.");
  });

  test("ends with 1 when the job fails or is stopped", async () => {
    const failed = stage([started(), job("failed", 1, "no room")]);
    expect(await failed.run({})).toBe(1);
    expect(failed.said.at(-1)).toBe("! The replay failed after 1 delivery: no room");
    const stopped = stage([started(), job("stopped", 2)]);
    expect(await stopped.run({})).toBe(1);
    expect(stopped.said.at(-1)).toBe("! The replay was stopped after 2 deliveries.");
  });

  test("gives programs the server's last word alone", async () => {
    const { said, run } = stage([started({ expunged: 2 }), job("done", 3)]);
    await run({ asJson: true });
    const lines = said.filter((line) => !line.startsWith("!"));
    expect(lines.map((line) => JSON.parse(line))).toEqual([job("done", 3)]);
  });
});

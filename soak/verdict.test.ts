import { describe, expect, test } from "vitest";
import { trendOf, unexplained } from "./verdict.ts";
import type { Sample } from "./watch.ts";

const doubledAt = (first: number, attempts: [number, number] = [1, 1]) => ({
  ...{ endpoint: "good", id: "evt_1", first, again: first + 900, attempts },
});
const trouble = <What extends string>(what: What, from: number, until = from) => ({
  ...{ what, from, until },
});

describe("a doubled webhook", () => {
  test("is explained by a kill shortly after it was taken", () => {
    const kills = [trouble("a server is killed" as const, 60_000, 64_000)];
    expect(unexplained([doubledAt(58_000)], kills)).toEqual([]);
    expect(unexplained([doubledAt(50_000), doubledAt(61_000)], kills)).toHaveLength(2);
  });

  test("is explained by a server that stood still, until it has found out", () => {
    const stills = [trouble("a server stands still" as const, 60_000, 68_000)];
    expect(unexplained([doubledAt(59_000), doubledAt(69_000)], stills)).toEqual([]);
    expect(unexplained([doubledAt(80_000)], stills)).toHaveLength(1);
  });

  test("is explained by an attempt that follows a failure: its answer came too late", () => {
    expect(unexplained([doubledAt(60_000, [1, 2])], [])).toEqual([]);
    expect(unexplained([doubledAt(60_000, [2, 2])], [])).toHaveLength(1);
  });

  test("is not explained by a server that was replaced", () => {
    const replaced = [trouble("a server is replaced" as const, 60_000, 64_000)];
    expect(unexplained([doubledAt(60_100)], replaced)).toHaveLength(1);
  });
});

describe("a trend", () => {
  const steadyOf = ({ steady }: Sample) => steady;
  const hour = (at: (minute: number) => number): Sample[] =>
    Array.from({ length: 61 }, (_, minute) => ({
      ...{ minute, steady: at(minute), unlucky: null, database: null },
      ...{ disk: 0, log: 0, partitions: 0 },
    }));

  test("is flat where memory swings and does not rise", () => {
    expect(
      trendOf(
        hour((minute) => 150 + (minute % 7) * 10),
        steadyOf,
      )?.isFlat,
    ).toBe(true);
  });

  test("is not flat where memory rises all the time", () => {
    const trend = trendOf(
      hour((minute) => 100 + minute * 5),
      steadyOf,
    );
    expect(trend).toMatchObject({ isFlat: false });
  });

  test("is not told of a few minutes", () => {
    expect(trendOf(hour(() => 1).slice(0, 5), steadyOf)).toBeNull();
  });
});

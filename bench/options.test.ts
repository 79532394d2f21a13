import { describe, expect, test } from "vitest";
import { readOptions, Unusable } from "./options.ts";

const read = (...args: string[]) => readOptions(args, {});

describe("a run", () => {
  test("without flags measures everything on the embedded database, at fan-out 1 and 5", () => {
    const options = read();
    expect([...(options?.parts ?? [])]).toEqual([..."abcdefghi"]);
    expect(options).toMatchObject({ fanOuts: [1, 5], waiting: 1_000_000, embedded: true });
    expect(options).toMatchObject({ databaseUrl: null, json: null, profile: false });
  });

  test("takes what is flagged", () => {
    const options = read("--only", "a, c", "--seconds=0.5e1", "--fan-out", "3", "--minutes", "3");
    expect([...(options?.parts ?? [])]).toEqual(["a", "c"]);
    expect(options).toMatchObject({ seconds: 5, fanOuts: [3], readerSeconds: 180 });
  });

  test("that is quick keeps what is flagged beside it", () => {
    const options = read("--quick", "--pairs", "2");
    expect(options).toMatchObject({ pairs: 2, isQuick: true });
    expect(options?.seconds).toBeLessThan(read()?.seconds ?? 0);
  });

  test("measures on the database of the environment too, unless a flag names another", () => {
    const env = { DATABASE_URL: "postgresql://one/x" };
    expect(readOptions([], env)).toMatchObject({ databaseUrl: "postgresql://one/x" });
    const flags = ["--database", "postgres://two/y", "--no-embedded"];
    expect(readOptions(flags, env)).toMatchObject({
      databaseUrl: "postgres://two/y",
      embedded: false,
    });
  });

  test("that asks for help gets nothing else", () => {
    expect(read("--help", "--quick")).toBeNull();
  });
});

test.each<[string[], RegExp]>([
  [["--sconds", "3"], /--sconds/],
  [["fast"], /fast/],
  [["--seconds"], /--seconds/],
  [["--seconds", "0"], /--seconds takes a number from 1 to 120, not "0"/],
  [["--seconds", "soon"], /--seconds .* not "soon"/],
  [["--seconds", ""], /--seconds .* not ""/],
  [["--pairs", "1.5"], /--pairs takes a whole number, not "1.5"/],
  [["--fan-out", "1,,5"], /--fan-out takes a list/],
  [["--fan-out", "17"], /--fan-out takes a number from 1 to 16/],
  [["--only", "a,x"], /--only takes a, b, .*, not "x"/],
  [["--database", "mysql://x"], /--database .* postgresql:\/\//],
  [["--no-embedded"], /--no-embedded leaves no database/],
])("%j is answered in words", (args, words) => {
  expect(() => read(...args)).toThrow(Unusable);
  expect(() => read(...args)).toThrow(words);
});

test("several mistakes are told at once", () => {
  expect(() => read("--seconds", "0", "--only", "z")).toThrow(/--only[\s\S]*--seconds/);
});

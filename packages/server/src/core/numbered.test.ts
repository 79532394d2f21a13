import { describe, expect, it } from "vitest";
import { Numbered } from "./numbered.ts";

describe("Numbered", () => {
  it("gives each thing that is here a number of its own", () => {
    const here = new Numbered<string>();
    const [a, b] = [here.add("a"), here.add("b")];
    expect(a).not.toBe(b);
    expect([here.take(b), here.take(a), here.size]).toEqual(["b", "a", 0]);
  });

  it("gives nothing for a number twice, nor for one that nobody has", () => {
    const here = new Numbered<string>();
    const number = here.add("a");
    expect([here.take(number), here.take(number), here.take(7)]).toEqual([
      "a",
      undefined,
      undefined,
    ]);
    expect(here.size).toBe(0);
  });

  it("uses a number again, so that it grows no larger than the most that were here at a time", () => {
    const here = new Numbered<number>();
    const numbers = new Set<number>();
    for (let round = 0; round < 1_000; round++) {
      const pair = [here.add(round), here.add(-round)];
      for (const number of pair) {
        numbers.add(number);
        here.take(number);
      }
    }
    expect(numbers.size).toBe(2);
  });

  it("shows what is here, and what is not no more", () => {
    const here = new Numbered<string>();
    const number = here.add("a");
    const other = here.add("b");
    here.take(number);
    expect([...here.entries()]).toEqual([[other, "b"]]);
  });
});

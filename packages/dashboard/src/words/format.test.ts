import { expect, test } from "vitest";
import { counted, initialsOf, shortNumber } from "./format.ts";

test("a number that has four characters of room is never told by less than it is", () => {
  expect([999, 1_500, 9_960, 99_600, 149_000, 999_499, 999_500].map(shortNumber)).toEqual([
    ...["999", "1.5k", "10k", "100k", "149k", "999k", "1.0M"],
  ]);
});

test("initials are whole characters, of whatever alphabet", () => {
  expect(["Mira Kask", "𝓐𝓲𝓷𝓸 𝓛.", "مريم علي"].map(initialsOf)).toEqual(["MK", "𝓐𝓛", "مع"]);
});

test("what is counted is one, or several", () => {
  expect(["1", "0", "1,126"].map((count) => counted(count, "waits", "wait"))).toEqual([
    ...["1 waits", "0 wait", "1,126 wait"],
  ]);
});

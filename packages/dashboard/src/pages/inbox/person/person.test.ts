import { expect, test } from "vitest";
import { discOf } from "./person.ts";

test("the disc of a person has whole characters: letters of a name, the end of a number, else an emoji", () => {
  const names = ["Aino Lehtonen", "𝓐𝓲𝓷𝓸", "+358 40 123 4567", "🌸", "محمد عبد الله", ""];
  expect(names.map(discOf)).toEqual(["AL", "𝓐", "67", "🌸", "ما", ""]);
});

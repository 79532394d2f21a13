import { expect, test } from "vitest";
import { stateInWords } from "./state.ts";

test.each([
  [200, "The server is ready."],
  [503, "The server is not ready (503)."],
  [null, "The server does not answer."],
])("the first page reads %s as %j", (status, words) => {
  expect(stateInWords(status)).toBe(words);
});

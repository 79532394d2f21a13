import { expect, test } from "vitest";
import { completeOptions, type OptionRule, optionProblem } from "./options.ts";

const rules: readonly OptionRule[] = [
  { name: "loud", description: "", kind: "flag", initial: false },
  { name: "lines", description: "", kind: "count", initial: 0, most: 20 },
  { name: "form", description: "", kind: "choice", initial: "hex", choices: ["hex", "base64"] },
];

test("what an endpoint leaves open is as the dialect begins", () => {
  expect(completeOptions(rules, {})).toEqual({ loud: false, lines: 0, form: "hex" });
  expect(completeOptions(rules, { lines: 20 })).toEqual({ loud: false, lines: 20, form: "hex" });
});

test("an option that the dialect has no more is left out, one that cannot be is as it began", () => {
  expect(completeOptions(rules, { gone: 1, lines: 21 })).toEqual({
    loud: false,
    lines: 0,
    form: "hex",
  });
});

test.each([
  [{ loud: true, lines: 20, form: "base64" }, null],
  [{ loud: "yes" }, { name: "loud", detail: "is true or false" }],
  [{ lines: 21 }, { name: "lines", detail: "is a whole number from 0 to 20" }],
  [{ lines: 1.5 }, { name: "lines", detail: "is a whole number from 0 to 20" }],
  [{ form: "HEX" }, { name: "form", detail: "is one of hex, base64" }],
  [
    { quiet: true },
    { name: "quiet", detail: "is no option of the dialect, which has loud, lines, form" },
  ],
])("of %j it is said: %j", (given, problem) => {
  expect(optionProblem(rules, given)).toEqual(problem);
});

test("a dialect without options says so", () => {
  expect(optionProblem([], { loud: true })?.detail).toContain("has none");
});

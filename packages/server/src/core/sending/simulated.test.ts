import { expect, test } from "vitest";
import { isSimulatedAuthorization, SIMULATED_TOKEN } from "./simulated.ts";

const basic = (text: string) => `Basic ${btoa(text)}`;

test.each([
  [`Bearer ${SIMULATED_TOKEN}abc`, true],
  [`bearer ${SIMULATED_TOKEN}abc`, true],
  [basic(`AC1:${SIMULATED_TOKEN}abc`), true],
  ["Bearer EAAG-simulated_abc", false],
  [basic(`${SIMULATED_TOKEN}:abc`), false],
  [basic("AC1:token"), false],
  ["Basic ***", false],
  ["", false],
  [undefined, false],
])("that %s is of a simulated channel is %s", (authorization, expected) => {
  expect(isSimulatedAuthorization(authorization)).toBe(expected);
});

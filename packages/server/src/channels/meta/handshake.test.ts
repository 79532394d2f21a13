import { describe, expect, test } from "vitest";
import { Secret } from "../../core/secret.ts";
import { answerHandshake } from "./handshake.ts";

const right = { mode: "subscribe", token: "meatyhamhock", challenge: "1158201444" };

describe("Meta's verification handshake", () => {
  test("the right token is answered with the challenge", () => {
    expect(answerHandshake(right, new Secret("meatyhamhock"))).toBe("1158201444");
  });

  test.each([
    ["a wrong token", { token: "meatyhamhocks" }],
    ["no token", { token: undefined }],
    ["an empty token", { token: "" }],
    ["another mode", { mode: "unsubscribe" }],
    ["no mode", { mode: undefined }],
    ["no challenge", { challenge: undefined }],
    ["an empty challenge", { challenge: "" }],
    ["a challenge that is a script", { challenge: "<script>1</script>" }],
    ["a challenge with digits that are not ASCII", { challenge: "١٢٣" }],
    ["a challenge of two lines", { challenge: "1\n2" }],
    ["an endless challenge", { challenge: "1".repeat(65) }],
  ])("%s is refused", (_, change) => {
    expect(answerHandshake({ ...right, ...change }, new Secret("meatyhamhock"))).toBeNull();
  });

  test("without a token of our own everything is refused", () => {
    expect(answerHandshake({ ...right, token: "" }, null)).toBeNull();
  });
});

import { describe, expect, test } from "vitest";
import type { RefusalClass } from "../../core/sending/send-outcome.ts";
import { sendErrorOf, verdictOn } from "./errors.ts";

const CLASSES: Record<RefusalClass, readonly number[]> = {
  retry: [1, 2, 4, 613, 80007, 130429, 131000, 131016, 131056, 131057, 133004],
  slow: [131048, 131049, 130472, 368],
  pause_channel: [0, 3, 10, 190, 200, 230, 299, 131005, 131031, 131037, 131042, 131045, 133010],
  window: [131047, 131050],
  recipient: [131021, 131026, 131030, 130497, 131062],
  request: [
    33, 100, 131008, 131009, 131051, 131052, 131053, 132000, 132001, 132005, 132007, 132012, 132015,
    132016, 132068, 132069, 135000,
  ],
};
const cases = Object.entries(CLASSES).flatMap(([kind, codes]) =>
  codes.map((code) => [code, kind] as const),
);

describe("Meta's error codes", () => {
  test.each(cases)("%i is of the class %s and says what helps", (code, kind) => {
    expect(verdictOn(code)).toMatchObject({ class: kind, advice: expect.stringMatching(/\.$/) });
  });

  test.each([5, 199, 300, 131999, -1])("%i is not known", (code) => {
    expect(verdictOn(code)).toBeNull();
  });

  test.each([
    [1, "once"],
    [131056, "pair"],
    [130429, "backoff"],
  ] as const)("after %i one comes back at the pace %s", (code, pace) => {
    expect(verdictOn(code)).toMatchObject({ pace });
  });

  test.each([
    [130429, true],
    [80007, true],
    [4, true],
    [131056, false],
    [131016, false],
  ])("%i is a limit of the whole number: %s", (code, restsChannel) => {
    expect(verdictOn(code)).toMatchObject({ restsChannel });
  });

  test("only spam and policy limits end by themselves", () => {
    expect(verdictOn(131048)?.pauseMs).toBe(3_600_000);
    expect(verdictOn(368)?.pauseMs).toBe(3_600_000);
    expect(verdictOn(190)?.pauseMs).toBeNull();
  });
});

describe("an error of Meta's, told to a client", () => {
  test("carries the provider's code and details verbatim, our word and what helps", () => {
    expect(
      sendErrorOf({
        code: 132012,
        title: null,
        message: "(#132012) Parameter format does not match",
        details: "body: parameter 1 is a number",
      }),
    ).toEqual({
      code: "template_invalid",
      provider_code: "132012",
      message: "(#132012) Parameter format does not match",
      details: "body: parameter 1 is a number",
      retryable: false,
      advice: "Mend the template or its parameters as `details` says, then send it again.",
    });
  });

  test("is said to be worth repeating where the provider's code says so", () => {
    const of = (code: number) => sendErrorOf({ code, title: null, message: "m", details: null });
    expect(of(131016).retryable).toBe(true);
    expect(of(131049).retryable).toBe(true);
    expect(of(131026).retryable).toBe(false);
    expect(of(190).retryable).toBe(false);
  });

  test("has a name even when the code is unknown or absent", () => {
    expect(sendErrorOf({ code: 7, title: "Seven", message: null, details: null })).toMatchObject({
      code: "provider_refused",
      provider_code: "7",
      message: "Seven",
      retryable: false,
      advice: null,
    });
    expect(sendErrorOf({ code: null, title: null, message: null, details: null })).toMatchObject({
      provider_code: null,
      message: "The provider gave no reason.",
    });
  });
});

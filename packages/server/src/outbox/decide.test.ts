import { describe, expect, test } from "vitest";
import type { SendError, SendOutcome } from "../core/sending/send-outcome.ts";
import { type Circumstances, type Decision, decide } from "./decide.ts";

const NOW = 1_000_000;
const fresh: Circumstances = {
  now: NOW,
  history: { failures: 0, windowRetried: false },
  isWindowOpen: true,
  spread: 0,
};
const error: SendError = {
  code: "rate_limited",
  provider_code: "130429",
  message: "m",
  details: null,
  retryable: true,
  advice: null,
};
const windowClosed: SendOutcome = {
  kind: "refused",
  class: "window",
  error: { ...error, code: "window_closed", provider_code: "131047", retryable: false },
};

/** The waits in seconds until the message is given up. */
function waitsOf(outcome: SendOutcome): number[] {
  const waits: number[] = [];
  let { history } = fresh;
  for (;;) {
    const decision: Decision = decide(outcome, { ...fresh, history });
    if (decision.kind !== "again") return waits;
    waits.push((decision.at - NOW) / 1000);
    ({ history } = decision);
  }
}

describe("after an attempt", () => {
  test("an accepted message is sent", () => {
    const recipient = { kind: "wa_id", value: "1650" } as const;
    expect(decide({ kind: "accepted", providerId: "wamid.A", recipient }, fresh)).toEqual({
      kind: "sent",
      providerId: "wamid.A",
    });
  });

  test("a refused message has failed", () => {
    expect(decide({ kind: "refused", class: "recipient", error }, fresh)).toEqual({
      kind: "failed",
      error,
    });
  });

  test("a message in doubt waits fifteen minutes for the provider's word", () => {
    expect(decide({ kind: "in_doubt", reason: "timeout" }, fresh)).toEqual({
      kind: "doubt",
      until: NOW + 900_000,
      reason: "timeout",
    });
  });

  test("what may pass is tried again at growing distances, then given up", () => {
    const outcome = { kind: "retryable", error, pace: "backoff", restsChannel: false } as const;
    expect(waitsOf(outcome)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  test("the limit between two numbers is waited for in powers of four", () => {
    const outcome = { kind: "retryable", error, pace: "pair", restsChannel: false } as const;
    expect(waitsOf(outcome)).toEqual([1, 4, 16, 64, 256, 1024]);
  });

  test("what is worth one more try gets one", () => {
    const outcome = { kind: "retryable", error, pace: "once", restsChannel: false } as const;
    expect(waitsOf(outcome)).toEqual([1]);
  });

  test("what was given up says why", () => {
    const spent = { ...fresh, history: { failures: 12, windowRetried: false } };
    expect(decide({ kind: "not_sent", reason: "connect: refused" }, spent)).toEqual({
      kind: "failed",
      error: expect.objectContaining({
        code: "provider_unreachable",
        provider_code: null,
        details: "connect: refused",
        retryable: true,
      }),
    });
  });

  test("waits are spread by at most a fifth", () => {
    const outcome: SendOutcome = { kind: "not_sent", reason: "dns" };
    expect(decide(outcome, { ...fresh, spread: 0.999_999 })).toMatchObject({ at: NOW + 1_200 });
  });

  test("a paused channel costs a message none of its tries", () => {
    expect(decide({ kind: "pause_channel", error, forMs: null }, fresh)).toEqual({
      kind: "again",
      at: NOW,
      history: fresh.history,
      error,
    });
  });
});

describe("a provider whose window is closed", () => {
  test("although it is open by our record is asked once more", () => {
    const first = decide(windowClosed, fresh);
    expect(first).toMatchObject({ kind: "again", at: NOW + 30_000 });
    const history = { failures: 0, windowRetried: true };
    expect(decide(windowClosed, { ...fresh, history })).toMatchObject({ kind: "failed" });
  });

  test("as it is by our record is believed", () => {
    expect(decide(windowClosed, { ...fresh, isWindowOpen: false })).toMatchObject({
      kind: "failed",
      error: { code: "window_closed" },
    });
  });
});

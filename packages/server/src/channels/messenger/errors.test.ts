import { describe, expect, test } from "vitest";
import type { ProviderAnswer } from "../../core/outside/provider-http.ts";
import { outcomeOf } from "../meta/graph-send.ts";
import { dialectOf } from "../meta/messages.ts";
import { sendErrorOf, verdictOn } from "./errors.ts";

const MESSAGE = dialectOf("psid", "message", verdictOn);

function refused(code: number, error_subcode?: number, status = 400): ProviderAnswer {
  const error = { message: `(#${code}) No`, type: "OAuthException", code, error_subcode };
  return { kind: "response", status, headers: {}, body: JSON.stringify({ error }) };
}

describe("what Messenger and Instagram say no with", () => {
  test.each([
    [1200, undefined, false],
    [2, undefined, false],
    [613, undefined, true],
    [4, undefined, true],
    [4, 2018022, false],
  ])("%i/%s is asked again; the whole channel rests: %s", (code, subcode, restsChannel) => {
    expect(outcomeOf(refused(code, subcode), MESSAGE)).toMatchObject({
      kind: "retryable",
      restsChannel,
      error: { code: expect.stringMatching(/rate_limited|provider_unavailable/), retryable: true },
    });
  });

  test.each([
    [190, 463, "channel_unauthorized", null],
    [10, undefined, "channel_forbidden", null],
    [230, undefined, "channel_forbidden", null],
    [368, undefined, "policy_blocked", 3_600_000],
  ])("%i/%s pauses the channel: %s", (code, subcode, word, forMs) => {
    expect(outcomeOf(refused(code, subcode), MESSAGE)).toMatchObject({
      kind: "pause_channel",
      forMs,
      error: { code: word },
    });
  });

  test.each([
    [10, 2018278, "window", "window_closed"],
    [10, 2534022, "window", "window_closed"],
    [551, undefined, "recipient", "recipient_unreachable"],
    [10, 2018108, "recipient", "recipient_unreachable"],
    [100, 2018001, "recipient", "recipient_unreachable"],
    [200, 1545041, "recipient", "recipient_unreachable"],
    [100, 2018109, "request", "media_invalid"],
    [100, undefined, "request", "invalid_message"],
    [10903, undefined, "request", "comment_not_answerable"],
    [987654, undefined, "request", "provider_refused"],
  ])("%i/%s refuses this message alone (%s): %s", (code, subcode, kind, word) => {
    expect(outcomeOf(refused(code, subcode), MESSAGE)).toMatchObject({
      kind: "refused",
      class: kind,
      error: {
        code: word,
        provider_code: subcode === undefined ? String(code) : `${code}/${subcode}`,
        message: `(#${code}) No`,
      },
    });
  });

  test("a code that nobody knows is no licence to repeat a 500", () => {
    expect(outcomeOf(refused(987654, undefined, 500), MESSAGE)).toMatchObject({ kind: "in_doubt" });
  });

  test("an answer without an id leaves the message in doubt", () => {
    const body = JSON.stringify({ recipient_id: "1" });
    expect(outcomeOf({ kind: "response", status: 200, headers: {}, body }, MESSAGE)).toMatchObject({
      kind: "in_doubt",
    });
  });

  test("a later status speaks the same words", () => {
    const late = { code: 551, title: null, message: "gone", details: null };
    expect(sendErrorOf(late)).toMatchObject({ code: "recipient_unreachable", message: "gone" });
    expect(sendErrorOf({ ...late, code: null })).toMatchObject({ code: "provider_refused" });
  });
});

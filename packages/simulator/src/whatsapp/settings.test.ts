import { describe, expect, test } from "vitest";
import { changeSettings, DEFAULT_SETTINGS, statusSteps } from "./settings.ts";

function steps(input: unknown): string[] {
  const { statuses } = changeSettings(DEFAULT_SETTINGS, { statuses: input });
  return statusSteps(statuses).map(({ status, code }) => (code ? `${status}:${code}` : status));
}

describe("the status script", () => {
  test.each([
    ["off", []],
    ["sent", ["sent"]],
    ["sent,delivered", ["sent", "delivered"]],
    ["sent, delivered, read", ["sent", "delivered", "read"]],
    ["failed:131026", ["failed:131026"]],
    ["sent,failed:131049", ["sent", "failed:131049"]],
    [{ steps: "sent,delivered,read", skip_delivered: true }, ["sent", "read"]],
    [{ steps: "sent,read", duplicate: true }, ["sent", "sent", "read", "read"]],
    [{ steps: "sent,delivered,read", reverse: true }, ["read", "delivered", "sent"]],
  ])("%j sends %j", (input, expected) => {
    expect(steps(input)).toEqual(expected);
  });

  test.each(["sent;delivered", "sent:131026", "failed:x", "seen"])(
    "%s is refused in words",
    (script) => {
      expect(() => steps(script)).toThrow(/is not a step.*sent,delivered,read/s);
    },
  );
});

describe("settings", () => {
  test("change only what is named", () => {
    const changed = changeSettings(DEFAULT_SETTINGS, { window: "sync", pair_every_ms: 0 });
    expect(changed).toEqual({ ...DEFAULT_SETTINGS, window: "sync", pair_every_ms: 0 });
  });

  test.each([
    [{ windows: "sync" }, /no field "windows".*window/],
    [{ window: "maybe" }, /"window" must be one of async, sync, off/],
    [{ pair_every_ms: -1 }, /"pair_every_ms" must be a whole number/],
    [{ statuses: { step: "sent" } }, /settings.statuses: there is no field "step"/],
    ["sync", /give a JSON object/],
  ])("%j is refused in words", (input, words) => {
    expect(() => changeSettings(DEFAULT_SETTINGS, input)).toThrow(words);
  });
});

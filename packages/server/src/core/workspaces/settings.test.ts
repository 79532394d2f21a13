import { describe, expect, test } from "vitest";
import {
  answersItself,
  changed,
  contradictsPurge,
  purges,
  settle,
  settleRows,
} from "./settings.ts";

describe("settings", () => {
  test("have a value when nobody says anything", () => {
    expect(settle()).toEqual({
      ai_enabled: true,
      external_reply_mode: false,
      inbound_body_purge: false,
    });
  });

  test("of a channel override its account's, which override the workspace's", () => {
    expect(
      settle({ ai_enabled: false, external_reply_mode: true }, { ai_enabled: true }, {}),
    ).toMatchObject({ ai_enabled: true, external_reply_mode: true });
  });

  test("keep what a change leaves out, and go back to the level above by null", () => {
    expect(changed({ ai_enabled: false, external_reply_mode: true }, { ai_enabled: null })).toEqual(
      {
        external_reply_mode: true,
      },
    );
    expect(changed({}, { ai_enabled: undefined, external_reply_mode: false })).toEqual({
      external_reply_mode: false,
    });
  });

  test.each([
    [{}, true],
    [{ ai_enabled: false }, false],
    [{ external_reply_mode: true }, false],
    [{ ai_enabled: false, external_reply_mode: true }, false],
  ])("%j: Curlew answers by itself: %s", (own, answers) => {
    expect(answersItself(settle(own))).toBe(answers);
    expect(contradictsPurge(settle(own, { inbound_body_purge: true }))).toBe(answers);
    expect(contradictsPurge(settle(own))).toBe(false);
  });

  test("destroy bodies on sms and whatsapp alone", () => {
    const settings = settleRows('{"inbound_body_purge":true}', null, "{}");
    const kinds = ["sms", "whatsapp", "messenger", "instagram"] as const;
    expect(kinds.filter((kind) => purges(kind, settings))).toEqual(["sms", "whatsapp"]);
    expect(kinds.filter((kind) => purges(kind, settle()))).toEqual([]);
  });
});

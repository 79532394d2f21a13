import { describe, expect, test } from "vitest";
import { dialectNames, getDialect } from "./registry.ts";
import { plainSpeech } from "./speech.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

describe("a dialect retries, waits and begins as it is published", () => {
  test.each([
    ["chatgenius", [30, MINUTE_S, 5 * MINUTE_S, 15 * MINUTE_S, HOUR_S, 4 * HOUR_S], 15, 10],
    ["chatmefy", [MINUTE_S, 5 * MINUTE_S, 30 * MINUTE_S], 30, 10],
    ["dmtolead", [1, 5, 30, 5 * MINUTE_S, 30 * MINUTE_S], 30, 10],
    ["genesy", [30, 5 * MINUTE_S, 50 * MINUTE_S], 15, 5],
  ])("%s", (name, schedule, timeoutS, slowS) => {
    const { slowMs, timeoutMs, ...dialect } = getDialect(name);
    expect(dialect.schedule).toEqual(schedule);
    expect([timeoutMs, slowMs]).toEqual([timeoutS * 1000, slowS * 1000]);
    // An answer other than 2xx is retried as published, whatever it asks for.
    expect(dialect).toMatchObject({ jitter: false, honoursControl: false });
    expect([199, 200, 204, 299, 300, 410].map(dialect.isDelivered)).toEqual([
      ...[false, true, true, true, false, false],
    ]);
  });

  test("an endpoint of the native one and of Genesy is enabled at once, of DMtoLead when it is verified", () => {
    const states = dialectNames.map((name) => [name, getDialect(name).initialState]);
    expect(Object.fromEntries(states)).toEqual({
      curlew: "enabled",
      chatgenius: "disabled",
      chatmefy: "disabled",
      dmtolead: "pending",
      genesy: "enabled",
    });
  });

  test("only the native one puts several signatures into its header", () => {
    expect(dialectNames.filter((name) => getDialect(name).multipleSignatures)).toEqual(["curlew"]);
  });
});

describe("a secret", () => {
  test.each(dialectNames)("that %s makes is one that it takes", (name) => {
    const { secret } = getDialect(name);
    expect(secret.problem(secret.make(new Uint8Array(32).fill(7)))).toBeNull();
  });

  test("is made for every endpoint but Genesy's, whose clients bring theirs or have none", () => {
    expect(dialectNames.filter((name) => !getDialect(name).secret.isMade)).toEqual(["genesy"]);
  });

  test.each([
    ["too short", "seven77"],
    ["too long", "x".repeat(257)],
    ["no header's value", "eight ch"],
    ["no ASCII", "größeres"],
  ])("that is %s is refused in words", (_, secret) => {
    for (const name of ["chatgenius", "chatmefy", "dmtolead", "genesy"]) {
      expect(getDialect(name).secret.problem(secret)).toMatch(/^a secret/);
    }
  });
});

describe("DMtoLead's handshake", () => {
  const { handshake } = getDialect("dmtolead");
  if (!handshake) throw new Error("DMtoLead has a handshake");
  const { options } = plainSpeech(getDialect("dmtolead"));
  const answer = { status: 200, contentType: "application/json", body: '{"verifyToken":"t0k"}' };

  test("sends the token, and has ten seconds", () => {
    expect(handshake.body("t0k", Date.parse("2026-05-13T19:24:00Z"))).toBe(
      '{"event":"webhook.verify","verifyToken":"t0k","timestamp":"2026-05-13T19:24:00.000Z"}',
    );
    expect(handshake.deadlineMs).toBe(10_000);
  });

  test.each([
    [{}, true],
    [{ status: 204 }, true],
    [{ contentType: "Application/JSON; charset=utf-8" }, true],
    [{ body: ' {"ok":true, "verifyToken":"t0k"} ' }, true],
    [{ status: 301 }, false],
    [{ status: 500 }, false],
    [{ contentType: null }, false],
    [{ contentType: "text/plain" }, false],
    [{ contentType: "application/jsonp" }, false],
    [{ body: '{"verifyToken":"T0K"}' }, false],
    [{ body: '{"verifyToken":null}' }, false],
    [{ body: '"t0k"' }, false],
    [{ body: "t0k" }, false],
    [{ body: "" }, false],
  ])("is answered by %j: %s", (more, isEchoed) => {
    expect(handshake.isEchoed({ ...answer, ...more }, "t0k", options)).toBe(isEchoed);
  });

  test("takes 200 alone where the endpoint says so", () => {
    const strict = { ...options, strict_200: true };
    expect(handshake.isEchoed(answer, "t0k", strict)).toBe(true);
    expect(handshake.isEchoed({ ...answer, status: 201 }, "t0k", strict)).toBe(false);
  });
});

test("Genesy's timestamps differ within a millisecond as the events' ids do", () => {
  const genesy = getDialect("genesy");
  const stampOf = (id: string) => {
    const native = JSON.stringify({
      id,
      type: "outreach.replied",
      occurred_at: "2026-11-21T10:00:00.123Z",
    });
    return JSON.parse(genesy.render({ native, history: null }, plainSpeech(genesy), 1)).timestamp;
  };
  const stamps = ["evt_01kajx6r3vfgrsmktvw70dw093", "evt_01kajx6r3vfgrsmktvw70dw094"].map(stampOf);
  for (const stamp of stamps) expect(stamp).toMatch(/^2026-11-21T10:00:00\.123\d{3}Z$/);
  expect(new Set(stamps).size).toBe(2);
  expect(stampOf("evt_01kajx6r3vfgrsmktvw70dw093"), "the same in every retry").toBe(stamps[0]);
});

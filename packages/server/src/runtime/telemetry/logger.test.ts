import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secret } from "../../core/secret.ts";
import { createLogger, type LoggerOptions } from "./logger.ts";

const CANARY = "c4n4ry";

function bench(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLogger({ level: "debug", destination, ...options }) };
}

/** The fields of the one line that was logged. */
function logged(fields: object): Record<string, unknown> {
  const { lines, log } = bench();
  log.info(fields, "done");
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

describe("a log line", () => {
  test("is JSON with time, level, message and fields", () => {
    expect(logged({ deliveryId: "dlv_1", attempts: 2, ok: true, next: null })).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: "done",
      deliveryId: "dlv_1",
      attempts: 2,
      ok: true,
      next: null,
    });
  });

  test.each([
    { authorization: `Bearer ${CANARY}` },
    { headers: { Authorization: CANARY, "x-api-key": CANARY, "X-Hub-Signature-256": CANARY } },
    { headers: { cookie: CANARY, "Set-Cookie": [CANARY] } },
    { secret: CANARY, signing_secret: CANARY, appSecret: { value: CANARY }, secrets: [CANARY] },
    { accessToken: CANARY, access_token: CANARY, verifyToken: CANARY, password: CANARY },
    { credentials: { anything: CANARY }, api_key: CANARY, masterKey: Buffer.from(CANARY) },
    { body: CANARY, rawBody: Buffer.from(CANARY), request_body: { a: CANARY }, payload: CANARY },
    { message: { id: "msg_1", text: CANARY, content: { kind: "text", caption: CANARY } } },
    { to_phone: `+49170${CANARY}`, phone: CANARY, displayPhoneNumber: CANARY, wa_id: CANARY },
    { deep: [{ deeper: [{ deepest: { token: CANARY } }] }] },
    { url: `https://graph.facebook.com/v26.0/me?access_token=${CANARY}#${CANARY}` },
    { target: new URL(`https://user:${CANARY}@example.com/?key=${CANARY}`) },
    { databaseUrl: `postgresql://curlew:${CANARY}@db/curlew` },
    { err: new Error(`refused: Bearer ${CANARY}`) },
    { err: new Error("outer", { cause: Object.assign(new Error("pg"), { detail: CANARY }) }) },
    { err: new AggregateError([Object.assign(new Error("x"), { where: CANARY })], "many") },
    { sealed: new Secret(CANARY) },
    { bytes: Buffer.from(CANARY) },
    { note: `signed with whsec_${CANARY}AAAA=` },
  ])("hides what is secret in %o", (fields) => {
    const { lines, log } = bench();
    expect(inspect(fields, { depth: 9 }) + JSON.stringify(fields)).not.toBe("");
    log.error(fields, "failed");
    log.child(fields).warn({}, "in a child");
    log.child({ request: fields }).warn({ again: fields }, "in a child");
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toContain(CANARY);
    expect(lines.join("")).not.toContain(Buffer.from(CANARY).toString("base64"));
    expect(lines.join(""), "nor as a list of bytes").not.toContain(Buffer.from(CANARY).join(","));
  });

  test("hides phone numbers, in fields, texts and the message itself", () => {
    const { lines, log } = bench();
    log.info(
      { from: "491701234567", to: 491701234567, note: "to +491701234567", phone: 491701234567 },
      "sent to +491701234567",
    );
    expect(lines.join("")).not.toContain("1701234567");
    expect(lines.join("")).toContain("sent to [hidden]");
  });

  test("keeps what an operator needs", () => {
    const error = Object.assign(new Error("duplicate key"), { code: "23505", constraint: "c_pk" });
    expect(
      logged({
        err: error,
        url: "https://example.com/hook?x=1",
        from: "open",
        to: "closed",
        hasSecret: true,
        bodyBytes: 12,
        contentType: "text/plain",
        at: new Date(0),
        big: 12n,
      }),
    ).toMatchObject({
      err: { type: "Error", message: "duplicate key", code: "23505", constraint: "c_pk" },
      url: "https://example.com/hook?[hidden]",
      from: "open",
      to: "closed",
      hasSecret: true,
      bodyBytes: 12,
      contentType: "text/plain",
      at: "1970-01-01T00:00:00.000Z",
      big: "12",
    });
  });

  test("of something that holds itself comes to an end", () => {
    const loop: Record<string, unknown> = { name: "loop" };
    loop["self"] = loop;
    expect(JSON.stringify(logged({ loop }))).toContain("[too deep]");
  });

  test("below the level is not written", () => {
    const { lines, log } = bench({ level: "warn" });
    log.info({}, "no");
    log.child({ a: 1 }).debug({}, "no");
    log.warn({}, "yes");
    expect(lines).toHaveLength(1);
  });
});

test("lines for people show time, level, message, fields and where an error came from", () => {
  const { lines, log } = bench({ pretty: true });
  log.child({ room: "delivery" }).error({ err: new Error("lost"), text: CANARY }, "it failed");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ERROR it failed room=delivery err=\{/);
  expect(lines[0]).toMatch(/text=\[hidden\]\nError: lost\n {4}at /);
  log.info({ name: "two words", n: 1 }, "fine");
  expect(lines[1]).toMatch(/^\S+ info {2}fine name="two words" n=1\n$/);
});

test("lines for people hold nothing that a terminal would take for a command", () => {
  const { lines, log } = bench({ pretty: true });
  const command = "\u001b]0;owned\u0007\u009b2J\u007f";
  log.warn({ name: command, err: new Error(`not ${command}`) }, "odd");
  expect(lines.join("")).not.toMatch(/[^\P{Cc}\n]/u);
  expect(lines[0]).toContain("\\u001b]0;owned\\u0007");
});

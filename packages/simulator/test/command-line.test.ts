import { describe, expect, test } from "vitest";
import { type CliHost, runCli } from "../src/command-line.ts";
import { isObject, parseJson } from "../src/json.ts";
import { PERSON, SMS_NUMBER, sendSms, startFormReceiver } from "./support/sms-stage.ts";
import {
  graph,
  itemsOf,
  NUMBER,
  play,
  send,
  startReceiver,
  textTo,
  USER,
} from "./support/stage.ts";

async function run(args: readonly string[], host: Partial<CliHost> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    readFile: () => Promise.reject(new Error("no such file")),
    untilInterrupted: () => Promise.resolve(),
    ...host,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

async function stage() {
  const { url: webhookUrl, received } = await startReceiver();
  const simulator = await play({ webhookUrl, settings: { window: "off" } });
  const cli = (...args: string[]) => run([...args, "--simulator", simulator.url]);
  return { received, simulator, cli };
}

describe("the command line", () => {
  test("lets a user write", async () => {
    const { received, cli } = await stage();
    const { code, out } = await cli("message", "hello", "--from", `+${USER}`, "--name", "Ann");
    expect(code).toBe(0);
    expect(parseJson(out)).toMatchObject({ posts: [{ state: "delivered" }] });
    expect(itemsOf(received, "messages")).toMatchObject([{ from: USER, text: { body: "hello" } }]);
    expect(itemsOf(received, "contacts")).toMatchObject([{ profile: { name: "Ann" } }]);
  });

  test("reports the status of the last send, twice if wanted", async () => {
    const { received, simulator, cli } = await stage();
    await send(simulator, textTo(USER));
    expect((await cli("status", "last", "delivered", "--repeat", "2")).code).toBe(0);
    expect(itemsOf(received, "statuses").map(({ status }) => status)).toEqual([
      "delivered",
      "delivered",
    ]);
  });

  test("lets somebody write to a Page", async () => {
    const { received, cli } = await stage();
    expect((await cli("dm", "hello", "--from", "3383290475046708")).code).toBe(0);
    expect(received[0]?.body).toMatchObject({
      object: "page",
      entry: [{ messaging: [{ message: { text: "hello" } }] }],
    });
  });

  test("lets somebody write by SMS, reports a status, and moves the clock", async () => {
    const { url, received } = await startFormReceiver();
    const { simulator, cli } = await stage();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    expect((await cli("sms", "hello", "--from", PERSON, "--repeat", "2")).code).toBe(0);
    expect(received.map(({ form }) => form["Body"])).toEqual(["hello", "hello"]);
    await sendSms(simulator, { StatusCallback: url });
    expect((await cli("sms-status", "last", "undelivered", "--code", "30003")).code).toBe(0);
    expect(received[2]?.form).toMatchObject({ MessageStatus: "undelivered", ErrorCode: "30003" });
    const before = Date.parse(simulator.clock().now);
    expect((await cli("clock", "86400000")).code).toBe(0);
    expect(Date.parse(simulator.clock().now)).toBeGreaterThanOrEqual(before + 86_400_000);
  });

  test("emits a batch from a file", async () => {
    const { received, simulator } = await stage();
    const items = [1, 2].map((text) => ({ kind: "message", from: USER, text: String(text) }));
    const readFile = async () => JSON.stringify({ items, order: "reverse" });
    const { code } = await run(["batch", "-", "--simulator", simulator.url], { readFile });
    expect(code).toBe(0);
    expect(itemsOf(received, "messages").map(({ text }) => text)).toEqual([
      { body: "2" },
      { body: "1" },
    ]);
  });

  test("sets faults and settings, and shows what happened", async () => {
    const { simulator, cli } = await stage();
    await cli("fault", "error", "--code", "131016", "--count", "2");
    expect(simulator.faults().faults).toMatchObject([{ kind: "error", code: 131016, count: 2 }]);
    await cli("settings", "window=sync", "pair_every_ms=0", "statuses=sent");
    expect(simulator.settings()).toMatchObject({
      window: "sync",
      pair_every_ms: 0,
      statuses: { steps: "sent" },
    });
    await send(simulator, textTo(USER));
    expect((await cli("requests")).out).toContain(`/${NUMBER}/messages`);
    expect((await cli("control", "delete", "/_control/requests")).code).toBe(0);
    expect(simulator.requests().requests).toEqual([]);
  });

  test.each([
    [["message"], 2, /message needs a text/],
    [["status", "last"], 2, /status needs a status/],
    [["fault", "drop", "--count", "two"], 2, /--count must be a whole number, not "two"/],
    [["settings", "window"], 2, /not of the form name=value/],
    [["massage", "hello"], 2, /There is no command "massage"/],
    [["message", "hello", "--form", "1"], 2, /--form/],
    [["message", "hello"], 1, /Say who it is/],
    [["settings", "windows=off"], 1, /no field "windows"/],
  ])("says what is wrong with %j", async (args, expected, words) => {
    const { cli } = await stage();
    const { code, err } = await cli(...args);
    expect(err).toMatch(words);
    expect(code).toBe(expected);
  });

  test("says so when no simulator runs", async () => {
    const { code, err } = await run(["requests", "--simulator", "http://127.0.0.1:9"]);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("No simulator answers at http://127.0.0.1:9"),
    ]);
  });

  test("explains itself", async () => {
    expect(await run(["--help"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("message <text>"),
    });
    expect(await run([])).toMatchObject({ code: 2, out: expect.stringContaining("serve") });
  });

  test("serves until it is interrupted", async () => {
    const { url, received } = await startReceiver();
    const said: string[] = [];
    const untilInterrupted = async () => {
      const simulatorUrl = /http:\S+/.exec(said[0] ?? "")?.[0] ?? "";
      expect((await run(["message", "hi", "--from", USER, "--simulator", simulatorUrl])).code).toBe(
        0,
      );
      const answer = await fetch(`${simulatorUrl}/7`, { headers: { authorization: "Bearer x" } });
      const body: unknown = await answer.json();
      expect(isObject(body) && body["display_phone_number"]).toBe("+1 555-123-4567");
    };
    const args = [
      "serve",
      "--port",
      "0",
      "--webhook",
      url,
      "--number",
      "7",
      "--display",
      "15551234567",
    ];
    const { code } = await run(args, { untilInterrupted, out: (text) => said.push(text) });
    expect(code).toBe(0);
    expect(itemsOf(received, "messages")).toHaveLength(1);
  });
});

test("the simulator that serves by itself repeats refused webhooks", async () => {
  const answers = [500];
  let second = () => {};
  const repeated = new Promise<void>((resolve) => {
    second = resolve;
  });
  const { url: webhookUrl, received } = await startReceiver(() => {
    if (received.length === 2) second();
    return answers.shift() ?? 200;
  });
  let now = Date.UTC(2026, 0);
  const simulator = await play({ webhookUrl, clock: { now: () => now }, tickEveryMs: 5 });
  await simulator.emitMessage({ from: USER, text: "hi" });
  now += 5_000;
  await repeated;
  expect(received.map(({ raw }) => raw)).toEqual([received[0]?.raw, received[0]?.raw]);
  expect((await graph(simulator, "GET", NUMBER)).status).toBe(200);
});

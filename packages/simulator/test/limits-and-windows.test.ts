import { describe, expect, test } from "vitest";
import {
  graph,
  itemsOf,
  listOf,
  NUMBER,
  play,
  send,
  startReceiver,
  stoppedClock,
  textTo,
  USER,
  WABA,
} from "./support/stage.ts";

const HOUR = 3_600_000;
const hello = {
  messaging_product: "whatsapp",
  to: USER,
  type: "template",
  template: { name: "hello_world", language: { code: "en_US" } },
};

describe("the 24 h window", () => {
  test("opens with a user's message and closes a day later; templates pass at any time", async () => {
    const clock = stoppedClock();
    const { url: webhookUrl } = await startReceiver();
    const simulator = await play({ clock, webhookUrl, settings: { window: "sync" } });
    expect((await send(simulator, textTo(USER))).code).toBe(131047);
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect((await send(simulator, textTo(USER))).status).toBe(200);
    clock.move(24 * HOUR - 1);
    expect((await send(simulator, textTo(USER))).status).toBe(200);
    clock.move(1);
    expect((await send(simulator, textTo(USER))).code).toBe(131047);
    expect((await send(simulator, hello)).status).toBe(200);
  });

  test("counts from the message's own time, and an older message never shortens it", async () => {
    const clock = stoppedClock();
    const { url: webhookUrl } = await startReceiver();
    const simulator = await play({ clock, webhookUrl, settings: { window: "sync" } });
    const seconds = Math.floor(clock.now() / 1000);
    await simulator.emitMessage({ from: USER, text: "new", timestamp: seconds - 3_600 });
    await simulator.emitMessage({ from: USER, text: "old", timestamp: seconds - 86_000 });
    clock.move(23 * HOUR - 1);
    expect((await send(simulator, textTo(USER))).status).toBe(200);
    clock.move(1);
    expect((await send(simulator, textTo(USER))).code).toBe(131047);
  });

  test("belongs to one business number and one user", async () => {
    const numbers = [{ phone_number_id: "1" }, { phone_number_id: "2" }];
    const simulator = await play({ numbers, settings: { window: "sync" } });
    simulator.setWindow({ from: USER, phone_number_id: "1" });
    expect((await send(simulator, textTo(USER), "1")).status).toBe(200);
    expect((await send(simulator, textTo(USER), "2")).code).toBe(131047);
    expect((await send(simulator, textTo("16505559999"), "1")).code).toBe(131047);
    simulator.setWindow({ from: USER, phone_number_id: "1", open: false });
    expect((await send(simulator, textTo(USER), "1")).code).toBe(131047);
  });

  test("is the same for a user who is written to by BSUID", async () => {
    const { url: webhookUrl } = await startReceiver();
    const simulator = await play({ webhookUrl, settings: { window: "sync" } });
    const byUserId = {
      messaging_product: "whatsapp",
      recipient: "US.1",
      type: "text",
      text: { body: "x" },
    };
    expect((await send(simulator, byUserId)).code).toBe(131047);
    await simulator.emitMessage({ from: USER, user_id: "US.1", text: "hi" });
    expect((await send(simulator, byUserId)).status).toBe(200);
    expect((await send(simulator, textTo(USER))).status).toBe(200);
  });

  test("closed, is told by a failed status unless the settings say otherwise", async () => {
    const { url: webhookUrl, received } = await startReceiver();
    const simulator = await play({ webhookUrl });
    const message = { ...textTo(USER), biz_opaque_callback_data: "msg_1" };
    expect((await send(simulator, message)).status).toBe(200);
    await simulator.idle();
    const [status] = itemsOf(received, "statuses");
    expect(status).toMatchObject({
      status: "failed",
      recipient_id: USER,
      biz_opaque_callback_data: "msg_1",
      errors: [{ code: 131047, title: "Re-engagement message" }],
    });
    simulator.configure({ window: "off" });
    await send(simulator, message);
    await simulator.idle();
    expect(itemsOf(received, "statuses")).toHaveLength(1);
  });
});

describe("a recipient who cannot be reached", () => {
  test.each(["async", "sync"] as const)("is refused with 131026, %s", async (undeliverable) => {
    const { url: webhookUrl, received } = await startReceiver();
    const simulator = await play({ webhookUrl, settings: { undeliverable } });
    simulator.putUser({ phone: USER, on_whatsapp: false });
    const answer = await send(simulator, hello);
    await simulator.idle();
    const codes = itemsOf(received, "statuses").map(({ errors }) => listOf(errors)[0]?.["code"]);
    expect([answer.code, ...codes]).toEqual(
      undeliverable === "sync" ? [131026] : [undefined, 131026],
    );
  });

  test("because of stopped marketing still gets everything else", async () => {
    const simulator = await play({ settings: { undeliverable: "sync" } });
    simulator.putUser({ phone: USER, stopped_marketing: true });
    simulator.putTemplate({ name: "sale", category: "MARKETING" });
    const sale = { ...hello, template: { name: "sale", language: { code: "en_US" } } };
    expect((await send(simulator, sale)).code).toBe(131050);
    expect((await send(simulator, hello)).status).toBe(200);
  });
});

describe("the pair limit", () => {
  test("answers 131056 after 45 messages to one user, and lets others through", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock });
    const codes = async (to: string, count: number) => {
      const answers = [];
      for (let sent = 0; sent < count; sent += 1) answers.push(await send(simulator, textTo(to)));
      return answers.map(({ code }) => code ?? 0);
    };
    expect(await codes(USER, 46)).toEqual([...Array<number>(45).fill(0), 131056]);
    expect(await codes("16505559999", 1)).toEqual([0]);
    clock.move(6_000);
    expect(await codes(USER, 2)).toEqual([0, 131056]);
  });
});

describe("throughput", () => {
  test("beyond so many a second is answered 400 with 130429", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock, settings: { throughput_per_s: 3 } });
    const answers = [];
    for (let sent = 0; sent < 4; sent += 1)
      answers.push(await send(simulator, textTo(`1650555100${sent}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400]);
    expect(answers[3]?.code).toBe(130429);
    clock.move(1_000);
    expect((await send(simulator, textTo("16505551003"))).status).toBe(200);
  });

  test("of calls that are not messages is limited by account: 80007", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock, settings: { management_calls_per_hour: 2 } });
    const list = () => graph(simulator, "GET", `v26.0/${WABA}/message_templates`);
    expect([(await list()).status, (await list()).status, (await list()).code]).toEqual([
      200, 200, 80007,
    ]);
    expect((await send(simulator, textTo(USER))).status).toBe(200);
    clock.move(HOUR);
    expect((await list()).status).toBe(200);
  });
});

test("a reaction or a read mark for a message of more than 30 days ago is refused", async () => {
  const clock = stoppedClock();
  const { url: webhookUrl } = await startReceiver();
  const simulator = await play({ clock, webhookUrl, settings: { window: "off" } });
  await simulator.emitMessage({ from: USER, text: "hi", id: "wamid.in" });
  const reaction = {
    messaging_product: "whatsapp",
    to: USER,
    type: "reaction",
    reaction: { message_id: "wamid.in", emoji: "👍" },
  };
  const read = { messaging_product: "whatsapp", status: "read", message_id: "wamid.in" };
  expect((await send(simulator, reaction)).status).toBe(200);
  clock.move(30 * 24 * HOUR + 1);
  expect((await send(simulator, reaction)).code).toBe(131009);
  expect((await send(simulator, read)).code).toBe(131009);
  expect(simulator.accepted().messages.map(({ phone_number_id }) => phone_number_id)).toEqual([
    NUMBER,
  ]);
});

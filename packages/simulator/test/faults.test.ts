import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { FaultInput, Simulator } from "../src/index.ts";
import {
  graph,
  itemsOf,
  NUMBER,
  play,
  send,
  startReceiver,
  TOKEN,
  textTo,
  USER,
} from "./support/stage.ts";

/** One send over a bare socket: everything that came back before the connection ended. */
function rawSend(simulator: Simulator, onData?: (text: string) => void) {
  const body = JSON.stringify(textTo(USER));
  const head = [
    `POST /v26.0/${NUMBER}/messages HTTP/1.1`,
    "host: simulator",
    `authorization: Bearer ${TOKEN}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ].join("\r\n");
  const socket = connect(simulator.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString();
    onData?.(answer);
  });
  socket.on("error", () => {});
  socket.write(`${head}\r\n\r\n${body}`);
  return {
    socket,
    ended: new Promise<string>((resolve) => socket.once("close", () => resolve(answer))),
  };
}

async function withFault(fault: FaultInput) {
  const simulator = await play();
  simulator.addFaults(fault);
  return simulator;
}

const accepted = (simulator: Simulator) => simulator.accepted().messages.length;

describe("a fault on command", () => {
  test("answers an error of Meta's table to the next sends, and then no more", async () => {
    const simulator = await withFault({ kind: "error", code: 131016, count: 2 });
    const answers = [];
    for (let sent = 0; sent < 3; sent += 1) answers.push(await send(simulator, textTo(USER)));
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [500, 131016],
      [500, 131016],
      [200, undefined],
    ]);
    expect(accepted(simulator)).toBe(1);
    expect(simulator.faults().faults).toEqual([]);
  });

  test.each([
    [1, 400],
    [2, 503],
    [4, 400],
    [10, 403],
    [190, 401],
    [368, 403],
    [80007, 400],
    [130429, 400],
    [131000, 500],
    [131016, 500],
    [131026, 400],
    [131030, 400],
    [131047, 400],
    [131048, 400],
    [131056, 400],
    [131057, 500],
    [132000, 400],
    [132001, 404],
    [132015, 400],
    [133004, 503],
  ])("knows error %i with HTTP status %i", async (code, status) => {
    const simulator = await withFault({ kind: "error", code });
    const answer = await send(simulator, textTo(USER));
    expect([answer.code, answer.status]).toEqual([code, status]);
    expect(answer.body["error"]).toHaveProperty("fbtrace_id");
  });

  test.each([
    [false, 0],
    [true, 1],
  ])("answers a bare 504 without an envelope; accepted: %s", async (accept, count) => {
    const simulator = await withFault({ kind: "bare", status: 504, accept });
    const response = await fetch(`${simulator.url}/${NUMBER}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(textTo(USER)),
    });
    expect(response.status).toBe(504);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).not.toContain('error":');
    expect(accepted(simulator)).toBe(count);
  });

  test("accepts the message and drops the connection before a byte of the answer", async () => {
    const simulator = await withFault({ kind: "drop" });
    expect(await rawSend(simulator).ended).toBe("");
    expect(accepted(simulator)).toBe(1);
    expect(simulator.requests().requests).toMatchObject([{ ending: "dropped", status: 200 }]);
    await expect(send(simulator, textTo(USER))).resolves.toMatchObject({ status: 200 });
  });

  test("accepts the message and cuts the answer in the middle", async () => {
    const simulator = await withFault({ kind: "cut" });
    const answer = await rawSend(simulator).ended;
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(body.length).toBeGreaterThan(0);
    expect(body.length).toBeLessThan(length);
    expect(accepted(simulator)).toBe(1);
  });

  test("accepts the message and never answers, until the simulator closes", async () => {
    const simulator = await withFault({ kind: "hang" });
    const { socket, ended } = rawSend(simulator);
    const [stillOpen] = await Promise.all([
      graph(simulator, "GET", NUMBER).then(() => !socket.closed),
      graph(simulator, "GET", NUMBER),
    ]);
    expect(stillOpen).toBe(true);
    expect(accepted(simulator)).toBe(1);
    await simulator.close();
    expect(await ended).toBe("");
  });

  test("closes the connection without reading the request", async () => {
    const simulator = await withFault({ kind: "close" });
    expect(await rawSend(simulator).ended).toBe("");
    expect(accepted(simulator)).toBe(0);
    expect(simulator.requests().requests).toMatchObject([{ ending: "closed_unread", body: null }]);
  });

  test("accepts at once and answers after a delay of the clock", async () => {
    const slept: number[] = [];
    let wake = () => {};
    const sleeping = deferred();
    const clock = {
      now: () => Date.UTC(2026, 0),
      sleep: (ms: number) => {
        slept.push(ms);
        sleeping.resolve();
        return new Promise<void>((resolve) => {
          wake = resolve;
        });
      },
    };
    const simulator = await play({ clock });
    simulator.addFaults({ kind: "delay", ms: 7_000 });
    const answer = send(simulator, textTo(USER));
    await sleeping.promise;
    expect(slept).toEqual([7_000]);
    expect(accepted(simulator)).toBe(1);
    wake();
    expect((await answer).status).toBe(200);
  });

  test("still sends the statuses of a message whose answer was lost", async () => {
    const { url: webhookUrl, received } = await startReceiver();
    const simulator = await play({
      webhookUrl,
      settings: { window: "off", statuses: "sent,delivered" },
    });
    simulator.addFaults({ kind: "drop" });
    const message = { ...textTo(USER), biz_opaque_callback_data: "msg_7" };
    await expect(send(simulator, message)).rejects.toThrow();
    await simulator.idle();
    expect(itemsOf(received, "statuses")).toMatchObject([
      { status: "sent", biz_opaque_callback_data: "msg_7" },
      { status: "delivered", biz_opaque_callback_data: "msg_7" },
    ]);
  });

  test("still sends them when the caller went away while it waited", async () => {
    const { url: webhookUrl, received } = await startReceiver();
    const gone = deferred();
    const never = new Promise<void>(() => {});
    const sleep = (ms: number) => (ms === 7 ? gone.promise : never);
    const clock = { now: () => Date.UTC(2026, 0), sleep };
    const simulator = await play({
      clock,
      webhookUrl,
      settings: { window: "off", statuses: "sent" },
    });
    simulator.addFaults({ kind: "delay", ms: 7 });
    const { socket, ended } = rawSend(simulator);
    await graph(simulator, "GET", NUMBER);
    socket.destroy();
    await ended;
    // Another round trip: by its end the simulator has seen that the caller is gone.
    await graph(simulator, "GET", NUMBER);
    gone.resolve();
    await simulator.idle();
    expect(itemsOf(received, "statuses")).toMatchObject([{ status: "sent" }]);
  });

  test("can be meant for one recipient, one number or another kind of request", async () => {
    const numbers = [{ phone_number_id: "1" }, { phone_number_id: "2" }];
    const simulator = await play({ numbers });
    simulator.addFaults([
      { kind: "error", code: 131000, to: "+1 650 555 9999" },
      { kind: "error", code: 131016, phone_number_id: "2" },
      { kind: "error", code: 4, on: "management" },
      { kind: "error", code: 2, on: "read" },
    ]);
    const read = { messaging_product: "whatsapp", status: "read", message_id: "wamid.x" };
    expect((await send(simulator, textTo(USER), "1")).status).toBe(200);
    expect((await send(simulator, textTo("16505559999"), "1")).code).toBe(131000);
    expect((await send(simulator, textTo(USER), "2")).code).toBe(131016);
    expect((await graph(simulator, "GET", "1")).code).toBe(4);
    expect((await send(simulator, read, "1")).code).toBe(2);
    expect(simulator.faults().faults).toEqual([]);
  });

  test("waits for its turn behind those that came before it", async () => {
    const simulator = await play();
    simulator.addFaults([
      { kind: "pass", count: 2 },
      { kind: "error", code: 131000 },
    ]);
    const codes = [];
    for (let sent = 0; sent < 4; sent += 1)
      codes.push((await send(simulator, textTo(USER))).code ?? 0);
    expect(codes).toEqual([0, 0, 131000, 0]);
  });

  test("does not save an invalid message", async () => {
    const simulator = await withFault({ kind: "drop" });
    expect((await send(simulator, { messaging_product: "whatsapp" })).code).toBe(131008);
    expect(accepted(simulator)).toBe(0);
  });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

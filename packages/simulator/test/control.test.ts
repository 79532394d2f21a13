import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import { isObject } from "../src/json.ts";
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

async function control(simulator: Simulator, method: string, route: string, body?: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${simulator.url}/_control${route}`, {
    method,
    ...(body === undefined ? {} : { body: text }),
  });
  const parsed: unknown = await response.json();
  return { status: response.status, body: isObject(parsed) ? parsed : {} };
}

describe("a control request that makes no sense", () => {
  test.each<[string, string, unknown, RegExp]>([
    ["POST", "/messages", "{", /not JSON/],
    ["POST", "/messages", [], /messages: give a JSON object/],
    ["POST", "/statuses", {}, /^statuses: "id" must be given/],
    ["POST", "/echoes", {}, /^echoes: "to" must be given/],
    ["POST", "/social/echoes", [], /^social echoes: give a JSON object/],
    ["POST", "/messages", { text: "hi" }, /Say who it is: "from".*"user_id"/],
    ["POST", "/messages", { from: USER }, /give "text", or an "item" with a "type"/],
    ["POST", "/messages", { from: "Ann", text: "hi" }, /"Ann" is not a phone number/],
    ["POST", "/messages", { from: USER, text: 5 }, /"text" must be text/],
    [
      "POST",
      "/messages",
      { from: USER, txt: "hi", text: "hi" },
      /no field "txt".*Known fields: .*text/,
    ],
    [
      "POST",
      "/messages",
      { from: USER, text: "hi", repeat: 0 },
      /"repeat" must be a whole number from 1/,
    ],
    [
      "POST",
      "/messages",
      { from: USER, text: "hi", phone_number_id: "9" },
      /no phone_number_id 9.*106540352242922/,
    ],
    ["POST", "/messages", { from: USER, text: "hi", signature: "bad" }, /one of right, wrong/],
    [
      "POST",
      "/statuses",
      { id: "wamid.x", status: "seen" },
      /"status" must be one of sent, delivered/,
    ],
    ["POST", "/statuses", { id: "wamid.x" }, /"status" is one of sent, delivered/],
    ["POST", "/batch", {}, /give "items"/],
    ["POST", "/batch", { items: [] }, /nothing to emit/],
    ["POST", "/batch", { items: [{ kind: "msg" }] }, /items\[0\]: "kind" must be one of message/],
    [
      "POST",
      "/batch",
      { items: [{ kind: "status", id: "x", status: "read", a: 1 }] },
      /items\[0\].*"a"/,
    ],
    ["POST", "/raw", {}, /"body" \(text\) or "base64"/],
    ["POST", "/changes", { field: "x" }, /give a "value"/],
    ["POST", "/faults", { kind: "boom" }, /"kind" must be one of error, bare, drop/],
    ["POST", "/faults", { kind: "error" }, /needs a "code"/],
    ["POST", "/faults", { kind: "error", code: 5 }, /5 is not in the table of errors/],
    ["POST", "/faults", { kind: "close", to: USER }, /"to" is not known/],
    ["POST", "/tokens", { token: "x", state: "bad" }, /"state" must be one of valid, expired/],
    ["POST", "/templates", { name: "A B" }, /only a-z, 0-9 and _/],
    ["POST", "/users", { name: "Ann" }, /give "phone", "wa_id" or "user_id"/],
    ["POST", "/media", { mime_type: "image/png" }, /"base64" or as "text"/],
  ])("%s %s %j is answered 400 in words", async (method, route, body, words) => {
    const { url: webhookUrl, received } = await startReceiver();
    const simulator = await play({ webhookUrl });
    const answer = await control(simulator, method, route, body);
    expect(answer.body["error"]).toMatch(words);
    expect(answer.status).toBe(400);
    expect(received).toEqual([]);
    expect((await graph(simulator, "GET", NUMBER)).status, "and nothing has broken").toBe(200);
  });

  test("of an unknown route names what there is", async () => {
    const simulator = await play();
    const unknown = await control(simulator, "POST", "/message", {});
    expect(unknown.status).toBe(404);
    expect(unknown.body["error"]).toMatch(
      /no POST \/_control\/message\. Commands: POST \/_control\/messages/,
    );
    const wrongMethod = await control(simulator, "PUT", "/requests");
    expect(wrongMethod.body["error"]).toMatch(/but there is GET \/_control\/requests and DELETE/);
  });
});

describe("a control request", () => {
  test("does over HTTP what the method does in process", async () => {
    const { url: webhookUrl, received } = await startReceiver();
    const simulator = await play({ webhookUrl });
    const input = { from: USER, text: "hi", id: "wamid.1" };
    const { body } = await control(simulator, "POST", "/messages", input);
    expect(body).toMatchObject({
      ids: ["wamid.1"],
      posts: [{ state: "delivered" }],
      unsubscribed: 0,
    });
    await simulator.emitMessage(input);
    const [overHttp, inProcess] = itemsOf(received, "messages");
    expect({ ...overHttp, timestamp: 0 }).toEqual({ ...inProcess, timestamp: 0 });
  });

  test("lists every command", async () => {
    const simulator = await play();
    const { body } = await control(simulator, "GET", "");
    expect(body["commands"]).toContain("POST /_control/batch");
  });

  test.each([
    "POST /settings",
    "POST /numbers",
    "POST /users",
    "POST /templates",
    "POST /tokens",
    "POST /media",
    "POST /window",
    "POST /faults",
    "POST /statuses",
    "POST /echoes",
    "POST /changes",
    "POST /batch",
    "POST /raw",
    "POST /subscribe",
    "POST /tick",
    "POST /retry-now",
    "POST /reset",
    "GET /faults",
    "GET /requests",
    "GET /accepted",
    "GET /posts",
    "GET /idle",
    "GET /settings",
    "GET /numbers",
    "DELETE /faults",
    "DELETE /requests",
    "DELETE /accepted",
  ])("%s is taken", async (route) => {
    const { url: webhookUrl } = await startReceiver();
    const simulator = await play({ webhookUrl });
    const bodies: Record<string, unknown> = {
      "/settings": { window: "off" },
      "/numbers": { phone_number_id: "1" },
      "/users": { phone: USER },
      "/templates": { name: "t" },
      "/tokens": { token: "t", state: "expired" },
      "/media": { mime_type: "image/png", text: "x" },
      "/window": { from: USER },
      "/faults": [{ kind: "drop" }],
      "/statuses": { id: "wamid.x", status: "read" },
      "/echoes": { to: USER, text: "x" },
      "/changes": { field: "x", value: {} },
      "/batch": { items: [{ kind: "message", from: USER, text: "x" }] },
      "/raw": { body: "x" },
      "/subscribe": { url: webhookUrl },
    };
    const [method = "", path = ""] = route.split(" ");
    const answer = await control(
      simulator,
      method,
      path,
      method === "POST" ? bodies[path] : undefined,
    );
    expect(answer).toMatchObject({ status: 200 });
  });
});

describe("the record of requests", () => {
  test("holds everything but the token, and the token's fingerprint tells tokens apart", async () => {
    const simulator = await play({ tokens: ["EAAone", "EAAtwo"] });
    for (const token of ["EAAone", "EAAtwo", "EAAone"]) {
      await graph(
        simulator,
        "POST",
        `v26.0/${NUMBER}/messages?access_token=EAAquery`,
        textTo(USER),
        token,
      );
    }
    const { requests } = simulator.requests();
    expect(requests[0]).toMatchObject({
      method: "POST",
      path: `/${NUMBER}/messages`,
      version: "v26.0",
      body: textTo(USER),
      status: 200,
      ending: "answered",
    });
    const tokens = requests.map(({ headers }) => headers["authorization"]);
    expect(tokens[0]).toMatch(/^Bearer sha256:[0-9a-f]{12}$/);
    expect(tokens[0]).toBe(tokens[2]);
    expect(tokens[0]).not.toBe(tokens[1]);
    expect(JSON.stringify(requests)).not.toMatch(/EAA/);
  });

  test("also holds what was refused, and can be emptied", async () => {
    const simulator = await play();
    await send(simulator, {});
    expect(simulator.requests().requests).toMatchObject([{ status: 400 }]);
    simulator.clearRequests();
    expect(simulator.requests().requests).toEqual([]);
  });

  test("keeps no more than it was told to", async () => {
    const simulator = await play({ keepRequests: 2 });
    for (let sent = 0; sent < 4; sent += 1) await send(simulator, textTo(`1650555000${sent}`));
    expect(simulator.requests().requests.map(({ id }) => id)).toEqual([3, 4]);
  });
});

test("a reset brings everything back to the start", async () => {
  const { url: webhookUrl } = await startReceiver();
  const simulator = await play({ webhookUrl, settings: { window: "sync" } });
  simulator.configure({ window: "off", pair_every_ms: 0 });
  simulator.addFaults({ kind: "drop" });
  simulator.setToken({ token: TOKEN, state: "expired" });
  await simulator.emitMessage({ from: USER, text: "hi" });
  simulator.reset();
  expect(simulator.faults().faults).toEqual([]);
  expect(simulator.posts().posts).toEqual([]);
  expect(simulator.settings()).toMatchObject({ window: "sync", pair_every_ms: 6_000 });
  expect((await send(simulator, textTo(USER))).code, "the window is closed again").toBe(131047);
});

test("a port that is taken is refused", async () => {
  const first = await play();
  await expect(play({ port: first.port })).rejects.toThrow(/EADDRINUSE/);
});

test.each(["GET // HTTP/1.1", "GET /%zz/messages HTTP/1.1", "POST /_control/%zz HTTP/1.1"])(
  "a path that is no path does no harm: %s",
  async (line) => {
    const simulator = await play();
    const socket = connect(simulator.port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.write(`${line}\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    await closed;
    expect((await graph(simulator, "GET", NUMBER)).status).toBe(200);
  },
);

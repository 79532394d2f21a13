import twilio from "twilio";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import {
  ACCOUNT,
  AUTH_TOKEN,
  PERSON,
  rest,
  SMS_NUMBER,
  sendSms,
  startFormReceiver,
} from "./support/sms-stage.ts";
import { play, stoppedClock } from "./support/stage.ts";

const MESSAGES = `2010-04-01/Accounts/${ACCOUNT}/Messages`;

/** Twilio's own library, talking to the simulator as if it were api.twilio.com. */
function ownClient(simulator: Simulator, token = AUTH_TOKEN) {
  const http = new twilio.RequestClient();
  const request = http.request.bind(http);
  http.request = (options) =>
    request({ ...options, uri: options.uri.replace(/^https:\/\/[^/]+/, simulator.url) });
  return twilio(ACCOUNT, token, { httpClient: http });
}

describe("Twilio's webhooks", () => {
  test("an inbound message is told as Twilio tells it, and Twilio's own library takes its signature", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: `${url}?a=it's&b=2` });
    const { sid, posts } = await simulator.twilio.emitMessage({
      from: PERSON,
      body: "Grüße & 😀 100 % + mehr\n=",
    });
    expect(posts).toMatchObject([{ state: "delivered", alert: null, attempts: [{ status: 200 }] }]);
    const [each] = received;
    expect(each?.headers["content-type"]).toBe("application/x-www-form-urlencoded; charset=UTF-8");
    expect(each?.form).toMatchObject({
      MessageSid: sid,
      SmsSid: sid,
      SmsMessageSid: sid,
      AccountSid: ACCOUNT,
      From: PERSON,
      To: SMS_NUMBER,
      Body: "Grüße & 😀 100 % + mehr\n=",
      NumMedia: "0",
      NumSegments: "1",
      SmsStatus: "received",
      ApiVersion: "2010-04-01",
    });
    const signature = String(each?.headers["x-twilio-signature"]);
    const form = each?.form ?? {};
    expect(twilio.validateRequest(AUTH_TOKEN, signature, `${url}?a=it's&b=2`, form)).toBe(true);
    expect(twilio.validateRequest("other", signature, `${url}?a=it's&b=2`, form)).toBe(false);
    expect(twilio.validateRequest(AUTH_TOKEN, signature, url, form)).toBe(false);
  });

  test("the public URL is signed although the connection goes elsewhere", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    const publicUrl = "https://curlew.example/in/twilio";
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: publicUrl });
    simulator.twilio.configure({ connect_to: new URL(url).origin });
    for (const signed_port of ["as_configured", "added", "removed"] as const) {
      simulator.twilio.configure({ signed_port });
      await simulator.twilio.emitMessage({ from: PERSON, body: "hi" });
    }
    const signatures = received.map(({ headers }) => String(headers["x-twilio-signature"]));
    expect(received.map(({ headers }) => headers.host)).toEqual(Array(3).fill("curlew.example"));
    received.forEach(({ form }, index) => {
      const signature = signatures[index] ?? "";
      expect(twilio.validateRequest(AUTH_TOKEN, signature, publicUrl, form)).toBe(true);
    });
    expect(signatures[0]).not.toBe(signatures[1]);
  });

  test("a JSON body is signed by its hash in the URL", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    const body = '{"a":1}';
    const post = await simulator.twilio.emitRaw({ url, body, content_type: "application/json" });
    const [each] = received;
    const signature = String(each?.headers["x-twilio-signature"]);
    expect(each?.raw).toBe(body);
    expect(twilio.validateRequestWithBody(AUTH_TOKEN, signature, post.url, body)).toBe(true);
    expect(twilio.validateRequestWithBody(AUTH_TOKEN, signature, post.url, '{"a":2}')).toBe(false);
  });

  test("a wrong and a missing signature are had on command", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    await simulator.twilio.emitMessage({ from: PERSON, body: "x", signature: "wrong" });
    await simulator.twilio.emitMessage({ from: PERSON, body: "x", signature: "missing" });
    const [wrong, missing] = received;
    const signature = String(wrong?.headers["x-twilio-signature"]);
    expect(twilio.validateRequest(AUTH_TOKEN, signature, url, wrong?.form ?? {})).toBe(false);
    expect(missing?.headers["x-twilio-signature"]).toBeUndefined();
  });

  test("what no answer came to is sent once more with an idempotency token, what was refused never", async () => {
    let closes = 1;
    const { url, received } = await startFormReceiver(() =>
      closes-- > 0 ? null : { status: 500, type: "text/plain", body: "no" },
    );
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    const first = await simulator.twilio.emitMessage({ from: PERSON, body: "one" });
    expect(first.posts).toMatchObject([{ state: "lost", alert: 11200 }]);
    expect(first.posts[0]?.attempts.map(({ status }) => status)).toEqual([null, 500]);
    expect(received.map(({ headers }) => typeof headers["i-twilio-idempotency-token"])).toEqual([
      "undefined",
      "string",
    ]);
    const second = await simulator.twilio.emitMessage({ from: PERSON, body: "two" });
    expect(second.posts[0]?.attempts).toHaveLength(1);
  });

  test.each([
    ["application/json", "{}", 12300],
    ["text/xml", "<Response>", 12100],
    ["text/xml", "<Response/>", null],
    ["text/plain", "thank you", null],
    ["text/xml", "", null],
  ])("an answer of %s %j raises the alert %s", async (type, body, alert) => {
    const { url } = await startFormReceiver(() => ({ type, body }));
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    const { posts } = await simulator.twilio.emitMessage({ from: PERSON, body: "x" });
    expect(posts).toMatchObject([{ alert }]);
  });

  test("a message comes again under its own id, at once and in parallel", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    const { sid } = await simulator.twilio.emitMessage({
      from: PERSON,
      body: "x",
      repeat: 3,
      parallel: true,
    });
    await simulator.twilio.emitMessage({ from: PERSON, sid });
    expect(received.map(({ form }) => form["MessageSid"])).toEqual([sid, sid, sid, sid]);
    expect(simulator.twilio.log().messages).toHaveLength(1);
  });
});

describe("Twilio's REST API", () => {
  test("Twilio's own library sends, reads and lists", async () => {
    const simulator = await play();
    const client = ownClient(simulator);
    const sent = await client.messages.create({ to: PERSON, from: SMS_NUMBER, body: "Hello 👍" });
    expect(sent.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(sent).toMatchObject({ status: "queued", numSegments: "1", direction: "outbound-api" });
    expect(sent.dateCreated).toBeInstanceOf(Date);
    expect(Number.isNaN(sent.dateCreated.getTime())).toBe(false);
    await simulator.twilio.emitMessage({ from: PERSON, body: "hi" });
    const inbound = await client.messages.list({ to: SMS_NUMBER });
    expect(inbound.map(({ body, direction }) => [body, direction])).toEqual([["hi", "inbound"]]);
    expect((await client.messages(sent.sid).fetch()).body).toBe("Hello 👍");
    expect((await client.incomingPhoneNumbers.list())[0]?.phoneNumber).toBe(SMS_NUMBER);
  });

  test("a list is cut into pages and by the time of sending", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock });
    for (const body of ["1", "2", "3"]) {
      await simulator.twilio.emitMessage({ from: PERSON, body });
      clock.move(3_600_000);
    }
    const client = ownClient(simulator);
    const all = await client.messages.list({ to: SMS_NUMBER, pageSize: 2 });
    expect(all.map(({ body }) => body)).toEqual(["3", "2", "1"]);
    const since = new Date(clock.now() - 2.5 * 3_600_000);
    const late = await client.messages.list({ dateSentAfter: since });
    expect(late.map(({ body }) => body)).toEqual(["3", "2"]);
  });

  test("Twilio's own library understands a refusal", async () => {
    const simulator = await play();
    await expect(
      ownClient(simulator).messages.create({ to: "12", from: SMS_NUMBER, body: "x" }),
    ).rejects.toMatchObject({ status: 400, code: 21211 });
    await expect(
      ownClient(simulator, "wrong").messages.create({ to: PERSON, from: SMS_NUMBER, body: "x" }),
    ).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  test.each<[Record<string, string>, number, number]>([
    [{ To: "" }, 400, 21604],
    [{ To: "4017122661" }, 400, 21211],
    [{ To: SMS_NUMBER }, 400, 21266],
    [{ From: "" }, 400, 21603],
    [{ From: "+15550009999" }, 400, 21606],
    [{ MessagingServiceSid: "MGunknown" }, 400, 21701],
    [{ Body: "" }, 400, 21602],
    [{ Body: "x".repeat(1_601) }, 400, 21617],
    [{ MediaUrl: "ftp://x" }, 400, 21620],
    [{ StatusCallback: "nowhere" }, 400, 21609],
  ])("%j is answered %i with %i", async (form, status, code) => {
    const simulator = await play();
    const answer = await sendSms(simulator, form);
    expect(answer).toMatchObject({
      status,
      body: { code, status, more_info: `https://www.twilio.com/docs/errors/${code}` },
    });
    expect(simulator.twilio.accepted().messages).toEqual([]);
  });

  test("a messaging service accepts first and chooses its sender later", async () => {
    const simulator = await play();
    const { sid } = simulator.twilio.putService({});
    expect((await sendSms(simulator, { From: "", MessagingServiceSid: sid })).body.code).toBe(
      21703,
    );
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, messaging_service_sid: sid });
    simulator.twilio.configure({ statuses: "sent" });
    const answer = await sendSms(simulator, { From: "", MessagingServiceSid: sid });
    expect(answer).toMatchObject({
      status: 201,
      body: { status: "accepted", from: null, num_segments: "0", messaging_service_sid: sid },
    });
    await simulator.idle();
    const later = await rest(simulator, "GET", `${MESSAGES}/${answer.body.sid}.json`);
    expect(later.body).toMatchObject({ status: "sent", from: SMS_NUMBER, num_segments: "1" });
  });

  test("too many a second are answered 429 with 20429", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock });
    simulator.twilio.configure({ rate_per_s: 1 });
    expect((await sendSms(simulator, {})).status).toBe(201);
    expect(await sendSms(simulator, {})).toMatchObject({ status: 429, body: { code: 20429 } });
    await simulator.moveClock({ advance_ms: 1_001 });
    expect((await sendSms(simulator, {})).status).toBe(201);
  });

  test("media need the account's credentials and are then found elsewhere", async () => {
    const simulator = await play();
    const { url, received } = await startFormReceiver();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    await simulator.twilio.emitMessage({
      from: PERSON,
      media: [{ content_type: "image/png", text: "PNG" }],
    });
    const form = received[0]?.form ?? {};
    expect(form).toMatchObject({ NumMedia: "1", MediaContentType0: "image/png", Body: "" });
    expect(form["MessageSid"]).toMatch(/^MM/);
    const mediaUrl = form["MediaUrl0"] ?? "";
    expect((await fetch(mediaUrl)).status).toBe(401);
    const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString("base64")}`;
    const answer = await fetch(mediaUrl, { headers: { authorization } });
    expect(answer.redirected).toBe(true);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(await answer.text()).toBe("PNG");
    await rest(simulator, "DELETE", `${MESSAGES}/${form["MessageSid"]}.json`);
    expect((await fetch(mediaUrl, { headers: { authorization } })).status).toBe(404);
  });
});

describe("statuses and opt-outs at Twilio", () => {
  test("the script follows the answer, each status signed and at its callback", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.configure({ statuses: "sent,delivered", duplicate: true });
    const callback = `${url}/status?message=msg_1`;
    const { body } = await sendSms(simulator, { StatusCallback: callback });
    await simulator.idle();
    expect(received.map(({ form }) => form["MessageStatus"])).toEqual([
      "sent",
      "sent",
      "delivered",
      "delivered",
    ]);
    for (const { form, headers } of received) {
      expect(form).toMatchObject({ MessageSid: body.sid, From: SMS_NUMBER, To: PERSON });
      const signature = String(headers["x-twilio-signature"]);
      expect(twilio.validateRequest(AUTH_TOKEN, signature, callback, form)).toBe(true);
    }
    expect(received[2]?.form["RawDlrDoneDate"]).toMatch(/^\d{10}$/);
  });

  test("a status can come before the answer, reversed, or on command with an error", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.configure({ statuses: "sent,delivered", reverse: true, before_answer: true });
    const { body } = await sendSms(simulator, { StatusCallback: url });
    expect(received.map(({ form }) => form["MessageStatus"])).toEqual(["delivered", "sent"]);
    await simulator.twilio.emitStatus({ sid: "last", status: "undelivered", error_code: 30007 });
    expect(received[2]?.form).toMatchObject({
      MessageSid: body.sid,
      MessageStatus: "undelivered",
      ErrorCode: "30007",
    });
  });

  test("who cannot be reached is told by the error that was set for them", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.putPerson({ phone: PERSON, fails_with: 30003 });
    await sendSms(simulator, { StatusCallback: url });
    await simulator.idle();
    expect(received.at(-1)?.form).toMatchObject({
      MessageStatus: "undelivered",
      ErrorCode: "30003",
    });
    simulator.twilio.putPerson({ phone: PERSON, fails_with: 21614 });
    expect((await sendSms(simulator, {})).body.code).toBe(21614);
  });

  test("STOP is answered by Twilio, told, and blocks until START", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    const { sid } = simulator.twilio.putService({
      advanced_opt_out: true,
      inbound_request_url: url,
    });
    const other = "+15558675311";
    for (const phone_number of [SMS_NUMBER, other]) {
      simulator.twilio.putNumber({ phone_number, messaging_service_sid: sid });
    }
    await simulator.twilio.emitMessage({ from: PERSON, body: " stop " });
    const blocked = { From: "", MessagingServiceSid: sid };
    expect(await sendSms(simulator, blocked)).toMatchObject({ body: { code: 21610 } });
    await simulator.twilio.emitMessage({ from: PERSON, to: other, body: "START" });
    expect((await sendSms(simulator, blocked)).status).toBe(201);
    expect(received.map(({ form }) => form["OptOutType"])).toEqual(["STOP", "START"]);
    const replies = simulator.twilio
      .log()
      .messages.filter((each) => each.direction === "outbound-reply");
    expect(replies).toHaveLength(2);
  });

  test("without a service an opt-out concerns the one number and carries no OptOutType", async () => {
    const { url, received } = await startFormReceiver();
    const simulator = await play();
    simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: url });
    simulator.twilio.putNumber({ phone_number: "+15558675311" });
    await simulator.twilio.emitMessage({ from: PERSON, body: "Revoke" });
    expect(received[0]?.form).not.toHaveProperty("OptOutType");
    expect((await sendSms(simulator, {})).body.code).toBe(21610);
    expect((await sendSms(simulator, { From: "+15558675311" })).status).toBe(201);
  });
});

describe("faults at Twilio", () => {
  test("a lost answer leaves a message that was sent", async () => {
    const simulator = await play();
    simulator.addFaults({ kind: "drop" });
    await expect(sendSms(simulator, {})).rejects.toThrow();
    expect(simulator.twilio.accepted().messages).toHaveLength(1);
    expect(simulator.requests().requests.at(-1)).toMatchObject({
      ending: "dropped",
      body: { To: PERSON, Body: "hello" },
    });
  });

  test("an error of Twilio's waits for a request to Twilio", async () => {
    const simulator = await play();
    simulator.addFaults([{ kind: "error", code: 30001 }]);
    await fetch(`${simulator.url}/v26.0/106540352242922/messages`, { method: "POST" });
    expect(simulator.faults().faults).toHaveLength(1);
    expect(await sendSms(simulator, {})).toMatchObject({ status: 400, body: { code: 30001 } });
    expect(simulator.twilio.accepted().messages).toEqual([]);
  });

  test("a dead token is a suspended account", async () => {
    const simulator = await play();
    simulator.twilio.putAccount({ account_sid: ACCOUNT, status: "suspended" });
    expect(await sendSms(simulator, {})).toMatchObject({ status: 403, body: { code: 20003 } });
    simulator.twilio.putAccount({ account_sid: ACCOUNT, status: "active", auth_token: "new" });
    expect(await sendSms(simulator, {})).toMatchObject({ status: 401, body: { code: 20003 } });
  });

  test("moving the clock ends a delay", async () => {
    const simulator = await play();
    simulator.addFaults({ kind: "delay", ms: 3_600_000, api: "twilio" });
    const answer = sendSms(simulator, {});
    await expect.poll(() => simulator.twilio.accepted().messages.length).toBe(1);
    await simulator.moveClock({ advance_ms: 3_600_000 });
    expect((await answer).status).toBe(201);
  });

  test("everything of Twilio's is as at the start after a reset", async () => {
    const simulator = await play();
    await sendSms(simulator, {});
    simulator.twilio.configure({ statuses: "sent" });
    simulator.reset();
    expect(simulator.twilio.log().messages).toEqual([]);
    expect(simulator.twilio.settings().statuses).toBe("off");
    expect(simulator.twilio.numbers().numbers).toMatchObject([{ phone_number: SMS_NUMBER }]);
  });
});

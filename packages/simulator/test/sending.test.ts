import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../src/json.ts";
import { graph, NUMBER, play, send, startReceiver, TOKEN, textTo, USER } from "./support/stage.ts";

const FIXTURES = join(import.meta.dirname, "../../../../shared/fixtures/whatsapp");

function recordedRequests(): [string, JsonObject][] {
  if (!existsSync(FIXTURES)) return [];
  return readdirSync(FIXTURES)
    .filter((name) => name.startsWith("request_"))
    .map((name) => [name, JSON.parse(readFileSync(join(FIXTURES, name), "utf8"))]);
}

describe("a send", () => {
  test("is answered with the address as written, the wa_id and a message id", async () => {
    const simulator = await play();
    const { status, body } = await send(simulator, textTo("+1 (650) 555-1234"));
    expect(status).toBe(200);
    expect(body).toEqual({
      messaging_product: "whatsapp",
      contacts: [{ input: "+1 (650) 555-1234", wa_id: "16505551234" }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
  });

  test.each([
    ["+16505551234", "16505551234"],
    ["16505551234", "16505551234"],
    ["(631) 555-1234", "916315551234"],
  ])("to %s from India reaches %s", async (to, waId) => {
    const number = {
      phone_number_id: "7",
      display_phone_number: "919812345678",
      country_code: "91",
    };
    const simulator = await play({ numbers: [number] });
    const { body } = await send(simulator, textTo(to), "7");
    expect(body["contacts"]).toEqual([{ input: to, wa_id: waId }]);
  });

  test("to a number that WhatsApp rewrites is answered with the rewritten one", async () => {
    const simulator = await play();
    simulator.putUser({ phone: "5511987654321", wa_id: "551187654321" });
    const { body } = await send(simulator, textTo("+5511987654321"));
    expect(body["contacts"]).toEqual([{ input: "+5511987654321", wa_id: "551187654321" }]);
  });

  test("to a BSUID in recipient is answered with that user id", async () => {
    const simulator = await play();
    const bsuid = "US.13491208655302741918";
    const { to: _, ...message } = textTo("");
    const { body } = await send(simulator, { ...message, recipient: bsuid });
    expect(body["contacts"]).toEqual([{ input: bsuid, user_id: bsuid }]);
    const both = await send(simulator, { ...textTo(`+${USER}`), recipient: bsuid });
    expect(both.body["contacts"], "the phone wins").toEqual([{ input: `+${USER}`, wa_id: USER }]);
  });

  test("with a BSUID in to is accepted and reaches nobody", async () => {
    const simulator = await play();
    const { status, body } = await send(simulator, textTo("US.13491208655302741918"));
    expect(status).toBe(200);
    expect(body["contacts"]).toEqual([
      { input: "US.13491208655302741918", wa_id: "13491208655302741918" },
    ]);
    expect(simulator.accepted().messages).toMatchObject([{ reaches_somebody: false }]);
  });

  test("is kept with everything that it said", async () => {
    const simulator = await play();
    const message = { ...textTo(`+${USER}`), biz_opaque_callback_data: "msg_1" };
    const { body } = await send(simulator, message);
    const [{ id } = { id: "" }] = body["messages"] as { id: string }[];
    expect(simulator.accepted().messages).toMatchObject([
      {
        id,
        phone_number_id: NUMBER,
        wa_id: USER,
        biz_opaque_callback_data: "msg_1",
        body: message,
      },
    ]);
  });

  test.each(["v26.0/", "v23.0/", ""])("works below /%s", async (version) => {
    const simulator = await play();
    const answer = await graph(simulator, "POST", `${version}${NUMBER}/messages`, textTo(USER));
    expect(answer.status).toBe(200);
    expect(simulator.requests().requests[0]).toMatchObject({
      path: `/${NUMBER}/messages`,
      version: version === "" ? null : version.slice(0, -1),
    });
  });

  test("is answered in escaped JSON too", async () => {
    const simulator = await play();
    const { raw } = await graph(simulator, "POST", "v26.0/1/ü", {});
    expect(raw).toContain(String.raw`Unknown path components: \/\u00fc`);
  });
});

describe("a send is refused", () => {
  test.each([
    ["without a token", null, 401, 190],
    ["with an expired token", "expired", 401, 190],
    ["with a token that is none", "garbage", 401, 190],
    ["with a token that may not", "powerless", 403, 10],
  ])("%s", async (_, token, status, code) => {
    const simulator = await play({ tokens: [TOKEN] });
    simulator.setToken({ token: "expired", state: "expired" });
    simulator.setToken({ token: "powerless", state: "no_permission" });
    const answer = await graph(simulator, "POST", `${NUMBER}/messages`, textTo(USER), token);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.body["error"]).toMatchObject({
      type: "OAuthException",
      fbtrace_id: expect.any(String),
    });
    expect((await graph(simulator, "POST", `${NUMBER}/messages`, textTo(USER))).status).toBe(200);
  });

  test("in the envelope that Meta documents", async () => {
    const simulator = await play();
    const { body } = await send(simulator, {
      messaging_product: "whatsapp",
      to: USER,
      type: "text",
    });
    expect(body).toEqual({
      error: {
        message: "(#131008) Required parameter is missing",
        type: "OAuthException",
        code: 131008,
        error_data: {
          messaging_product: "whatsapp",
          details: "Message of type text requires text.",
        },
        fbtrace_id: expect.any(String),
      },
    });
  });

  test.each<[string, unknown, number]>([
    ["that is not JSON at all", "{", 100],
    ["to nobody", { ...textTo(""), to: undefined }, 100],
    ["to something that is no number", textTo("ann"), 100],
    ["to 00 instead of +", textTo("0049301234567"), 100],
    ["to the sender itself", textTo("+15550783881"), 131021],
    [
      "of a template that does not exist",
      {
        messaging_product: "whatsapp",
        to: USER,
        type: "template",
        template: { name: "nope", language: { code: "en_US" } },
      },
      132001,
    ],
  ])("%s", async (_, body, code) => {
    const simulator = await play();
    expect((await send(simulator, body)).code).toBe(code);
    expect(simulator.accepted().messages).toEqual([]);
  });

  test("for a number that does not exist, with the subcode that Graph uses", async () => {
    const simulator = await play();
    const { status, body } = await send(simulator, textTo(USER), "999");
    expect(status).toBe(400);
    expect(body["error"]).toMatchObject({
      code: 100,
      error_subcode: 33,
      type: "GraphMethodException",
    });
  });

  test("when an authentication template goes to a BSUID", async () => {
    const simulator = await play();
    simulator.putTemplate({ name: "code", category: "AUTHENTICATION", body: "Code {{1}}" });
    const template = {
      name: "code",
      language: { code: "en_US" },
      components: [{ type: "body", parameters: [{ type: "text", text: "1234" }] }],
    };
    const message = { messaging_product: "whatsapp", type: "template", template };
    expect((await send(simulator, { ...message, recipient: "US.1349" })).code).toBe(131062);
    expect((await send(simulator, { ...message, to: USER })).status).toBe(200);
  });
});

describe("reading and typing", () => {
  const read = (id: string, more: object = {}) => ({
    messaging_product: "whatsapp",
    status: "read",
    message_id: id,
    ...more,
  });

  test("of a received message succeed", async () => {
    const { url: webhookUrl } = await startReceiver();
    const simulator = await play({ webhookUrl, settings: { strict_message_ids: true } });
    await simulator.emitMessage({ from: USER, text: "hi", id: "wamid.in" });
    const typing = { typing_indicator: { type: "text" } };
    expect((await send(simulator, read("wamid.in"))).body).toEqual({ success: true });
    expect((await send(simulator, read("wamid.in", typing))).body).toEqual({ success: true });
  });

  test("of our own, of strange or of malformed ids do not", async () => {
    const simulator = await play({ settings: { strict_message_ids: true } });
    const { body } = await send(simulator, textTo(USER));
    const [{ id } = { id: "" }] = body["messages"] as { id: string }[];
    const codes = [];
    for (const wrong of [id, "wamid.never", "msg_01h"]) {
      codes.push((await send(simulator, read(wrong))).code);
    }
    expect(codes).toEqual([131009, 131009, 131009]);
    expect((await send(simulator, read(""))).code).toBe(100);
    expect((await send(simulator, { ...read("wamid.x"), status: "seen" })).code).toBe(100);
    expect((await send(simulator, read("wamid.x", { typing_indicator: {} }))).code).toBe(131009);
  });
});

const recorded = recordedRequests();
describe.runIf(recorded.length > 0)("the requests of Meta's own documentation", () => {
  test.each(recorded)("%s is accepted", async (_, request) => {
    const simulator = await play();
    allowMedia(request, (mime_type) => simulator.addMedia({ mime_type, text: "x" }).id);
    const template = request["template"];
    if (isObject(template)) simulator.putTemplate(templateFor(template));
    expect((await send(simulator, request)).body).not.toHaveProperty("error");
  });
});

/** Replaces media ids by ones that exist. */
function allowMedia(request: JsonObject, newId: (mimeType: string) => string): void {
  for (const type of ["image", "video", "audio", "document", "sticker"]) {
    const media = request[type];
    if (isObject(media) && "id" in media) media["id"] = newId(`${type}/x`);
  }
}

/** A catalogue entry into which the recorded parameters fit. */
function templateFor(template: JsonObject) {
  const components = Array.isArray(template["components"]) ? template["components"] : [];
  const header = components.find((each) => each.type === "header")?.parameters[0].type;
  const parameters = components.find((each) => each.type === "body")?.parameters ?? [];
  const names = parameters.map(
    (each: { parameter_name?: string }, index: number) => each.parameter_name ?? String(index + 1),
  );
  return {
    name: String(template["name"]),
    category: "MARKETING" as const,
    parameter_format: /^\d+$/.test(names[0] ?? "1") ? ("POSITIONAL" as const) : ("NAMED" as const),
    components: [
      ...(header ? [{ type: "HEADER", format: String(header).toUpperCase() }] : []),
      { type: "BODY", text: names.map((name: string) => `{{${name}}}`).join(" ") },
    ],
  };
}

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import { isObject } from "../src/json.ts";
import {
  graph,
  listOf,
  NUMBER,
  play,
  send,
  stoppedClock,
  TOKEN,
  USER,
  WABA,
} from "./support/stage.ts";

async function upload(simulator: Simulator, type: string, bytes: string, product = "whatsapp") {
  const form = new FormData();
  form.set("messaging_product", product);
  form.set("type", type);
  form.set("file", new Blob([bytes], { type }), "file");
  const response = await fetch(`${simulator.url}/v26.0/${NUMBER}/media`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: form,
  });
  const body: unknown = await response.json();
  const { id, error } = isObject(body) ? body : {};
  const code = isObject(error) ? error["code"] : undefined;
  return { status: response.status, id: String(id), code };
}

function download(url: unknown, token: string | null = TOKEN) {
  return fetch(
    String(url),
    token === null ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
}

describe("media", () => {
  test("that was uploaded can be described, fetched with the token, sent and deleted", async () => {
    const simulator = await play({ settings: { window: "off" } });
    const { status, id } = await upload(simulator, "image/png", "picture");
    expect(status).toBe(200);
    const { body } = await graph(simulator, "GET", `v26.0/${id}?phone_number_id=${NUMBER}`);
    expect(body).toEqual({
      messaging_product: "whatsapp",
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/whatsapp_business\/attachments\//),
      mime_type: "image/png",
      sha256: createHash("sha256").update("picture").digest("hex"),
      file_size: 7,
      id,
    });
    const got = await download(body["url"]);
    expect([got.status, got.headers.get("content-type"), await got.text()]).toEqual([
      200,
      "image/png",
      "picture",
    ]);
    const image = { messaging_product: "whatsapp", to: USER, type: "image", image: { id } };
    expect((await send(simulator, image)).status).toBe(200);
    expect((await graph(simulator, "DELETE", `v26.0/${id}`)).body).toEqual({ success: true });
    expect((await send(simulator, image)).code).toBe(100);
  });

  test("is not told without the token, by a made-up URL, or after five minutes", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock });
    const { id } = simulator.addMedia({ mime_type: "audio/ogg; codecs=opus", base64: "AAEC" });
    const describe = async () => (await graph(simulator, "GET", `v26.0/${id}`)).body["url"];
    const url = String(await describe());
    expect((await download(url, null)).status).toBe(401);
    expect((await download(url.replace(/ext=\d+/, "ext=9999999999"))).status).toBe(404);
    clock.move(299_999);
    expect((await download(url)).status).toBe(200);
    clock.move(1);
    expect((await download(url)).status).toBe(404);
    expect((await download(await describe())).status).toBe(200);
    clock.move(7 * 86_400_000);
    expect((await graph(simulator, "GET", `v26.0/${id}`)).code).toBe(100);
  });

  test("of a user is refused where the business number is named as its owner", async () => {
    const simulator = await play();
    const { id } = simulator.addMedia({ mime_type: "image/jpeg", text: "x" });
    const path = `v26.0/${id}?phone_number_id=${NUMBER}`;
    expect((await graph(simulator, "GET", path)).code).toBe(100);
  });

  test.each([
    ["of a type that WhatsApp does not take", "image/gif", "x", "whatsapp", 131053],
    ["that is too large", "image/webp", "x".repeat(500_001), "whatsapp", 131053],
    ["for another product", "image/png", "x", "sms", 100],
  ])("%s is refused", async (_, type, bytes, product, code) => {
    const simulator = await play();
    expect((await upload(simulator, type, bytes, product)).code).toBe(code);
  });
});

describe("an account", () => {
  test("tells about its number: all of it, or the fields that were asked for", async () => {
    const simulator = await play();
    const { body } = await graph(simulator, "GET", `v26.0/${NUMBER}`);
    expect(body).toMatchObject({
      id: NUMBER,
      display_phone_number: "+1 555-078-3881",
      verified_name: "Lucky Shrub",
      quality_rating: "GREEN",
    });
    const some = await graph(simulator, "GET", `v26.0/${NUMBER}?fields=verified_name`);
    expect(some.body).toEqual({ id: NUMBER, verified_name: "Lucky Shrub" });
  });

  test("lists its numbers and its templates in pages", async () => {
    const simulator = await play();
    for (const name of ["a", "b", "c"]) simulator.putTemplate({ name, language: "de" });
    const names = (body: Record<string, unknown>) => listOf(body["data"]).map(({ name }) => name);
    const first = await graph(simulator, "GET", `v26.0/${WABA}/message_templates?limit=3`);
    expect(names(first.body)).toEqual(["hello_world", "a", "b"]);
    const { paging } = first.body as { paging: { next: string } };
    const second = await graph(simulator, "GET", paging.next.replace(`${simulator.url}/`, ""));
    expect(names(second.body)).toEqual(["c"]);
    expect(second.body["paging"]).not.toHaveProperty("next");
    const german = await graph(
      simulator,
      "GET",
      `v26.0/${WABA}/message_templates?language=de&name=b`,
    );
    expect(names(german.body)).toEqual(["b"]);
    const numbers = await graph(simulator, "GET", `v26.0/${WABA}/phone_numbers`);
    expect(listOf(numbers.body["data"])).toMatchObject([{ id: NUMBER }]);
  });

  test.each([
    "GET v26.0/999",
    "POST v26.0/999",
    "GET v26.0/999/message_templates",
    "DELETE v26.0/9",
  ])("that does not exist is an unknown object: %s", async (request) => {
    const simulator = await play();
    const [method = "", path = ""] = request.split(" ");
    const { status, body } = await graph(simulator, method, path);
    expect(status).toBe(400);
    expect(body["error"]).toMatchObject({ code: 100, error_subcode: 33 });
  });
});

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.ts";
import { GraphError } from "../../meta/graph-error.ts";
import { createTemplates } from "../templates.ts";
import { checkTemplate } from "./template.ts";

const WABA = "1";
const text = (value: string, name?: string) => ({
  type: "text",
  text: value,
  ...(name ? { parameter_name: name } : {}),
});
const body = (...parameters: object[]) => ({ type: "body", parameters });

function catalogue() {
  const templates = createTemplates();
  const put = (input: object) => templates.put(input, WABA);
  put({ name: "hello_world", body: "Hello World" });
  put({ name: "two", body: "Hi {{1}}, your order {{2}} is on its way. Bye {{1}}" });
  put({ name: "named", parameter_format: "NAMED", body: "Hi {{first_name}}" });
  put({ name: "paused", status: "PAUSED" });
  put({ name: "disabled", status: "DISABLED" });
  put({ name: "pending", status: "PENDING" });
  put({
    name: "picture",
    components: [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Look" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Stop" },
          { type: "URL", text: "Track", url: "https://example.com/{{1}}" },
          { type: "COPY_CODE", example: "A" },
        ],
      },
    ],
  });
  return templates;
}

const header = {
  type: "header",
  parameters: [{ type: "image", image: { link: "https://x.example/a.png" } }],
};
const url = { type: "button", sub_type: "url", index: "1", parameters: [text("abc")] };
const code = {
  type: "button",
  sub_type: "COPY_CODE",
  index: 2,
  parameters: [{ type: "coupon_code", coupon_code: "25OFF" }],
};

function check(name: string, components?: object[], language = "en_US"): number {
  const templates = catalogue();
  const content: JsonObject = {
    name,
    language: { code: language },
    ...(components ? { components } : {}),
  };
  try {
    checkTemplate(content, (wanted, code) => templates.find(WABA, wanted, code));
    return 0;
  } catch (error) {
    if (error instanceof GraphError) return error.code;
    throw error;
  }
}

describe("a template message", () => {
  test.each<[string, string, object[] | undefined, number]>([
    ["without variables", "hello_world", undefined, 0],
    ["with its variables; a repeated one counts once", "two", [body(text("Ann"), text("7"))], 0],
    ["with types in capitals", "two", [{ type: "BODY", parameters: [text("a"), text("b")] }], 0],
    ["with a named variable", "named", [body(text("Ann", "first_name"))], 0],
    ["with header, link and code", "picture", [header, url, code], 0],
    ["that nobody made", "nope", undefined, 132001],
    ["not approved yet", "pending", undefined, 132001],
    ["that is paused", "paused", undefined, 132015],
    ["that is disabled", "disabled", undefined, 132016],
    ["with too few values", "two", [body(text("Ann"))], 132000],
    ["without any values", "two", undefined, 132000],
    ["with values that it does not take", "hello_world", [body(text("Ann"))], 132000],
    ["with a header that it does not have", "two", [header, body(text("a"), text("b"))], 132000],
    ["with an image for a text", "two", [body(text("a"), { type: "image", image: {} })], 132012],
    [
      "with a text for an image",
      "picture",
      [{ type: "header", parameters: [text("a")] }, url, code],
      132012,
    ],
    ["without its header", "picture", [url, code], 132012],
    ["without its link", "picture", [header, code], 131008],
    ["with a link at the wrong place", "picture", [header, { ...url, index: 0 }, code], 131008],
    [
      "with a text where the code belongs",
      "picture",
      [header, url, { ...code, parameters: [text("a")] }],
      132012,
    ],
    ["with an unknown name", "named", [body(text("Ann", "last_name"))], 100],
    ["with an unnamed value", "named", [body(text("Ann"))], 100],
    ["with an empty value", "two", [body(text(""), text("b"))], 100],
    ["with a line break in a value", "two", [body(text("a\nb"), text("b"))], 100],
    ["that grows too long", "two", [body(text("a".repeat(1_100)), text("b"))], 132005],
  ])("%s", (_, name, components, expected) => {
    expect(check(name, components)).toBe(expected);
  });

  test("in another language is another template", () => {
    expect(check("hello_world", undefined, "de")).toBe(132001);
  });
});

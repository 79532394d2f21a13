import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.ts";
import { GraphError } from "../../meta/graph-error.ts";
import { checkMessage } from "./message.ts";

const KNOWN_MEDIUM = "1234567890";

function outcome(part: JsonObject): string | number {
  const message = { messaging_product: "whatsapp", to: "+16505551234", ...part };
  try {
    return checkMessage(message, { isMedia: (id) => id === KNOWN_MEDIUM });
  } catch (error) {
    if (error instanceof GraphError) return error.code;
    throw error;
  }
}

const text = (body: unknown, more: JsonObject = {}) => ({ type: "text", text: { body, ...more } });
const buttons = (...titles: string[]) => ({
  type: "interactive",
  interactive: {
    type: "button",
    body: { text: "Which?" },
    action: {
      buttons: titles.map((title, id) => ({ type: "reply", reply: { id: `b${id}`, title } })),
    },
  },
});
const list = (rows: number, more: JsonObject = {}) => ({
  type: "interactive",
  interactive: {
    type: "list",
    body: { text: "Which?" },
    action: {
      button: "Open",
      sections: [
        {
          title: "A",
          rows: Array.from({ length: rows }, (_, id) => ({ id: `${id}`, title: `${id}` })),
        },
      ],
    },
    ...more,
  },
});
const image = (media: JsonObject) => ({ type: "image", image: media });

describe("what Meta takes", () => {
  test.each<[string, JsonObject, string]>([
    ["a text", text("hello"), "text"],
    ["a text without a type", { text: { body: "hello" } }, "text"],
    ["4096 characters, though they are 8192 code units", text("😀".repeat(4096)), "text"],
    [
      "a preview and opaque data",
      { ...text("x", { preview_url: true }), biz_opaque_callback_data: "msg_1" },
      "text",
    ],
    ["an answer", { ...text("x"), context: { message_id: "wamid.x" } }, "text"],
    ["an image by link", image({ link: "https://example.com/a.png", caption: "A" }), "image"],
    ["an image by id", image({ id: KNOWN_MEDIUM }), "image"],
    [
      "a reaction",
      { type: "reaction", reaction: { message_id: "wamid.x", emoji: "👍" } },
      "reaction",
    ],
    [
      "a reaction taken back",
      { type: "reaction", reaction: { message_id: "wamid.x", emoji: "" } },
      "reaction",
    ],
    ["three buttons", buttons("a", "b", "c"), "interactive"],
    ["ten rows", list(10), "interactive"],
    [
      "a place",
      { type: "location", location: { latitude: 37.4, longitude: "-122.1" } },
      "location",
    ],
    [
      "a contact",
      { type: "contacts", contacts: [{ name: { formatted_name: "Ann A", first_name: "Ann" } }] },
      "contacts",
    ],
  ])("%s", (_, part, type) => {
    expect(outcome(part)).toBe(type);
  });
});

describe("what Meta refuses", () => {
  test.each<[string, JsonObject, number]>([
    ["no product", { ...text("x"), messaging_product: undefined }, 100],
    ["another product", { ...text("x"), messaging_product: "sms" }, 100],
    ["an unknown type", { type: "poll", poll: {} }, 100],
    ["an unknown recipient type", { ...text("x"), recipient_type: "bsuid" }, 100],
    ["a misspelled parameter", { ...text("x"), txt: {} }, 100],
    ["a type without its content", { type: "text" }, 131008],
    ["a text without a body", { type: "text", text: {} }, 100],
    ["an empty text", text(""), 100],
    ["a number for a text", text(5), 100],
    ["4097 characters", text("a".repeat(4097)), 100],
    ["a preview that is neither yes nor no", text("x", { preview_url: "yes" }), 100],
    ["too much opaque data", { ...text("x"), biz_opaque_callback_data: "a".repeat(513) }, 100],
    ["a context without an id", { ...text("x"), context: {} }, 100],
    ["an unknown medium", image({ id: "1" }), 100],
    ["a medium by id and by link", image({ id: KNOWN_MEDIUM, link: "https://x.example/a" }), 100],
    ["a medium by neither", image({}), 100],
    ["a link that is none", image({ link: "ftp://x.example/a" }), 100],
    ["1025 characters of caption", image({ id: KNOWN_MEDIUM, caption: "a".repeat(1025) }), 100],
    ["a caption on audio", { type: "audio", audio: { id: KNOWN_MEDIUM, caption: "a" } }, 100],
    ["a reaction to nothing", { type: "reaction", reaction: { emoji: "👍" } }, 100],
    [
      "a place off the globe",
      { type: "location", location: { latitude: 91, longitude: 0 } },
      131009,
    ],
    ["a contact without a name", { type: "contacts", contacts: [{}] }, 100],
    ["four buttons", buttons("a", "b", "c", "d"), 131009],
    ["two buttons of one title", buttons("a", "a"), 131009],
    ["a button of 21 characters", buttons("a".repeat(21)), 100],
    ["eleven rows", list(11), 131009],
    [
      "a list with a picture above it",
      list(1, { header: { type: "image", image: { id: KNOWN_MEDIUM } } }),
      131009,
    ],
    ["61 characters of footer", list(1, { footer: { text: "a".repeat(61) } }), 100],
    [
      "an unknown kind of interaction",
      { type: "interactive", interactive: { type: "quiz" } },
      131009,
    ],
  ])("%s", (_, part, code) => {
    expect(outcome(part)).toBe(code);
  });
});

import { describe, expect, test } from "vitest";
import type { ProviderRequest } from "../core/outside/provider-http.ts";
import { Secret } from "../core/secret.ts";
import type { Interactive, Letter, Outgoing } from "../core/sending/outgoing.ts";
import type { Provider } from "./provider.ts";
import { providerOf } from "./registry.ts";

const KINDS = ["messenger", "instagram", "whatsapp"] as const;
type Kind = (typeof KINDS)[number];
const TO = {
  messenger: { kind: "psid", value: "2400000000000001" },
  instagram: { kind: "igsid", value: "1700000000000001" },
  whatsapp: { kind: "wa_id", value: "16505551234" },
} as const;
const ANSWERS = {
  messenger: { recipient_id: TO.messenger.value, message_id: "m_1" },
  instagram: { recipient_id: TO.instagram.value, message_id: "mid_1" },
  whatsapp: { contacts: [{ wa_id: TO.whatsapp.value }], messages: [{ id: "wamid.1" }] },
};

const text = (words: string): Outgoing => ({ type: "text", text: words, previewUrl: false });
const media = (kind: "image" | "voice" | "document" | "sticker", more: object = {}): Outgoing => ({
  type: "media",
  kind,
  url: "https://files.example/a",
  ...{ caption: null, filename: null, ...more },
});
const reaction = (emoji: string | null): Outgoing => ({
  type: "reaction",
  targetId: null,
  targetProviderId: "m_original",
  emoji,
});
const choice = (interactive: Interactive): Outgoing => ({ type: "interactive", interactive });
const replies = (count: number): Interactive => ({
  kind: "buttons",
  body: "Which?",
  actions: Array.from({ length: count }, (_, at) => ({ id: `id${at}`, title: `No. ${at}` })),
});
const link: Interactive = {
  kind: "cta_url",
  body: "See for yourself.",
  actions: [{ title: "Dates", url: "https://shop.example" }],
};
const list: Interactive = {
  kind: "list",
  body: "Which?",
  button: "Choose",
  actions: [
    { id: "a", title: "A", section: "Fast" },
    { id: "b", title: "B", section: "Slow", description: "cheap" },
    { id: "c", title: "C", section: "Fast" },
  ],
};
const carousel: Interactive = {
  kind: "carousel",
  body: "",
  actions: [{ title: "Fern", subtitle: "green", buttons: [{ title: "Buy", id: "buy" }] }],
};

function provider(kind: Kind): Provider {
  const found = providerOf(kind);
  if (!found) throw new Error(`nothing sends by ${kind}`);
  return found;
}

async function sent(
  kind: Kind,
  letter: Partial<Letter>,
  login: "facebook" | "instagram" = "facebook",
) {
  const requests: ProviderRequest[] = [];
  const http = {
    request(request: ProviderRequest) {
      requests.push(request);
      const body = JSON.stringify(ANSWERS[kind]);
      return Promise.resolve({ kind: "response" as const, status: 200, headers: {}, body });
    },
  };
  const places = {
    meta: { graphUrl: "https://graph.facebook.com", graphVersion: "v26.0" },
    twilio: { apiUrl: "https://api.twilio.com" },
    publicUrl: null,
  };
  const sender = {
    ...{ kind, externalId: "100", messagingServiceSid: null, wabaId: null, login },
    credentials: { access_token: new Secret("EAAB") },
  };
  const base = {
    to: TO[kind],
    content: text("Hi"),
    replyTo: null,
    actor: "bot",
    tag: null,
  } as const;
  const full = { ...base, token: "msg_1", isWindowOpen: true, ...letter };
  const outcome = await provider(kind).send(http, places, sender, full);
  const [request] = requests;
  return { outcome, url: request?.url, body: JSON.parse(request?.body ?? "{}"), request };
}

describe("a message by Messenger", () => {
  test("is one POST to the Page's messages and carries our id for the echo", async () => {
    const { outcome, request, body } = await sent("messenger", {});
    expect(request).toMatchObject({
      method: "POST",
      url: "https://graph.facebook.com/v26.0/100/messages",
      headers: { authorization: "Bearer EAAB" },
    });
    expect(body).toEqual({
      recipient: { id: TO.messenger.value },
      messaging_type: "RESPONSE",
      message: { text: "Hi", metadata: "msg_1" },
    });
    expect(outcome).toEqual({ kind: "accepted", providerId: "m_1", recipient: TO.messenger });
  });

  test.each<[string, Outgoing, object]>([
    ["an image", media("image"), { type: "image", payload: { url: "https://files.example/a" } }],
    ["a voice note as audio", media("voice"), { type: "audio" }],
    ["a document as a file", media("document"), { type: "file" }],
    [
      "three buttons under the text",
      choice(replies(3)),
      { type: "template", payload: { template_type: "button", text: "Which?" } },
    ],
    [
      "a link as a button",
      choice(link),
      {
        payload: {
          buttons: [{ type: "web_url", url: "https://shop.example", title: "Dates" }],
        },
      },
    ],
    [
      "cards",
      choice(carousel),
      {
        payload: {
          template_type: "generic",
          elements: [
            { title: "Fern", buttons: [{ type: "postback", title: "Buy", payload: "buy" }] },
          ],
        },
      },
    ],
  ])("can be %s", async (_, content, attachment) => {
    const { body } = await sent("messenger", { content });
    expect(body.message).toMatchObject({ attachment, metadata: "msg_1" });
  });

  test("offers more than three buttons, and lists, as quick replies", async () => {
    const { body } = await sent("messenger", { content: choice(replies(4)) });
    expect(body.message.text).toBe("Which?");
    expect(body.message.quick_replies).toHaveLength(4);
    expect(body.message.quick_replies[0]).toEqual({
      content_type: "text",
      title: "No. 0",
      payload: "id0",
    });
    const listed = await sent("messenger", { content: choice(list) });
    expect(listed.body.message.quick_replies).toHaveLength(3);
  });

  test("answers a message", async () => {
    expect((await sent("messenger", { replyTo: "m_0" })).body.reply_to).toEqual({ mid: "m_0" });
  });
});

describe.each(["messenger", "instagram"] as const)("after the window has closed, %s", (kind) => {
  const tagged = { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" };

  test("is told of a person who answers", async () => {
    const { body } = await sent(kind, { actor: "agent", isWindowOpen: false });
    expect(body).toMatchObject(tagged);
  });

  test("is never told so of software", async () => {
    const { body } = await sent(kind, { actor: "bot", isWindowOpen: false });
    expect(body).not.toHaveProperty("tag");
  });

  test("is not told while the window is open, unless asked to", async () => {
    expect((await sent(kind, { actor: "agent" })).body).not.toHaveProperty("tag");
    expect((await sent(kind, { actor: "agent", tag: "HUMAN_AGENT" })).body).toMatchObject(tagged);
  });
});

describe("a message by Instagram", () => {
  test("goes to the Page with a Page's token", async () => {
    const { url, body, outcome } = await sent("instagram", {}, "facebook");
    expect(url).toBe("https://graph.facebook.com/v26.0/me/messages");
    expect(body).toEqual({ recipient: { id: TO.instagram.value }, message: { text: "Hi" } });
    expect(outcome).toMatchObject({ kind: "accepted", providerId: "mid_1" });
  });

  test("goes to the account at Instagram's own host with Instagram's own token", async () => {
    const { url } = await sent("instagram", {}, "instagram");
    expect(url).toBe("https://graph.instagram.com/v26.0/100/messages");
  });

  test("reacts with love by a Page's token and with any emoji by Instagram's own", async () => {
    const love = await sent("instagram", { content: reaction("❤️") }, "facebook");
    expect(love.body.payload).toEqual({ message_id: "m_original", reaction: "love" });
    const other = await sent("instagram", { content: reaction("🎉") }, "instagram");
    expect(other.body.payload).toEqual({ message_id: "m_original", reaction: "🎉" });
  });
});

describe("a reaction by Messenger", () => {
  test("is put on a message and taken away, and has no id of its own", async () => {
    const put = await sent("messenger", { content: reaction("😢") });
    expect(put.body).toEqual({
      recipient: { id: TO.messenger.value },
      sender_action: "react",
      payload: { message_id: "m_original", reaction: "😢" },
    });
    expect(put.outcome).toMatchObject({ kind: "accepted", providerId: null });
    const taken = await sent("messenger", { content: reaction(null) });
    expect(taken.body).toMatchObject({
      sender_action: "unreact",
      payload: { message_id: "m_original" },
    });
  });
});

describe("a private reply", () => {
  test.each(["messenger", "instagram"] as const)("by %s goes to the comment", async (kind) => {
    const to = { kind: "comment", value: "178_1" } as const;
    const { body, outcome } = await sent(kind, { to, actor: "agent", isWindowOpen: false });
    expect(body.recipient).toEqual({ comment_id: "178_1" });
    expect(body).not.toHaveProperty("tag");
    expect(outcome).toMatchObject({ recipient: TO[kind] });
  });
});

describe("a message by WhatsApp", () => {
  test.each<[string, Outgoing, object]>([
    [
      "a document with its name and caption",
      media("document", { filename: "a.pdf", caption: "Yours" }),
      {
        type: "document",
        document: { link: "https://files.example/a", filename: "a.pdf", caption: "Yours" },
      },
    ],
    ["a voice note", media("voice"), { type: "audio", audio: { voice: true } }],
    [
      "a template, its components verbatim",
      { type: "template", name: "hello", language: "en_US", components: [{ index: "0", a: [1] }] },
      {
        type: "template",
        template: {
          name: "hello",
          language: { code: "en_US" },
          components: [{ index: "0", a: [1] }],
        },
      },
    ],
    ["a reaction", reaction("👍"), { reaction: { message_id: "m_original", emoji: "👍" } }],
    ["no reaction", reaction(null), { reaction: { message_id: "m_original", emoji: "" } }],
    [
      "buttons",
      choice(replies(1)),
      {
        interactive: {
          type: "button",
          body: { text: "Which?" },
          action: { buttons: [{ type: "reply", reply: { id: "id0", title: "No. 0" } }] },
        },
      },
    ],
    [
      "a list in sections",
      choice(list),
      {
        interactive: {
          type: "list",
          action: {
            button: "Choose",
            sections: [
              {
                title: "Fast",
                rows: [
                  { id: "a", title: "A" },
                  { id: "c", title: "C" },
                ],
              },
              { title: "Slow", rows: [{ id: "b", title: "B", description: "cheap" }] },
            ],
          },
        },
      },
    ],
    [
      "a link, as Meta documents it",
      choice({ ...link, header: { type: "image", url: "https://a.example/b.png" }, footer: "F" }),
      {
        interactive: {
          type: "cta_url",
          header: { type: "image", image: { link: "https://a.example/b.png" } },
          footer: { text: "F" },
          action: {
            name: "cta_url",
            parameters: { display_text: "Dates", url: "https://shop.example" },
          },
        },
      },
    ],
    [
      "a request for a location",
      choice({ kind: "location_request", body: "Where?" }),
      { interactive: { type: "location_request_message", action: { name: "send_location" } } },
    ],
    [
      "a flow",
      choice({ kind: "flow", body: "Book", actions: [{ title: "Go", flow_id: "1", screen: "S" }] }),
      {
        interactive: {
          type: "flow",
          action: {
            parameters: {
              flow_id: "1",
              flow_cta: "Go",
              flow_action: "navigate",
              flow_action_payload: { screen: "S" },
            },
          },
        },
      },
    ],
    [
      "a product",
      choice({ kind: "product", body: "", actions: [{ catalog_id: "9", product_id: "p" }] }),
      {
        interactive: { type: "product", action: { catalog_id: "9", product_retailer_id: "p" } },
      },
    ],
    [
      "WhatsApp's own form, verbatim",
      { type: "native", interactive: { type: "carousel", action: { cards: [] } } },
      { type: "interactive", interactive: { type: "carousel", action: { cards: [] } } },
    ],
  ])("can be %s", async (_, content, expected) => {
    const { body } = await sent("whatsapp", { content });
    expect(body).toMatchObject({ ...expected, biz_opaque_callback_data: "msg_1" });
  });
});

describe("what a channel would never take", () => {
  const flower = "🌷"; // four bytes, one character

  test.each<[Kind, string, Outgoing, string]>([
    ["messenger", "2,001 characters", text(flower.repeat(2001)), "/text"],
    ["instagram", "1,001 bytes", text(`${flower.repeat(250)}a`), "/text"],
    ["whatsapp", "4,097 characters", text(flower.repeat(4097)), "/text"],
    ["whatsapp", "a long caption", media("image", { caption: "a".repeat(1025) }), "/media/caption"],
  ])("%s: %s", (kind, _, content, pointer) => {
    expect(provider(kind).unfit(content)).toMatchObject({ code: "text_too_long", pointer });
  });

  test.each<[Kind, Outgoing]>([
    ["messenger", text(flower.repeat(2000))],
    ["instagram", text(flower.repeat(250))],
    ["whatsapp", text(flower.repeat(4096))],
  ])("%s: not a character, or byte, less", (kind, content) => {
    expect(provider(kind).unfit(content)).toBeNull();
  });

  test.each<[Kind, string, Outgoing, string]>([
    ["messenger", "a caption", media("image", { caption: "a" }), "/media/caption"],
    ["instagram", "a sticker", media("sticker"), "/media/type"],
    ["whatsapp", "a voice note's caption", media("voice", { caption: "a" }), "/media/caption"],
    ["whatsapp", "cards in our words", choice(carousel), "/interactive"],
    [
      "instagram",
      "a flow",
      choice({ kind: "flow", body: "a", actions: [{ title: "a", flow_id: "1" }] }),
      "/interactive/kind",
    ],
    ["messenger", "a footer", choice({ ...link, footer: "f" }), "/interactive/footer"],
    [
      "messenger",
      "a template",
      { type: "template", name: "a", language: "en", components: [] },
      "/template_name",
    ],
    [
      "instagram",
      "WhatsApp's own form",
      { type: "native", interactive: { type: "button" } },
      "/interactive/type",
    ],
  ])("%s: %s", (kind, _, content, pointer) => {
    expect(provider(kind).unfit(content)).toMatchObject({ code: "unsupported_action", pointer });
  });

  test("too many buttons, or too long ones", () => {
    expect(provider("whatsapp").unfit(choice(replies(4)))).toMatchObject({
      code: "invalid_request",
      pointer: "/interactive/actions",
    });
    expect(provider("messenger").unfit(choice(replies(14)))).toMatchObject({
      code: "invalid_request",
    });
    const long = choice({
      ...link,
      actions: [{ title: "a".repeat(21), url: "https://a.example" }],
    });
    for (const kind of KINDS) {
      expect(provider(kind).unfit(long)).toMatchObject({ pointer: "/interactive/actions/0/title" });
    }
  });
});

describe("a signal", () => {
  test("shows typing in each channel's way", () => {
    const signal = { kind: "typing_on", to: TO.whatsapp, lastReceived: null } as const;
    expect(provider("whatsapp").signals?.unfit(signal)).toMatchObject({ pointer: "/typing" });
    expect(provider("whatsapp").signals?.unfit({ ...signal, lastReceived: "wamid.in" })).toBeNull();
    expect(provider("messenger").signals?.unfit(signal)).toBeNull();
  });
});

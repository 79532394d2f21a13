import { describe, expect, test } from "vitest";
import type { Letter } from "../../core/sending/outgoing.ts";
import { render } from "./render.ts";

const text = (words: string, previewUrl = false) =>
  ({ type: "text", text: words, previewUrl }) as const;

const hello: Letter = {
  to: { kind: "wa_id", value: "16505551234" },
  content: text("Hello, José 👋"),
  replyTo: null,
  actor: "bot",
  tag: null,
  isWindowOpen: true,
  token: "msg_01hexample",
};

describe("a WhatsApp text", () => {
  test("goes to a number with its plus sign and carries our message id", () => {
    expect(render(hello)).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+16505551234",
      type: "text",
      text: { preview_url: false, body: "Hello, José 👋" },
      biz_opaque_callback_data: "msg_01hexample",
    });
  });

  test("goes to a business-scoped user id as recipient, never in to", () => {
    const body = render({
      ...hello,
      to: { kind: "bsuid", value: "US.13491208655302741918" },
    });
    expect(body).toMatchObject({ recipient: "US.13491208655302741918" });
    expect(body).not.toHaveProperty("to");
  });

  test("names the message that it answers", () => {
    expect(render({ ...hello, replyTo: "wamid.HBgL" })).toMatchObject({
      context: { message_id: "wamid.HBgL" },
    });
  });

  test("asks for a preview of its link only when told to", () => {
    expect(render({ ...hello, content: text("https://example.com", true) })).toMatchObject({
      text: { preview_url: true },
    });
  });

  test("is Meta's documented contextual reply and our token", () => {
    const documented = JSON.parse(
      `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","context":{"message_id":"wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA="},"type":"text","text":{"body":"You're welcome, Pablo!"}}`,
    );
    const ours = render({
      ...hello,
      content: text("You're welcome, Pablo!"),
      replyTo: documented.context.message_id,
    });
    expect(ours).toEqual({
      ...documented,
      text: { ...documented.text, preview_url: false },
      biz_opaque_callback_data: hello.token,
    });
  });
});

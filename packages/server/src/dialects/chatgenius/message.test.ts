import { expect, test } from "vitest";
import { showMessage } from "./message.ts";

const FILE = "https://curlew.example/media/med_1";
const MEDIA = { id: "med_1", state: "fetching", mime: null, url: FILE };
const shown = (content: object, more: object = {}) => showMessage({ content, ...more });

test("a reel tells what was shared beside the file of it", () => {
  const share = { id: "1800", url: FILE, title: "My reel" };
  expect(shown({ type: "reel_share", share, media: MEDIA })).toMatchObject({
    type: "reel",
    share: { id: "1800", url: FILE, title: "My reel" },
    media: { id: "med_1", url: FILE },
  });
});

test("a post that comes as a link to it is told with that link", () => {
  const share = { id: null, url: null, permalink: "https://www.instagram.com/p/C2example/" };
  expect(shown({ type: "post_share", share })).toMatchObject({
    share: { id: null, url: "https://www.instagram.com/p/C2example/", title: null },
  });
});

test("an answer to a story names the story beside the file of it", () => {
  const story = { id: "S1", url: FILE, expires_at: null };
  const told = shown({ type: "story_reply", story, media: MEDIA, text: "wow" });
  expect(told).toMatchObject({ text: "wow", story: { id: "S1" }, media: { id: "med_1" } });
});

test("a form that was filled in is told with its answers", () => {
  const content = { type: "interactive_reply", kind: "flow", id: "flow", title: "Sent" };
  expect(shown({ ...content, response_json: '{"size":"M"}' })).toMatchObject({
    interactive: { kind: "flow", response_json: '{"size":"M"}' },
  });
  expect(shown(content)).not.toHaveProperty("interactive.response_json");
});

test("a picture that came by SMS has text, encoding and segments like every SMS", () => {
  const sent = { type: "image", media: { ...MEDIA, caption: "pic" } };
  expect(shown({ ...sent, encoding: "GSM-7", segments: 1 })).toMatchObject({
    ...{ type: "image", text: "pic", encoding: "GSM-7", segments: 1 },
    ...{ caption: "pic", media: { id: "med_1" } },
  });
  expect(shown(sent)).toMatchObject({ text: null, caption: "pic" });
});

test("a message of which the provider tells no time was sent when it came", () => {
  const came = "2026-11-21T10:00:00.123Z";
  const message = { sent_at: null, received_at: came };
  expect(shown({ type: "text", text: "Hello" }, message)).toMatchObject({ sent_at: came });
});

test("an answer to a message that is not known here names it as the platform does", () => {
  const quoted = { message_id: null, provider_id: "wamid.before" };
  expect(shown({ type: "text", text: "Yes" }, { quoted })).toMatchObject({
    reply_to: "wamid.before",
  });
});

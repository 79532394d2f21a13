import { expect, test } from "vitest";
import { plainSpeech } from "../speech.ts";
import { genesy } from "./dialect.ts";

test.each([
  ["an e-mail of which no channel is told", "email", {}, "EMAIL_SENT", "EMAIL"],
  ["what is told to be an InMail", "email", { channel: "inmail" }, "INMAIL_SENT", "INMAIL"],
  ["words of which no channel is told", "text", {}, "LINKEDIN_MESSAGE_SENT", "LINKEDIN"],
])("%s is told as what it is", (_, type, told, eventType, messageType) => {
  const event = {
    ...{ id: "evt_01hkaa0000e008000000000004", type: "outreach.message_sent" },
    ...{ occurred_at: "2026-11-21T10:00:00.123Z", channel: null },
    data: { ...told, message: { content: { type, subject: "Your offer", text: "Hello" } } },
  };
  const body = genesy.render(
    { native: JSON.stringify(event), history: null },
    plainSpeech(genesy),
    1,
  );
  expect(JSON.parse(body)).toMatchObject({ eventType, message: { type: messageType } });
});

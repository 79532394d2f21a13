import { unfitFile } from "../../core/sending/file-rules.ts";
import type { Outgoing, Unfit } from "../../core/sending/outgoing.ts";
import type { Provider } from "../provider.ts";
import { checkSms } from "./check.ts";
import { sendErrorOf } from "./errors.ts";
import { filesWith } from "./files.ts";
import { locateTwilioMedia } from "./media.ts";
import { sendSms } from "./send.ts";

/** Code units: that is how Twilio counts. */
const MAX_TEXT = 1_600;
const FILES = filesWith(MAX_TEXT);

export const sms: Provider = {
  kind: "sms",
  credentials: ["account_sid", "auth_token"],
  unfit,
  files: FILES,
  send: sendSms,
  signals: null,
  reconciles: "token",
  check: checkSms,
  locateMedia: locateTwilioMedia,
  findProfile: null,
  errorOf: sendErrorOf,
};

function unfit(content: Outgoing): Unfit | null {
  switch (content.type) {
    case "text":
      return tooLong("/text", content.text);
    case "media":
      return content.kind === "sticker" || content.kind === "voice"
        ? unsupported("/media/type", `sms takes no ${content.kind}`)
        : (tooLong("/media/caption", content.caption ?? "") ?? unfitFile("sms", FILES, content));
    case "template":
      return unsupported("/template_name", "templates are WhatsApp's");
    case "interactive":
    case "native":
      return unsupported("/interactive", "sms takes text and media");
    case "reaction":
      return unsupported("/reaction", "sms has no reactions");
  }
}

function tooLong(pointer: string, text: string): Unfit | null {
  if (text.length <= MAX_TEXT) return null;
  const detail = `has ${text.length} characters; sms takes ${MAX_TEXT}`;
  return { pointer, code: "text_too_long", detail };
}

function unsupported(pointer: string, detail: string): Unfit {
  return { pointer, code: "unsupported_action", detail };
}

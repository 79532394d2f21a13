import type { Outgoing, Unfit } from "../../core/outgoing.ts";
import type { Provider } from "../provider.ts";
import { sendErrorOf } from "./errors.ts";
import { render } from "./render.ts";
import { sendWhatsapp } from "./send.ts";

const MAX_TEXT = 4096;

export const whatsapp: Provider = {
  kind: "whatsapp",
  credentials: ["access_token"],
  unfit,
  send: (http, places, sender, letter) => sendWhatsapp(http, places, sender, render(letter)),
  errorOf: sendErrorOf,
};

function unfit(content: Outgoing): Unfit | null {
  if (content.type !== "text") return null;
  const length = [...content.text].length;
  if (length <= MAX_TEXT) return null;
  const detail = `has ${length} characters; whatsapp takes ${MAX_TEXT}`;
  return { pointer: "/text", code: "text_too_long", detail };
}

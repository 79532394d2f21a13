import { unfitFile } from "../../core/sending/file-rules.ts";
import type {
  Interactive,
  Outgoing,
  OutgoingMedia,
  Signal,
  Unfit,
} from "../../core/sending/outgoing.ts";
import { FILES } from "./files.ts";

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_SMALL = 60;

/** Why WhatsApp would never take this. What it says itself is left to it. */
export function unfit(content: Outgoing): Unfit | null {
  switch (content.type) {
    case "text":
      return tooLong("/text", content.text, MAX_TEXT);
    case "media":
      return unfitMedia(content) ?? unfitFile("WhatsApp", FILES, content);
    case "interactive":
      return unfitInteractive(content.interactive);
    case "template":
    case "native":
    case "reaction":
      return null;
  }
}

export function unfitSignal({ kind, lastReceived }: Signal): Unfit | null {
  if (kind === "typing_off") {
    const detail = "WhatsApp ends it by itself: with the next message, or after 25 seconds";
    return { pointer: "/typing", code: "unsupported_action", detail };
  }
  if (lastReceived !== null) return null;
  const pointer = kind === "mark_read" ? "/action" : "/typing";
  const detail = "WhatsApp needs a message of the customer's for it, and none is known";
  return { pointer, code: "invalid_request", detail };
}

function unfitMedia({ kind, caption, filename }: OutgoingMedia): Unfit | null {
  const takesCaption = kind === "image" || kind === "video" || kind === "document";
  if (caption !== null && !takesCaption) {
    return unsupported("/media/caption", `WhatsApp shows no caption with ${kind}`);
  }
  if (filename !== null && kind !== "document") {
    return unsupported("/media/filename", "WhatsApp names documents only");
  }
  return caption === null ? null : tooLong("/media/caption", caption, MAX_CAPTION);
}

function unfitInteractive(interactive: Interactive): Unfit | null {
  const { kind, body, footer, header } = interactive;
  const at = "/interactive";
  if (kind === "carousel") {
    const detail = "WhatsApp takes carousels as templates, or in its own form (`type: carousel`)";
    return unsupported(at, detail);
  }
  if (body === "" && kind !== "product") return invalid(`${at}/body`, "WhatsApp needs a body");
  return (
    tooLong(`${at}/body`, body, kind === "list" ? MAX_TEXT : MAX_CAPTION) ??
    tooLong(`${at}/footer`, footer ?? "", MAX_SMALL) ??
    tooLong(`${at}/header/text`, header?.type === "text" ? header.text : "", MAX_SMALL) ??
    unfitActions(interactive)
  );
}

function unfitActions(interactive: Interactive): Unfit | null {
  const at = "/interactive/actions";
  switch (interactive.kind) {
    case "buttons":
      return tooMany(at, interactive.actions, 3) ?? tooLongTitles(at, interactive.actions, 20);
    case "list":
      return (
        tooMany(at, interactive.actions, 10) ??
        tooLong("/interactive/button", interactive.button, 20) ??
        tooLongTitles(at, interactive.actions, 24)
      );
    case "cta_url":
      return tooMany(at, interactive.actions, 1) ?? tooLongTitles(at, interactive.actions, 20);
    case "flow":
      return tooMany(at, interactive.actions, 1) ?? tooLongTitles(at, interactive.actions, 30);
    case "product":
      return tooMany(at, interactive.actions, 30);
    default:
      return null;
  }
}

function tooLongTitles(
  at: string,
  actions: readonly { title: string }[],
  most: number,
): Unfit | null {
  const place = actions.findIndex(({ title }) => [...title].length > most);
  const found = actions[place];
  return found === undefined ? null : tooLong(`${at}/${place}/title`, found.title, most);
}

function tooMany(pointer: string, actions: readonly unknown[], most: number): Unfit | null {
  if (actions.length <= most) return null;
  return invalid(pointer, `has ${actions.length}; WhatsApp takes ${most}`);
}

function tooLong(pointer: string, text: string, most: number): Unfit | null {
  const length = [...text].length;
  if (length <= most) return null;
  const detail = `has ${length} characters; WhatsApp takes ${most}`;
  return { pointer, code: "text_too_long", detail };
}

function unsupported(pointer: string, detail: string): Unfit {
  return { pointer, code: "unsupported_action", detail };
}

function invalid(pointer: string, detail: string): Unfit {
  return { pointer, code: "invalid_request", detail };
}

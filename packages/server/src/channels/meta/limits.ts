import type { Interactive, OutgoingMedia, Unfit } from "../../core/sending/outgoing.ts";

/** What Messenger and Instagram would never take, in their common part. `name` is the channel's. */

const MOST_QUICK_REPLIES = 13;
const MOST_BUTTONS = 3;
const MOST_CARDS = 10;
const MAX_TITLE = 20;
const MAX_TEMPLATE_TEXT = 640;
const MAX_CARD_TEXT = 80;

export function unfitMedia(name: string, { caption, filename }: OutgoingMedia): Unfit | null {
  if (caption !== null) {
    const detail = `${name} shows no captions: send the text as a message of its own`;
    return unsupported("/media/caption", detail);
  }
  if (filename !== null) {
    return unsupported("/media/filename", `${name} names a file by its URL alone`);
  }
  return null;
}

export function unfitInteractive(name: string, interactive: Interactive): Unfit | null {
  const { kind, body, header, footer } = interactive;
  const at = "/interactive";
  if (kind === "flow" || kind === "product" || kind === "location_request") {
    return unsupported(`${at}/kind`, `${name} has no ${kind}`);
  }
  if (header !== undefined) return unsupported(`${at}/header`, `${name} has no headers`);
  if (footer !== undefined) return unsupported(`${at}/footer`, `${name} has no footers`);
  if (kind === "carousel") return unfitCarousel(name, interactive);
  if (body === "") return invalid(`${at}/body`, `${name} needs a body`);
  const most = kind === "cta_url" ? MOST_BUTTONS : MOST_QUICK_REPLIES;
  return (
    tooLong(name, `${at}/body`, body, MAX_TEMPLATE_TEXT) ??
    tooMany(name, `${at}/actions`, interactive.actions, most) ??
    tooLongTitles(name, `${at}/actions`, interactive.actions, MAX_TITLE)
  );
}

function unfitCarousel(
  name: string,
  { body, actions }: Extract<Interactive, { kind: "carousel" }>,
): Unfit | null {
  const at = "/interactive/actions";
  if (body !== "") {
    const detail = `${name} shows no text above cards: send it as a message of its own`;
    return unsupported("/interactive/body", detail);
  }
  const crowded = actions.findIndex(({ buttons = [] }) => buttons.length > MOST_BUTTONS);
  if (crowded !== -1) {
    return invalid(`${at}/${crowded}/buttons`, `${name} takes ${MOST_BUTTONS}`);
  }
  return tooMany(name, at, actions, MOST_CARDS) ?? tooLongTitles(name, at, actions, MAX_CARD_TEXT);
}

function tooLongTitles(
  name: string,
  at: string,
  actions: readonly { title: string }[],
  most: number,
): Unfit | null {
  const place = actions.findIndex(({ title }) => [...title].length > most);
  const found = actions[place];
  return found === undefined ? null : tooLong(name, `${at}/${place}/title`, found.title, most);
}

function tooMany(
  name: string,
  pointer: string,
  actions: readonly unknown[],
  most: number,
): Unfit | null {
  if (actions.length <= most) return null;
  return invalid(pointer, `has ${actions.length}; ${name} takes ${most}`);
}

export function tooLong(name: string, pointer: string, text: string, most: number): Unfit | null {
  const length = [...text].length;
  if (length <= most) return null;
  const detail = `has ${length} characters; ${name} takes ${most}`;
  return { pointer, code: "text_too_long", detail };
}

export function unsupported(pointer: string, detail: string): Unfit {
  return { pointer, code: "unsupported_action", detail };
}

function invalid(pointer: string, detail: string): Unfit {
  return { pointer, code: "invalid_request", detail };
}

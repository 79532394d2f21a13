import { publicId } from "../ids.ts";
import type { Content, InteractiveContent } from "../messages/content.ts";
import type { Interactive, NativeInteractive, Outgoing, SentFile } from "./outgoing.ts";

/** A message of ours as events and the API show it. */
export function shownContent(content: Outgoing): Content {
  switch (content.type) {
    case "text": {
      const preview = content.previewUrl ? { preview_url: true } : {};
      return { type: "text", text: content.text, ...preview };
    }
    case "media": {
      const { kind: type, url, caption, filename, file } = content;
      const name = filename ?? file?.filename ?? null;
      const named = name === null ? {} : { filename: name };
      const facts = file ? factsOf(file) : UNKNOWN;
      return { type, media: { ...facts, ...named, ...(caption ? { caption } : {}), url } };
    }
    case "template": {
      const { name, language, components } = content;
      return { type: "template", name, language, components };
    }
    case "interactive":
      return shownInteractive(content.interactive);
    case "native":
      return shownNative(content.interactive);
    case "reaction": {
      const { targetId, emoji } = content;
      return {
        type: "reaction",
        emoji,
        action: emoji === null ? "remove" : "add",
        target_message_id: targetId === null ? null : publicId("msg", targetId),
      };
    }
  }
}

const UNKNOWN = { id: null, mime: null, bytes: null, sha256: null, expires_at: null };

function factsOf({ id, mime, bytes, sha256, expiresAt }: SentFile) {
  const state = "stored" as const;
  return { id: publicId("med", id), state, mime, bytes, sha256, expires_at: expiresAt };
}

function shownInteractive(interactive: Interactive): InteractiveContent {
  const { kind, body, header, footer } = interactive;
  return {
    type: "interactive",
    kind,
    body,
    ...(header === undefined ? {} : { header }),
    ...(footer === undefined ? {} : { footer }),
    actions: interactive.kind === "location_request" ? [] : interactive.actions,
  };
}

const KIND_OF_NATIVE: Readonly<Record<string, InteractiveContent["kind"]>> = {
  button: "buttons",
  list: "list",
  cta_url: "cta_url",
  carousel: "carousel",
  product: "product",
  product_list: "product",
  flow: "flow",
  location_request_message: "location_request",
};

function shownNative({ type, body, header, footer, action }: NativeInteractive) {
  return {
    type: "interactive" as const,
    kind: KIND_OF_NATIVE[type] ?? ("buttons" as const),
    body: textIn(body) ?? "",
    ...(isObject(header) ? { header } : {}),
    ...(textIn(footer) === null ? {} : { footer: textIn(footer) ?? "" }),
    actions: isObject(action) ? [action] : [],
  };
}

function textIn(value: unknown): string | null {
  return isObject(value) && "text" in value && typeof value.text === "string" ? value.text : null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

import type { Content } from "../../core/messages/content.ts";
import type { Outgoing } from "../../core/sending/outgoing.ts";
import { shownContent } from "../../core/sending/shown-content.ts";
import { segmentsOf } from "./segments.ts";

/** The message as events and the API show it: a text with how it travels. */
export function shownSms(content: Outgoing): Content {
  const shown = shownContent(content);
  return shown.type === "text" ? { ...shown, ...segmentsOf(shown.text) } : shown;
}

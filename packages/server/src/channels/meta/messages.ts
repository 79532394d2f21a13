import { z } from "zod";
import type { IdentityKind, IdentityName } from "../../core/messages/inbound.ts";
import type {
  CardButton,
  Interactive,
  Letter,
  Outgoing,
  OutgoingMedia,
  OutgoingReaction,
  Signal,
} from "../../core/sending/outgoing.ts";
import type { Acceptance, GraphDialect } from "./graph-send.ts";
import type { VerdictOn } from "./verdict.ts";

/** What Messenger and Instagram share: the bodies and answers of `POST /{page}/messages`. */

export function recipientOf({ kind, value }: IdentityName): object {
  return kind === "comment" ? { comment_id: value } : { id: value };
}

/** A reaction stands alone; a reaction that is taken away names its message only. */
export function renderReaction(
  to: IdentityName,
  { targetProviderId, emoji }: OutgoingReaction,
  spell: (emoji: string) => string,
): object {
  const message = { message_id: targetProviderId };
  return emoji === null
    ? { recipient: recipientOf(to), sender_action: "unreact", payload: message }
    : {
        recipient: recipientOf(to),
        sender_action: "react",
        payload: { ...message, reaction: spell(emoji) },
      };
}

export function renderSignal({ kind, to }: Signal): object {
  const action = kind === "mark_read" ? "mark_seen" : kind;
  return { recipient: recipientOf(to), sender_action: action };
}

/** Whether Meta must be told that a person wrote it, to let it pass after the window has closed. */
export function needsHumanTag({ actor, tag, isWindowOpen, to }: Letter): boolean {
  if (to.kind === "comment") return false;
  return tag === "HUMAN_AGENT" || (actor === "agent" && !isWindowOpen);
}

/** The `message` of a letter that is no reaction. */
export function messageOf(content: Exclude<Outgoing, OutgoingReaction>): object {
  switch (content.type) {
    case "text":
      return { text: content.text };
    case "media":
      return attachmentOf(content);
    case "interactive":
      return interactiveOf(content.interactive);
    case "template":
    case "native":
      throw new Error(`neither Messenger nor Instagram has a ${content.type}`);
  }
}

function attachmentOf({ kind, url }: OutgoingMedia): object {
  const type = kind === "voice" ? "audio" : kind === "document" ? "file" : kind;
  return { attachment: { type, payload: { url } } };
}

const MOST_BUTTONS = 3;

/** Up to three buttons stand under the text; more are offered as quick replies, which vanish when one is chosen. */
function interactiveOf(interactive: Interactive): object {
  switch (interactive.kind) {
    case "buttons":
      return interactive.actions.length <= MOST_BUTTONS
        ? buttonTemplate(interactive.body, interactive.actions)
        : quickReplies(interactive.body, interactive.actions);
    case "list":
      return quickReplies(interactive.body, interactive.actions);
    case "cta_url":
      return buttonTemplate(interactive.body, interactive.actions);
    case "carousel": {
      const elements = interactive.actions.map(({ title, subtitle, image_url, buttons }) => ({
        title,
        ...(subtitle === undefined ? {} : { subtitle }),
        ...(image_url === undefined ? {} : { image_url }),
        ...(buttons === undefined ? {} : { buttons: buttons.map(buttonOf) }),
      }));
      return template({ template_type: "generic", elements });
    }
    default:
      throw new Error(`Meta's Send API has no ${interactive.kind}`);
  }
}

function buttonTemplate(text: string, actions: readonly CardButton[]): object {
  return template({ template_type: "button", text, buttons: actions.map(buttonOf) });
}

function template(payload: object): object {
  return { attachment: { type: "template", payload } };
}

function buttonOf(button: CardButton): object {
  const { title } = button;
  return "url" in button
    ? { type: "web_url", url: button.url, title }
    : { type: "postback", title, payload: button.id };
}

function quickReplies(text: string, actions: readonly { id: string; title: string }[]): object {
  const replies = actions.map(({ id, title }) => ({ content_type: "text", title, payload: id }));
  return { text, quick_replies: replies };
}

const MessageAnswer = z.object({
  recipient_id: z.string().min(1).optional(),
  message_id: z.string().min(1),
});
const ActionAnswer = z.object({ recipient_id: z.string().min(1) });

/** How answers are read; `names` is what this product calls people. */
export function dialectOf(
  names: IdentityKind,
  what: "message" | "action",
  verdictOn: VerdictOn,
): GraphDialect {
  const person = (value: string | undefined) =>
    value === undefined ? null : { kind: names, value };
  const acceptanceIn = (body: unknown): Acceptance | null => {
    if (what === "message") {
      const { data } = MessageAnswer.safeParse(body);
      if (!data) return null;
      return { providerId: data.message_id, recipient: person(data.recipient_id) };
    }
    const { data } = ActionAnswer.safeParse(body);
    return data ? { providerId: null, recipient: person(data.recipient_id) } : null;
  };
  return { acceptanceIn, verdictOn };
}

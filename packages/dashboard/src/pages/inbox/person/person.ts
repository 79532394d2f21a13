import { inboxWords } from "../../../words/index.ts";
import type { Conversation, Message } from "../queries.ts";
import { record, textOf } from "../reading.ts";

type Contact = Conversation["contact"];

/** What a person is called: by name, else by what their channel calls them. */
export function nameOf({ name, identities }: Contact, kind?: string): string {
  if (name !== null && name !== "") return name;
  const here = identities.find(({ channel }) => channel === kind) ?? identities[0];
  if (!here) return inboxWords.unnamed;
  return here.username === null ? here.id : `@${here.username}`;
}

/** Where they are written to on a channel: `+358 …`, `@name`. */
export function addressOf({ identities }: Contact, kind: string): string {
  const here = identities.find(({ channel }) => channel === kind);
  if (!here) return "";
  return here.username === null ? here.id : `@${here.username}`;
}

/** Two letters for the disc: of a name its initials, of a number its end. */
export function discOf(name: string): string {
  const letters = name.match(/\p{L}[\p{L}'’-]*/gu);
  if (!letters) return name.replaceAll(/\D/g, "").slice(-2) || ([...name][0] ?? "");
  const last = letters.length > 1 ? letters.at(-1) : undefined;
  return [letters[0], last]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}

const words = inboxWords.message;

/** A message in one line, for the list. */
export function lineOf(message: Message): string {
  const { content, deleted_at: deletedAt } = message;
  if (deletedAt !== null) return words.deleted;
  const kind = words.types[content.type] ?? words.types["unsupported"] ?? "";
  if (content.type === "purged") {
    const what = words.types[String(content["original_type"])] ?? words.types["text"] ?? "";
    return words.purged(what);
  }
  if (content.type === "reaction") return textOf(content, "emoji") ?? kind;
  if (content.type === "template") return textOf(content, "rendered_preview") ?? kind;
  const said =
    textOf(content, "text") ??
    textOf(content, "title") ??
    textOf(content, "body") ??
    textOf(content, "subject") ??
    textOf(record(content["media"]), "caption");
  return said ?? kind;
}

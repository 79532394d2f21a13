import { type JsonObject, objectOf } from "./read.ts";

const MAX_DETAILS = 24;
const MAX_WORD = 256;

/**
 * The words and numbers of an object, one level deep below its own, as text, and of a list of them with
 * commas between: what a notice of a kind that is only passed on has to say. Nothing of the provider's own JSON gets into an event.
 */
export function wordsIn(
  value: JsonObject,
  leaveOut: readonly string[] = [],
): Record<string, string> {
  const found: Record<string, string> = {};
  const take = (name: string, each: unknown) => {
    const word = wordOf(each);
    if (word !== null && Object.keys(found).length < MAX_DETAILS) found[name] = word;
  };
  for (const [name, each] of Object.entries(value)) {
    if (leaveOut.includes(name)) continue;
    const nested = Array.isArray(each) ? each : [each];
    if (nested.every((one) => objectOf(one) === null)) take(plainName(name), each);
    else {
      for (const [inner, word] of togetherIn(nested)) {
        take(`${plainName(name)}.${plainName(inner)}`, word);
      }
    }
  }
  return found;
}

/** What several objects say under each name: one word, or the list of theirs. */
function togetherIn(objects: readonly unknown[]): Map<string, unknown> {
  const said = new Map<string, unknown[]>();
  for (const each of objects) {
    for (const [name, word] of Object.entries(objectOf(each) ?? {})) {
      said.set(name, [...(said.get(name) ?? []), word]);
    }
  }
  return new Map([...said].map(([name, words]) => [name, words.length === 1 ? words[0] : words]));
}

function wordOf(value: unknown): string | null {
  if (Array.isArray(value)) {
    const words = value.slice(0, MAX_DETAILS).flatMap((each) => plainWordOf(each) ?? []);
    return words.length === 0 ? null : words.join(", ").slice(0, MAX_WORD);
  }
  return plainWordOf(value);
}

function plainWordOf(value: unknown): string | null {
  const isWord =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  // A link of the provider's is no word: it may be a secret, and it dies.
  if (!isWord || value === "" || /^https?:/i.test(String(value))) return null;
  return String(value)
    .slice(0, MAX_WORD)
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

/** A name that no reader takes for anything else, and that JSON keeps in its place. */
function plainName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_]/g, "_")
    .slice(0, 64)
    .replace(/^(\d|__)/, "_$1");
}

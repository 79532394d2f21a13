import type { OutputUnit } from "@cfworker/json-schema";

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};
const MISSING = /required property "(.*)"\.$/;
const WANTED_KIND = /Expected "(\w+)"\.$/;
const WANTED_VALUES = /does not match any of \[(.*)\]\.$/;

/** What a JSON Schema has against a value: where, and in words that follow the name of the field. */
export function schemaRefusal(errors: readonly OutputUnit[]): { place: string; words: string } {
  // The last error stands deepest; those before it say that what holds it is wrong too.
  const { instanceLocation = "#", keyword = "", error = "" } = errors.at(-1) ?? {};
  const place = instanceLocation.replace(/^#/, "");
  const missing = MISSING.exec(error)?.[1];
  if (keyword === "required" && missing !== undefined) {
    const name = missing.replaceAll("~", "~0").replaceAll("/", "~1");
    return { place: `${place}/${name}`, words: "is missing" };
  }
  return { place, words: wordsOf(keyword, error) };
}

function wordsOf(keyword: string, error: string): string {
  if (keyword === "false") return "is not known here";
  if (keyword === "type") {
    const kind = KINDS[WANTED_KIND.exec(error)?.[1] ?? ""];
    if (kind !== undefined) return `must be ${kind}`;
  }
  if (keyword === "enum") {
    const values = WANTED_VALUES.exec(error)?.[1];
    if (values !== undefined) return `must be one of ${values.replaceAll(",", ", ")}`;
  }
  return `does not fit: ${error.replace(/\.$/, "")}`;
}

import type { z } from "@hono/zod-openapi";
import { nearest } from "../../core/spelling.ts";

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "is not an e-mail address",
  url: "is not a URL",
  uuid: "is not a UUID",
  datetime: "is not an instant like 2026-11-21T10:00:00Z",
  date: "is not a day like 2026-11-21",
};

/** What a schema has against a value, in words that follow the name of its field. */
export function refusalWords(issue: RawIssue): string {
  if (isMissing(issue)) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${either(issue.values.map(String))}`;
    case "too_big":
      return bounded(issue.origin, issue.maximum, issue.exact ? "exactly" : "at most", {
        beyond: issue.inclusive === false ? "less than" : null,
      });
    case "too_small":
      if (isEmptyRefused(issue)) return "must not be empty";
      return bounded(issue.origin, issue.minimum, issue.exact ? "exactly" : "at least", {
        beyond: issue.inclusive === false ? "more than" : null,
      });
    case "invalid_format":
      return formatWords(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return unknownWords(issue, {});
    case "invalid_key":
      return `has a name that ${issue.issues[0]?.message ?? "is not valid"}`;
    case "invalid_union":
      return unionWords(issue);
    default:
      return "is not valid";
  }
}

/** For the `error` of an object: of names that belong elsewhere, what to do instead. */
export function insteadOf(ways: Readonly<Record<string, string>>) {
  return (issue: RawIssue) =>
    issue.code === "unrecognized_keys" ? unknownWords(issue, ways) : undefined;
}

const NAMES_APART = ", ";

/** The words for names that an object does not know: a line of those that it knows, and one for each that belongs elsewhere. */
function unknownWords({ inst }: RawIssue, ways: Readonly<Record<string, string>>): string {
  const elsewhere = Object.entries(ways).map(([name, way]) => lineOf(name, way));
  return [namesIn(inst).join(NAMES_APART), ...elsewhere].join("\n");
}

function lineOf(name: string, way: string): string {
  return `${name}: ${way}`;
}

/** What there is to say of a name that an object does not know, whose words for such are those of `refusalWords`. */
export function unknownNameWords(name: string, words: string): string {
  const [known = "", ...elsewhere] = words.split("\n");
  const beginning = lineOf(name, "");
  const way = elsewhere.find((line) => line.startsWith(beginning))?.slice(beginning.length);
  if (way !== undefined) return way;
  const meant = nearest(name, known.split(NAMES_APART));
  return meant === null ? "is not known here" : `is not known here; did you mean ${meant}?`;
}

function namesIn(schema: RawIssue["inst"]): string[] {
  const def = (schema as z.core.$ZodObject | undefined)?._zod.def; // only objects have names
  return Object.keys(def?.shape ?? {});
}

/** The branch of a union that was meant: it takes values of this kind. Null when none does. */
export function meantBranch(branches: readonly Issue[][]): readonly Issue[] | null {
  const meant = branches.filter((issues) => !issues.some(isOfAnotherKind));
  return meant.toSorted((a, b) => a.length - b.length)[0] ?? null;
}

function isOfAnotherKind({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

function isMissing(issue: RawIssue): boolean {
  if (issue.code === "invalid_union" && typeof issue.discriminator === "string") {
    // The input is the object here, and what is at fault its field.
    const { input, discriminator } = issue;
    return typeof input === "object" && input !== null && !(discriminator in input);
  }
  return issue.input === undefined && issue.code !== "custom";
}

function isEmptyRefused({ origin, minimum, inclusive }: RawIssue): boolean {
  return (origin === "string" || origin === "array") && minimum === 1 && inclusive === true;
}

function bounded(
  origin: string,
  bound: number | bigint,
  word: string,
  { beyond }: { beyond: string | null },
): string {
  if (origin === "string") return `must be ${word} ${counted(bound, "character")}`;
  if (origin === "array") return `must have ${word} ${counted(bound, "item")}`;
  return `must be ${beyond ?? word} ${bound}`;
}

function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? "" : "s"}`;
}

function formatWords({ format, pattern, prefix, suffix }: RawIssue): string {
  if (format === "starts_with") return `must begin with ${prefix}`;
  if (format === "ends_with") return `must end with ${suffix}`;
  if (format === "regex") return `must match ${pattern}`;
  return FORMATS[String(format)] ?? "does not have the right form";
}

function unionWords({ options, errors }: RawIssue & { code: "invalid_union" }): string {
  if (Array.isArray(options)) return `must be ${either(options.map(String))}`;
  const said = [...new Set(errors.map(([first]) => first?.message ?? "is not valid"))];
  const MUST_BE = "must be ";
  if (!said.every((words) => words.startsWith(MUST_BE))) return said[0] ?? "is not valid";
  return MUST_BE + either(said.map((words) => words.slice(MUST_BE.length)));
}

function either(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${last}` : last;
}

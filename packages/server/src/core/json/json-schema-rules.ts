/** What is wrong with a JSON Schema, and where: the path of keys that leads there. */
export interface SchemaProblem {
  path: (string | number)[];
  detail: string;
}

const SCHEMA_LIMITS = { length: 32_768, depth: 20, patternLength: 200 } as const;

type Check = "schema" | "schemas" | "list" | "any" | "pattern" | "ref" | "type";

/** The keywords of JSON Schema 2020-12 that are understood; others are refused, so that slips are found. */
const KEYWORDS: Readonly<Record<string, Check>> = {
  ...named(
    "any",
    "$schema",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
  ),
  ...named("any", "enum", "const", "required", "format", "readOnly", "writeOnly", "uniqueItems"),
  ...named("any", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
  ...named("any", "minLength", "maxLength", "minItems", "maxItems", "minProperties"),
  ...named("any", "maxProperties", "dependentRequired", "minContains", "maxContains"),
  ...named("schemas", "properties", "$defs", "dependentSchemas"),
  ...named("list", "allOf", "anyOf", "oneOf", "prefixItems"),
  ...named("schema", "additionalProperties", "items", "contains", "not", "if", "then", "else"),
  ...named("schema", "propertyNames", "unevaluatedProperties", "unevaluatedItems"),
  ...{ type: "type", pattern: "pattern", $ref: "ref" },
};
const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"];
/** A group that repeats and repeats inside: such patterns can take for ever. */
const RISKY = /\([^()]*[+*{|][^()]*\)\s*[+*{]|\\[1-9]|\(\?<?[=!]/;

/** Every problem of a schema; none when it can be used. */
export function schemaProblems(schema: unknown): SchemaProblem[] {
  if (JSON.stringify(schema).length > SCHEMA_LIMITS.length) {
    return [{ path: [], detail: `has more than ${SCHEMA_LIMITS.length} characters` }];
  }
  const problems: SchemaProblem[] = [];
  look(schema, [], { root: schema, problems });
  return problems;
}

interface Looking {
  root: unknown;
  problems: SchemaProblem[];
}

function look(schema: unknown, path: (string | number)[], at: Looking): void {
  const wrong = (detail: string, where = path): void => {
    at.problems.push({ path: where, detail });
  };
  if (typeof schema === "boolean") return;
  if (!isObject(schema)) {
    wrong("is no schema: an object, true or false");
    return;
  }
  if (path.length > SCHEMA_LIMITS.depth * 2) {
    wrong("is nested too deep");
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const where = [...path, keyword];
    switch (Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined) {
      case undefined:
        wrong("is no keyword that is understood", where);
        break;
      case "schema":
        look(value, where, at);
        break;
      case "schemas":
        if (!isObject(value)) wrong("is no object of schemas", where);
        else for (const [name, each] of Object.entries(value)) look(each, [...where, name], at);
        break;
      case "list":
        if (!Array.isArray(value) || value.length === 0) wrong("is no list of schemas", where);
        else for (const [i, each] of value.entries()) look(each, [...where, i], at);
        break;
      case "type":
        if (![value].flat().every((each) => TYPES.includes(String(each)))) {
          wrong(`is none of ${TYPES.join(", ")}`, where);
        }
        break;
      case "pattern":
        if (patternProblem(value) !== null) wrong(patternProblem(value) ?? "", where);
        break;
      case "ref":
        if (typeof value !== "string" || !leadsSomewhere(value, at.root)) {
          wrong("leads to nothing in this schema: it must be like #/$defs/name", where);
        }
        break;
      case "any":
        break;
    }
  }
}

function patternProblem(value: unknown): string | null {
  if (typeof value !== "string" || value.length > SCHEMA_LIMITS.patternLength) {
    return `must be a text of at most ${SCHEMA_LIMITS.patternLength} characters`;
  }
  if (RISKY.test(value)) return "repeats what repeats, or looks around: that can take too long";
  try {
    new RegExp(value, "u");
    return null;
  } catch {
    return "is no regular expression";
  }
}

function leadsSomewhere(ref: string, root: unknown): boolean {
  if (!ref.startsWith("#/$defs/") && !ref.startsWith("#/properties/")) return false;
  let found = root;
  for (const part of ref.slice(2).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(found) || !Object.hasOwn(found, name)) return false;
    found = found[name];
  }
  return true;
}

function named(check: Check, ...names: string[]): Record<string, Check> {
  return Object.fromEntries(names.map((name) => [name, check]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

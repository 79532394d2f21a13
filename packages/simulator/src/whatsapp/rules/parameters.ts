import { isObject, type JsonObject } from "../../json.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";

export function objectAt(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  if (value === undefined) throw missing(name);
  if (isObject(value)) return value;
  throw new GraphError(100, { message: `(#100) Param ${name} must be a JSON object.` });
}

export function textAt(parent: JsonObject, name: string, path: string): string {
  const value = parent[name];
  if (value === undefined || value === "") throw missing(path);
  if (typeof value === "string") return value;
  throw new GraphError(100, { message: `(#100) Param ${path} must be a string.` });
}

export function limit(text: string, max: number, path: string): void {
  if ([...text].length <= max) return;
  throw new GraphError(100, {
    message: `(#100) Param ${path} must be at most ${max} characters long.`,
  });
}

export function notOneOf(parameter: string, choices: readonly string[], got: unknown): GraphError {
  const list = choices.map((choice) => choice.toUpperCase()).join(", ");
  return new GraphError(100, {
    message: `(#100) Param ${parameter} must be one of {${list}} - got "${String(got)}".`,
  });
}

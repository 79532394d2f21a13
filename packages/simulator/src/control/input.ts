import { isObject, type JsonObject } from "../json.ts";

/** A control request that makes no sense; the message says what would. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

export interface Fields {
  text(name: string): string | undefined;
  requiredText(name: string): string;
  /** Text, or a number that is written as text: ids and timestamps come as both. */
  textOrNumber(name: string): string | undefined;
  integer(name: string, range: { min: number; max: number }): number | undefined;
  flag(name: string): boolean | undefined;
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
  object(name: string): JsonObject | undefined;
  list(name: string): unknown[] | undefined;
  /** Whatever stands there, to be read by somebody else. */
  value(name: string): unknown;
  /** Refuses whatever has not been asked for. */
  done(): void;
}

/** What the command is called that plays one of a kind: `statuses`, `echoes`, `messages`. */
export function commandOf(kind: string): string {
  return /[so]$/.test(kind) ? `${kind}es` : `${kind}s`;
}

/** Reads an object field by field and refuses wrong types and unknown names in words. */
export function fieldsOf(input: unknown, where: string): Fields {
  if (!isObject(input)) throw new ControlError(`${where}: give a JSON object.`);
  const asked = new Set<string>();
  const fail = (name: string, wanted: string): never => {
    throw new ControlError(`${where}: "${name}" must be ${wanted}.`);
  };
  const read = <T>(name: string, wanted: string, is: (value: unknown) => value is T) => {
    asked.add(name);
    const value = input[name];
    if (value === undefined || is(value)) return value;
    return fail(name, wanted);
  };
  const isText = (value: unknown) => typeof value === "string";
  const text = (name: string) => read(name, "text", isText);
  return {
    text,
    requiredText: (name) => {
      const value = text(name);
      return value === undefined || value === "" ? fail(name, "given, as text") : value;
    },
    textOrNumber: (name) => {
      const either = (value: unknown): value is string | number =>
        typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
      const value = read(name, "text or a number", either);
      return value === undefined ? undefined : String(value);
    },
    integer: (name, { min, max }) => {
      const within = (value: unknown): value is number =>
        typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
      return read(name, `a whole number from ${min} to ${max}`, within);
    },
    flag: (name) => read(name, "true or false", (value) => typeof value === "boolean"),
    choice: <T extends string>(name: string, choices: readonly T[]) => {
      const known = (value: unknown): value is T => choices.some((choice) => choice === value);
      return read(name, `one of ${choices.join(", ")}`, known);
    },
    object: (name) => read(name, "an object", isObject),
    list: (name) => read(name, "a list", (value): value is unknown[] => Array.isArray(value)),
    value: (name) => {
      asked.add(name);
      return input[name];
    },
    done: () => {
      for (const name of Object.keys(input)) {
        if (asked.has(name)) continue;
        throw new ControlError(
          `${where}: there is no field "${name}". Known fields: ${[...asked].sort().join(", ")}.`,
        );
      }
    },
  };
}

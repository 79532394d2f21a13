import { Validator } from "@cfworker/json-schema";
import { type Limited, withinTime } from "../../runtime/time-limit.ts";
import { schemaRefusal } from "./schema-words.ts";

/** A schema that values are held against. It may be a tenant's: how long that takes is the tenant's choice. */
export interface HeldSchema {
  readonly validator: Validator;
  /** Times the length of a value, this says how much there is to do; no number bounds some schemas. */
  readonly weight: number;
}

/** What does not fit: where, and in words that follow the name of the field. */
export type Misfit = ReturnType<typeof schemaRefusal>;

/** Patterns, lists that are compared with themselves, and what is said once and meant often. */
const WITHOUT_BOUND = /"(pattern|format|uniqueItems|\$ref)":/;
/** A few milliseconds: less than this is not worth a watch. */
const LITTLE_WORK = 2_000_000;
/** As long as others may be kept waiting for one tenant's schema. */
export const LONGEST_CHECK_MS = 250;

/** `schema` has passed `schemaProblems`. */
export function heldSchema(schema: object, text = JSON.stringify(schema)): HeldSchema {
  return {
    validator: new Validator(schema, "2020-12", false),
    weight: WITHOUT_BOUND.test(text) ? Number.POSITIVE_INFINITY : text.length,
  };
}

/** Whether values of this length altogether are checked so quickly that nobody needs to watch it. */
export function isLittleWork(weight: number, length: number): boolean {
  return weight * length <= LITTLE_WORK;
}

/** Null for a value that fits. */
export function misfitOf({ validator }: HeldSchema, value: unknown): Misfit | null {
  const result = validator.validate(value);
  return result.valid ? null : schemaRefusal(result.errors);
}

/** The same for as long as it may take. */
export function misfitInTime(schema: HeldSchema, value: unknown): Limited<Misfit | null> {
  return withinTime(LONGEST_CHECK_MS, () => misfitOf(schema, value));
}

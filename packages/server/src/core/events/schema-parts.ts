/** JSON Schema 2020-12, of the keywords that `json/json-schema-rules.ts` knows. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const text: JsonSchema = { type: "string" };
export const integer: JsonSchema = { type: "integer" };
export const number: JsonSchema = { type: "number" };
export const flag: JsonSchema = { type: "boolean" };
export const anything: JsonSchema = {};
export const anyObject: JsonSchema = { type: "object" };
export const instant: JsonSchema = { type: "string", format: "date-time" };
/** Ours are texts, those of other systems may be numbers. */
export const id: JsonSchema = { type: ["string", "integer"] };

export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function oneOf(...values: readonly string[]): JsonSchema {
  return { enum: values };
}

export const textOrNull: JsonSchema = { type: ["string", "null"] };
export const integerOrNull: JsonSchema = { type: ["integer", "null"] };
export const numberOrNull: JsonSchema = { type: ["number", "null"] };
export const idOrNull: JsonSchema = { type: ["string", "integer", "null"] };
export const instantOrNull: JsonSchema = orNull(instant);

/** An object with these members, of which `required` must be there. Others may be there too. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  ...required: readonly string[]
): JsonSchema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

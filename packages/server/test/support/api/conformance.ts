import { z } from "@hono/zod-openapi";

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface Media {
  schema?: object;
}

interface Operation {
  responses: Record<string, { content?: Record<string, Media> }>;
}

/** The part of an OpenAPI document that answers are held against. */
export interface Described {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

export interface Answered {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  contentType: string | null;
  body: unknown;
}

/** Throws when an answer is not one that an OpenAPI document describes: status, type and body. */
export function conformanceTo(document: Described): (answer: Answered) => void {
  const definitions = withLocalReferences(document.components.schemas);
  const patterns = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`),
  }));
  const schemas = new Map<string, z.ZodType>();

  function schemaOf(key: string, schema: object): z.ZodType {
    let known = schemas.get(key);
    if (!known) {
      known = z.fromJSONSchema({
        ...withLocalReferences(schema),
        $defs: definitions,
      } as JsonSchema); // generated
      schemas.set(key, known);
    }
    return known;
  }

  return ({ method, path, status, contentType, body }) => {
    const template = patterns.find(({ pattern }) => pattern.test(path))?.template ?? "";
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (!operation) return; // what is not offered is answered 404 or 405
    const key = `${method} ${template} ${status}`;
    const response = operation.responses[status];
    if (!response) throw new Error(`${key} is not described`);
    if (!response.content) {
      if (body !== null) throw new Error(`${key} is described without a body`);
      return;
    }
    const schema = response.content[(contentType ?? "").split(";")[0] ?? ""]?.schema;
    if (!schema) throw new Error(`${key} is not described as ${contentType}`);
    const parsed = schemaOf(key, schema).safeParse(body);
    if (!parsed.success) throw new Error(`${key}: ${z.prettifyError(parsed.error)}`);
  };
}

function withLocalReferences<T extends object>(schema: T): T {
  const text = JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/");
  return JSON.parse(text) as T; // the same shape
}

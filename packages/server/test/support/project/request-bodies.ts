/** A schema of an OpenAPI document, as far as bodies are made by it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

interface Operation {
  parameters?: { name: string; in: string; schema: Schema; example?: unknown }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export interface Described {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** A request in which every member of one object is null that need not be there. */
export interface NulledRequest {
  method: string;
  path: string;
  body: unknown;
  /** The same without what is null. */
  without: unknown;
  /** JSON pointers of what is null. */
  nulled: string[];
}

/**
 * Requests to everything that takes JSON: one for each object of its body that has members that may be
 * left out and are not described as null. What must be there is filled in as described.
 */
export function nulledRequests(document: Described): NulledRequest[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const schema = operation.requestBody?.content["application/json"]?.schema;
      if (!schema) return [];
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
        const parameter = operation.parameters?.find((each) => each.name === name);
        return String(parameter?.example ?? parameter?.schema.example ?? "x");
      });
      return bodies(schema, "").map((each) => ({ method: method.toUpperCase(), path, ...each }));
    }),
  );

  type Body = Pick<NulledRequest, "body" | "without" | "nulled">;

  function bodies(given: Schema, at: string): Body[] {
    const schema = resolve(given);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches) return branches.flatMap((branch) => bodies(branch, at));
    if (schema.items) {
      return bodies(schema.items, `${at}/0`).map(({ body, without, nulled }) => ({
        body: [body],
        without: [without],
        nulled,
      }));
    }
    const members = Object.entries(schema.properties ?? {});
    if (members.length === 0) return [];
    const filled = sample(schema) as object; // of an object
    const free = members.filter(
      ([name, member]) => schema.required?.includes(name) !== true && !takesNull(member),
    );
    const own = {
      body: { ...filled, ...Object.fromEntries(free.map(([name]) => [name, null])) },
      without: filled,
      nulled: free.map(([name]) => `${at}/${name}`),
    };
    const inner = members.flatMap(([name, member]) =>
      bodies(member, `${at}/${name}`).map(({ body, without, nulled }) => ({
        body: { ...filled, [name]: body },
        without: { ...filled, [name]: without },
        nulled,
      })),
    );
    return [...(free.length > 0 ? [own] : []), ...inner];
  }

  function sample(given: Schema): unknown {
    const schema = resolve(given);
    const [branch] = schema.anyOf ?? schema.oneOf ?? [];
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    if (branch) return sample(branch);
    if (schema.properties) {
      const members = Object.entries(schema.properties);
      const needed = members.filter(([name]) => schema.required?.includes(name));
      return Object.fromEntries(needed.map(([name, member]) => [name, sample(member)]));
    }
    if (schema.items) return schema.minItems ? [sample(schema.items)] : [];
    if (schema.example !== undefined) return schema.example;
    const type = [schema.type].flat()[0];
    if (type === "integer" || type === "number") return schema.minimum ?? 1;
    if (type === "boolean") return false;
    return type === "object" ? {} : "x";
  }

  function takesNull(given: Schema): boolean {
    const schema = resolve(given);
    const branches = schema.anyOf ?? schema.oneOf ?? [];
    return [schema.type].flat().includes("null") || branches.some(takesNull);
  }

  function resolve(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    if (name !== undefined) return resolve(document.components.schemas[name] ?? {});
    const { allOf, ...own } = schema;
    if (!allOf) return own;
    return Object.assign({}, ...allOf.map(resolve), own);
  }
}

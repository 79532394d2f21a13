/** One thing that can be asked for, as the API's own description has it. */
export interface DescribedRoute {
  /** `operationId`. */
  name: string;
  method: string;
  /** With its parameters: `/v1/endpoints/{id}`. */
  path: string;
  /** Nobody has to say who they are. */
  isOpen: boolean;
  /** Where it takes an id of something, besides its path. */
  references: Reference[];
}

/** A place in a request that holds an id. */
export interface Reference {
  in: "query" | "header" | "body";
  /** A parameter's name, or a JSON pointer. */
  at: string;
  /** Of the id: `ep`. */
  prefix: string;
}

interface Schema {
  $ref?: string;
  example?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

interface Operation {
  operationId: string;
  security?: unknown[];
  parameters?: { in: string; name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const ID = /^([a-z]{2,3})_[0-9a-hjkmnp-tv-z]{26}(_\d+)?$/;
/** Schemas hold schemas that hold schemas: none of ours so many. */
const DEEPEST = 8;

/** Every route of an OpenAPI document. */
export function routesIn({ paths, components }: Description): DescribedRoute[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: operation.operationId,
      method: method.toUpperCase(),
      path,
      isOpen: operation.security?.length === 0,
      references: referencesOf(operation, components.schemas),
    })),
  );
}

function referencesOf(
  { parameters = [], requestBody }: Operation,
  schemas: Description["components"]["schemas"],
): Reference[] {
  const found: Reference[] = [];
  for (const { in: place, name, schema } of parameters) {
    if (place !== "query" && place !== "header") continue;
    const prefix = prefixOf(schema.example);
    if (prefix !== null) found.push({ in: place, at: name, prefix });
  }
  const look = (given: Schema, at: string, depth: number): void => {
    const schema = given.$ref ? (schemas[given.$ref.split("/").at(-1) ?? ""] ?? {}) : given;
    const prefix = prefixOf(schema.example);
    const isKnown = found.some((each) => each.in === "body" && each.at === at);
    if (prefix !== null && !isKnown) found.push({ in: "body", at, prefix });
    if (depth === DEEPEST) return;
    for (const [name, each] of Object.entries(schema.properties ?? {})) {
      look(each, `${at}/${name}`, depth + 1);
    }
    if (schema.items) look(schema.items, `${at}/0`, depth + 1);
    const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((each) => each ?? []);
    for (const branch of branches) look(branch, at, depth + 1);
  };
  for (const { schema } of Object.values(requestBody?.content ?? {})) look(schema, "", 0);
  return found;
}

function prefixOf(example: unknown): string | null {
  return (typeof example === "string" && ID.exec(example)?.[1]) || null;
}

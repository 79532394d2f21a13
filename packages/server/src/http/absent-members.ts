import { z } from "@hono/zod-openapi";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What reads a body by a schema. A member that is null is absent where null says nothing. */
export function readerOf<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((body) => withoutAbsent(schema, body), schema);
}

/**
 * A body without the members that are null and that its schema does not take so: who writes out what it
 * does not give means nothing by it. Null stays where it says something, and in lists.
 */
export function withoutAbsent(schema: z.ZodType, body: unknown): unknown {
  if (!holdsNull(body)) return body;
  for (let given = body; ; ) {
    const { error } = schema.safeParse(given);
    const absent = error ? refusedNulls(error.issues, given) : [];
    if (absent.length === 0) return given;
    // The body itself is not ours to change: what makes two requests the same looks at it too.
    given = structuredClone(given);
    for (const path of absent) remove(given, path);
  }
}

function holdsNull(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === null;
  return Object.values(value).some(holdsNull);
}

/** Where members stand that are refused for being null. What a rule of ours refuses is meant. */
function refusedNulls(issues: readonly Issue[], body: unknown, base: Path = []): Path[] {
  return issues.flatMap((issue): Path[] => {
    const path = [...base, ...issue.path];
    const parent = path.length === 0 ? undefined : valueAt(body, path.slice(0, -1));
    const isMember = typeof parent === "object" && parent !== null && !Array.isArray(parent);
    if (isMember && valueAt(body, path) === null) return issue.code === "custom" ? [] : [path];
    if (issue.code !== "invalid_union") return [];
    return issue.errors.flatMap((branch) => refusedNulls(branch, body, path));
  });
}

function remove(body: unknown, path: Path): void {
  const parent = valueAt(body, path.slice(0, -1));
  const name = path.at(-1);
  if (typeof parent === "object" && parent !== null && name !== undefined) {
    Reflect.deleteProperty(parent, name);
  }
}

/** What stands somewhere; undefined where nothing does. */
function valueAt(body: unknown, path: Path): unknown {
  let value = body;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

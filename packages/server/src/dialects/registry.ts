import { chatgenius } from "./chatgenius/dialect.ts";
import { chatmefy } from "./chatmefy/dialect.ts";
import { curlew } from "./curlew/dialect.ts";
import type { Dialect } from "./dialect.ts";
import { dmtolead } from "./dmtolead/dialect.ts";
import { genesy } from "./genesy/dialect.ts";

const dialects: readonly Dialect[] = [curlew, chatgenius, chatmefy, dmtolead, genesy];
const byName = new Map(dialects.map((dialect) => [dialect.name, dialect]));

/** The names an endpoint may be created with. */
export const dialectNames: readonly string[] = dialects.map((dialect) => dialect.name);

/** The dialect of an endpoint that exists; its name was checked when it was created. */
export function getDialect(name: string): Dialect {
  const dialect = byName.get(name);
  if (!dialect) throw new Error(`no dialect is called ${name}`);
  return dialect;
}

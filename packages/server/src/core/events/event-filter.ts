/**
 * The content filter of an endpoint: conditions over an event's native body, all of which must hold.
 *
 *     {
 *       "data.order.total": { "range": { "gte": 100 } },     a number of at least 100
 *       "data.order.status": ["paid", "shipped"],            any of
 *       "contact.name": { "exists": true },
 *       "any": [{ "type": "order.shipped" }, { "data.tags": "urgent" }]
 *     }
 *
 * A path names members with dots; where it meets a list, any entry of it will do, of the first
 * `FILTER_LIMITS.found`: events come from one tenant and the time in which they are matched is everybody's.
 */
export type Filter = Readonly<Record<string, unknown>>;

/** Whether an event with this body passes. */
export type Matcher = (body: object) => boolean;

/** What is wrong with a filter, and where: the path of keys that leads there. */
export interface FilterProblem {
  path: (string | number)[];
  detail: string;
}

export type CompiledFilter =
  /** `vain` is what can be read and yet lets no event pass, or every one: nobody means that. */
  { ok: true; matches: Matcher; vain: FilterProblem[] } | { ok: false; problems: FilterProblem[] };

export const FILTER_LIMITS = {
  conditions: 50,
  depth: 5,
  pathParts: 16,
  values: 100,
  /** Values that a path leads to, on any part of its way. */
  found: 1_000,
} as const;

const ROOTS = [
  "id",
  "type",
  "api_version",
  "occurred_at",
  "workspace_id",
  "account",
  "channel",
  "conversation",
  "contact",
  "data",
];
const OPERATORS = ["equals", "any_of", "exists", "prefix", "range", "not"];
const BOUNDS = ["gt", "gte", "lt", "lte"];

type Test = (value: unknown) => boolean;
type Limit = number | string;
type Scalar = string | number | boolean | null;

/** Reads a filter once, so that events are matched without looking at its text again. */
export function compileFilter(filter: Filter): CompiledFilter {
  const compiler = new Compiler();
  const matches = compiler.all(filter, [], 1);
  const { problems, vain } = compiler;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, matches, vain };
}

class Compiler {
  readonly problems: FilterProblem[] = [];
  readonly vain: FilterProblem[] = [];
  #conditions = 0;

  /** Every condition of an object. */
  all(filter: Filter, at: (string | number)[], depth: number): Matcher {
    if (depth > FILTER_LIMITS.depth) {
      return this.#wrong(at, `is nested more than ${FILTER_LIMITS.depth} deep`);
    }
    const entries = Object.entries(filter);
    if (entries.length === 0) return this.#wrong(at, "holds no condition");
    const matchers = entries.map(([key, value]) => this.#entry(key, value, [...at, key], depth));
    return (body) => matchers.every((matches) => matches(body));
  }

  #entry(key: string, value: unknown, at: (string | number)[], depth: number): Matcher {
    if (key === "not") {
      if (!isObject(value)) return this.#wrong(at, "must be an object of conditions");
      const matches = this.all(value, at, depth + 1);
      return (body) => !matches(body);
    }
    if (key === "any" || key === "all") {
      const matchers = this.#list(value, at, depth + 1);
      return key === "any"
        ? (body) => matchers.some((matches) => matches(body))
        : (body) => matchers.every((matches) => matches(body));
    }
    return this.#condition(key, value, at);
  }

  #list(value: unknown, at: (string | number)[], depth: number): Matcher[] {
    if (!Array.isArray(value) || value.length === 0) {
      return [this.#wrong(at, "must be a list of objects of conditions")];
    }
    return value.map((each: unknown, i) =>
      isObject(each)
        ? this.all(each, [...at, i], depth)
        : this.#wrong([...at, i], "must be an object of conditions"),
    );
  }

  #condition(path: string, value: unknown, at: (string | number)[]): Matcher {
    if (++this.#conditions > FILTER_LIMITS.conditions) {
      return this.#wrong(
        at,
        `is one more than the ${FILTER_LIMITS.conditions} that a filter holds`,
      );
    }
    const parts = path.split(".");
    if (parts.length > FILTER_LIMITS.pathParts || parts.includes("")) {
      return this.#wrong(at, "is not a path like data.order.total");
    }
    if (!ROOTS.includes(parts[0] ?? "")) {
      return this.#wrong(at, `begins with none of ${ROOTS.join(", ")}`);
    }
    const holds = this.#operators(value, at);
    return (body) => holds(valuesAt(body, parts));
  }

  /** What is asked of the values at a path; there may be none. */
  #operators(asked: unknown, at: (string | number)[]): (values: readonly unknown[]) => boolean {
    if (isScalar(asked)) return some((value) => value === asked);
    if (Array.isArray(asked)) return some(this.#anyOf(asked, at));
    if (!isObject(asked) || Object.keys(asked).length === 0) {
      return this.#wrong(
        at,
        `must be a value, a list of values, or one of ${OPERATORS.join(", ")}`,
      );
    }
    const tests = Object.entries(asked).map(([name, operand]) =>
      this.#operator(name, operand, [...at, name]),
    );
    return (values) => tests.every((test) => test(values));
  }

  #operator(
    name: string,
    operand: unknown,
    at: (string | number)[],
  ): (values: readonly unknown[]) => boolean {
    switch (name) {
      case "equals":
        if (!isScalar(operand))
          return this.#wrong(at, "must be a text, a number, true, false or null");
        return some((value) => value === operand);
      case "any_of":
        if (!Array.isArray(operand)) return this.#wrong(at, "must be a list of values");
        return some(this.#anyOf(operand, at));
      case "exists":
        if (typeof operand !== "boolean") return this.#wrong(at, "must be true or false");
        return (values) => values.some((value) => value !== null) === operand;
      case "prefix":
        if (typeof operand !== "string") return this.#wrong(at, "must be a text");
        return some((value) => typeof value === "string" && value.startsWith(operand));
      case "range":
        return some(this.#range(operand, at));
      case "not": {
        const holds = this.#operators(operand, at);
        return (values) => !holds(values);
      }
      default:
        return this.#wrong(at, `is none of ${OPERATORS.join(", ")}`);
    }
  }

  #anyOf(operands: readonly unknown[], at: (string | number)[]): Test {
    if (operands.length === 0 || operands.length > FILTER_LIMITS.values) {
      return this.#wrong(at, `must hold 1 to ${FILTER_LIMITS.values} values`);
    }
    const values = new Set<unknown>();
    for (const [i, operand] of operands.entries()) {
      if (isScalar(operand)) values.add(operand);
      else this.#wrong([...at, i], "must be a text, a number, true, false or null");
    }
    return (value) => values.has(value);
  }

  /** Numbers are compared with numbers and texts with texts: instants as ISO 8601 in UTC order well. */
  #range(operand: unknown, at: (string | number)[]): Test {
    if (!isObject(operand) || Object.keys(operand).length === 0) {
      return this.#wrong(at, `must be an object of ${BOUNDS.join(", ")}`);
    }
    const tests = Object.entries(operand).map(([bound, limit]): Test => {
      const where = [...at, bound];
      if (!BOUNDS.includes(bound)) return this.#wrong(where, `is none of ${BOUNDS.join(", ")}`);
      if (!isLimit(limit)) return this.#wrong(where, "must be a number or a text");
      return (value) =>
        isLimit(value) && typeof value === typeof limit && isWithin(bound, value, limit);
    });
    const contradiction = contradictionIn(operand);
    if (contradiction !== null)
      this.vain.push({ path: at, detail: `never holds: ${contradiction}` });
    return (value) => tests.every((test) => test(value));
  }

  #wrong(path: (string | number)[], detail: string): () => boolean {
    this.problems.push({ path, detail });
    return () => false;
  }
}

function some(test: Test): (values: readonly unknown[]) => boolean {
  return (values) => values.some(test);
}

function isLimit(value: unknown): value is Limit {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

/** Of two numbers, or of two texts. */
function isWithin(bound: string, value: Limit, limit: Limit): boolean {
  switch (bound) {
    case "gt":
      return value > limit;
    case "gte":
      return value >= limit;
    case "lt":
      return value < limit;
    default:
      return value <= limit;
  }
}

/** Why no value is within these bounds; null where one may be. */
function contradictionIn(range: Readonly<Record<string, unknown>>): string | null {
  const limits = Object.values(range).filter(isLimit);
  if (new Set(limits.map((limit) => typeof limit)).size > 1) {
    return "one bound is a number and another a text, and no value is both";
  }
  for (const low of ["gt", "gte"]) {
    for (const high of ["lt", "lte"]) {
      const [least, most] = [range[low], range[high]];
      if (!isLimit(least) || !isLimit(most)) continue;
      const meet = low === "gte" && high === "lte" ? least <= most : least < most;
      if (!meet) return `no value is ${low} ${least} and ${high} ${most}`;
    }
  }
  return null;
}

/** Every value that a path leads to, entries of lists one by one, as far as there are not too many. */
function valuesAt(body: object, parts: readonly string[]): unknown[] {
  let found: unknown[] = [body];
  for (const part of parts) {
    const next: unknown[] = [];
    for (const each of entriesOf(found)) {
      if (isObject(each) && Object.hasOwn(each, part) && each[part] !== undefined) {
        next.push(each[part]);
      }
    }
    if (next.length === 0) return next;
    found = next;
  }
  return entriesOf(found);
}

/** The values, and in the place of a list its entries. */
function entriesOf(values: readonly unknown[]): unknown[] {
  const entries: unknown[] = [];
  for (const value of values) {
    const left = FILTER_LIMITS.found - entries.length;
    if (left === 0) break;
    if (!Array.isArray(value)) entries.push(value);
    else if (value.length <= left) entries.push(...(value as unknown[]));
    else entries.push(...(value as unknown[]).slice(0, left));
  }
  return entries;
}

function isScalar(value: unknown): value is Scalar {
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

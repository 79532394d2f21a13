/**
 * One text for one JSON value: members in the order of their names, however they came, no spaces.
 * Two requests that mean the same give the same text.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isObject(inner) ? sorted(inner) : inner));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Entries, not assignments: a member named `__proto__` is a member like any other. */
function sorted(object: Record<string, unknown>): object {
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries);
}

/** Parts of messages and templates, whose shape their kind decides. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** A field that is text and says something. */
export function textOf(of: Readonly<Record<string, unknown>>, field: string): string | null {
  const value = of[field];
  return typeof value === "string" && value !== "" ? value : null;
}

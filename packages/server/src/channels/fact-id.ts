import { createHash } from "node:crypto";

/**
 * A name for a fact that its provider gives none: the same parts give the same name, so that what is
 * told twice is known.
 */
export function factId(...parts: readonly (string | number | null)[]): string {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
  return `fact:${digest}`;
}

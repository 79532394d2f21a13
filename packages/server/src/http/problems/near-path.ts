import { wrongLetters } from "../../core/spelling.ts";

/** Below a letter that is wrong, above nothing: where a word of the route stands it goes before any id. */
const ANY_ID = 0.5;

/** Finds the address that was meant by one where nothing is; null when none is near. */
export type NearPath = (path: string) => string | null;

/** Of routes as they are written, such as `/v1/endpoints/:id`. What only begins so is nobody's slip. */
export function createNearPath(routes: Iterable<string>): NearPath {
  const patterns = [...new Set(routes)].filter((route) => !/[*{]/.test(route)).map(partsOf);
  return (path) => {
    const parts = partsOf(path);
    return nearestOf(patterns, parts) ?? nearestOf(patterns, ["v1", ...parts]);
  };
}

function nearestOf(patterns: readonly string[][], parts: readonly string[]): string | null {
  let found: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const pattern of patterns) {
    const distance = distanceTo(pattern, parts);
    if (distance >= least) continue;
    least = distance;
    found = `/${pattern.map((part, i) => (isId(part) ? parts[i] : part)).join("/")}`;
  }
  return found;
}

/** Infinite where a part is another word. */
function distanceTo(pattern: readonly string[], parts: readonly string[]): number {
  if (pattern.length !== parts.length) return Number.POSITIVE_INFINITY;
  let distance = 0;
  for (const [i, word] of pattern.entries()) {
    const part = (parts[i] ?? "").toLowerCase();
    distance += isId(word) ? ANY_ID : (wrongLetters(part, word) ?? Number.POSITIVE_INFINITY);
  }
  return distance;
}

function isId(part: string): boolean {
  return part.startsWith(":");
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

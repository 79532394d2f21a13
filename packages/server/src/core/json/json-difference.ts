/** One place where two JSON values differ, by its JSON pointer. What only one of them has is absent in the other. */
export interface Difference {
  pointer: string;
  kind: "only_here" | "only_there" | "changed";
  here?: unknown;
  there?: unknown;
}

/** Where two JSON values differ, in the order of their members; `most` at most. */
export function differencesOf(here: unknown, there: unknown, most: number): Difference[] {
  const found: Difference[] = [];
  compare(here, there, "");
  return found;

  function compare(a: unknown, b: unknown, pointer: string): void {
    if (found.length >= most) return;
    const [inA, inB] = [membersOf(a), membersOf(b)];
    if (inA === null || inB === null || Array.isArray(a) !== Array.isArray(b)) {
      if (a !== b) found.push({ pointer, kind: "changed", here: a, there: b });
      return;
    }
    for (const key of new Set([...inA.keys(), ...inB.keys()])) {
      if (found.length >= most) return;
      const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!inB.has(key)) found.push({ pointer: at, kind: "only_here", here: inA.get(key) });
      else if (!inA.has(key)) found.push({ pointer: at, kind: "only_there", there: inB.get(key) });
      else compare(inA.get(key), inB.get(key), at);
    }
  }
}

/** What an object or a list holds, by name or number; null of what holds nothing. */
function membersOf(value: unknown): Map<string, unknown> | null {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : null;
}

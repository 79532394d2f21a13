import { isSlip } from "../spelling.ts";
import { EVENT_TYPES, isCatalogued } from "./event-types.ts";

/**
 * Whether two texts, types or prefixes like `order.*`, differ by a slip of the pen: part by part they are
 * the same, or a letter off. A prefix is held against as much of the other.
 */
export function areNear(a: string, b: string): boolean {
  const [left, right] = [partsOf(a), partsOf(b)];
  const isPart = a.endsWith(".*") || b.endsWith(".*");
  if (!isPart && left.length !== right.length) return false;
  const pairs = left.slice(0, right.length).map((part, at) => [part, right[at] ?? ""] as const);
  return (
    pairs.every(([one, other]) => one === other || isSlip(one, other)) &&
    pairs.some(([one, other]) => one !== other)
  );
}

/**
 * What a type, or prefix, that could be a customer's own was probably meant to be: a type of the
 * catalogue, or one that the workspace has described. Null for what is known, and where none is near.
 */
export function meantBy(text: string, described: readonly string[]): string | null {
  const known = [...EVENT_TYPES.map(({ type }) => type), ...described];
  if (!text.endsWith(".*")) {
    if (isCatalogued(text) || described.includes(text)) return null;
    return known.find((type) => areNear(text, type)) ?? null;
  }
  const stem = text.slice(0, -1);
  if (known.some((type) => type.startsWith(stem))) return null;
  const found = known.find((type) => areNear(text, type));
  return found === undefined ? null : `${prefixOf(found, partsOf(text).length)}.*`;
}

function partsOf(text: string): string[] {
  return (text.endsWith(".*") ? text.slice(0, -2) : text).split(".");
}

function prefixOf(type: string, parts: number): string {
  return type.split(".").slice(0, parts).join(".");
}

import { isCatalogued } from "../core/events/event-types.ts";
import { dialectNames, getDialect } from "./registry.ts";

/** The type of Curlew's own that a dialect's name for events stands for, and whose name it is. */
export function findForeignName(text: string): { dialect: string; type: string } | null {
  if (isCatalogued(text)) return null;
  for (const dialect of dialectNames) {
    const found = getDialect(dialect).events?.find(({ name }) => name === text);
    if (found) return { dialect, type: found.type };
  }
  return null;
}

/** Why a dialect's name is no event type here, and what was meant; null for what is nobody's name. */
export function foreignName(text: string): string | null {
  const found = findForeignName(text);
  return (
    found &&
    `${JSON.stringify(text)} is what ${found.dialect} calls it; did you mean ${found.type}?`
  );
}

export type Token =
  | { kind: "key" | "string" | "number" | "literal" | "punct"; text: string }
  | { kind: "fold"; text: string };

/** One line of a document as it is shown. */
export interface JsonLine {
  /** Its number in the whole document, folded or not. */
  n: number;
  depth: number;
  /** `$.data.message.content` */
  path: string;
  tokens: Token[];
  /** The object or list that begins here can be folded. */
  folds: boolean;
  isFolded: boolean;
}

/**
 * The lines of a value, two spaces a level, as `JSON.stringify(value, null, 2)` would break them.
 * What is folded is one line that says how much it holds.
 */
export function jsonLines(
  value: unknown,
  isFolded: (path: string) => boolean,
  countOf: (count: number, isList: boolean) => string,
): JsonLine[] {
  const lines: JsonLine[] = [];
  let n = 0;
  const write = (path: string, depth: number, tokens: Token[], folds = false, folded = false) =>
    lines.push({ n, depth, path, tokens, folds, isFolded: folded });

  const walk = (node: unknown, path: string, depth: number, before: Token[], after: Token[]) => {
    n++;
    const isList = Array.isArray(node);
    if (node === null || typeof node !== "object" || sizeOf(node) === 0) {
      write(path, depth, [...before, scalar(node), ...after]);
      return;
    }
    const [open, close] = isList ? ["[", "]"] : ["{", "}"];
    if (isFolded(path)) {
      const fold: Token = { kind: "fold", text: countOf(sizeOf(node), isList) };
      write(path, depth, [...before, punct(open), fold, punct(close), ...after], true, true);
      n += linesOf(node) - 1;
      return;
    }
    write(path, depth, [...before, punct(open)], true);
    const entries: [string | null, unknown][] = isList
      ? node.map((each: unknown) => [null, each])
      : Object.entries(node);
    entries.forEach(([key, each], index) => {
      const below = key === null ? `${path}[${index}]` : `${path}.${key}`;
      const name: Token[] =
        key === null ? [] : [{ kind: "key", text: JSON.stringify(key) }, punct(": ")];
      walk(each, below, depth + 1, name, index < entries.length - 1 ? [punct(",")] : []);
    });
    n++;
    write(path, depth, [punct(close), ...after]);
  };
  walk(value, "$", 0, [], []);
  return lines;
}

function punct(text: string): Token {
  return { kind: "punct", text };
}

function scalar(node: unknown): Token {
  if (typeof node === "string") return { kind: "string", text: JSON.stringify(node) };
  if (typeof node === "number") return { kind: "number", text: String(node) };
  if (node !== null && typeof node === "object") return punct(Array.isArray(node) ? "[]" : "{}");
  return { kind: "literal", text: String(node) };
}

function sizeOf(node: object): number {
  return Array.isArray(node) ? node.length : Object.keys(node).length;
}

function linesOf(node: unknown): number {
  if (node === null || typeof node !== "object" || sizeOf(node) === 0) return 1;
  return Object.values(node).reduce((sum: number, each) => sum + linesOf(each), 2);
}

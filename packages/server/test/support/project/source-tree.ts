import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/** One source file: what it imports, and what it reaches for although it should be handed in. */
export interface SourceFile {
  /** Below the root, with forward slashes: `core/ids.ts`. */
  path: string;
  /** Files of the same tree that it imports, types included. */
  files: string[];
  /** Relative imports that leave the tree, as written. */
  outside: string[];
  /** Packages and modules of Node, as written. */
  modules: string[];
  /** `Date.now`, `new Date()`, `process.env` and their like. */
  reaches: string[];
}

const MEMBERS = new Set(["Date.now", "Math.random", "performance.now", "process.env"]);
const GLOBALS = new Set([
  "crypto",
  "fetch",
  "performance",
  "process",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Every TypeScript file below `root` that `keep` accepts, read once. */
export function readTree(root: string, keep: (path: string) => boolean = () => true): SourceFile[] {
  return pathsBelow(root)
    .filter(keep)
    .map((path) => readSource(root, path));
}

/** Every TypeScript file below `root`, in order, with forward slashes. */
export function pathsBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules/"))
    .sort();
}

function readSource(root: string, path: string): SourceFile {
  const file: SourceFile = { path, files: [], outside: [], modules: [], reaches: [] };
  const text = readFileSync(join(root, path), "utf8");
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  visit(source, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== null) sort(file, root, specifier);
    const reach = reachOf(node);
    if (reach !== null) file.reaches.push(reach);
  });
  return file;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}

/** What an import or export declaration, an `import()` or an import type names. */
function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
      ? node.moduleSpecifier.text
      : null;
  }
  if (ts.isImportTypeNode(node)) {
    const { argument } = node;
    return ts.isLiteralTypeNode(argument) && ts.isStringLiteral(argument.literal)
      ? argument.literal.text
      : null;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteralLike(argument) ? argument.text : "(computed)";
  }
  return null;
}

function sort(file: SourceFile, root: string, specifier: string): void {
  if (!specifier.startsWith(".")) {
    file.modules.push(specifier);
    return;
  }
  const target = relative(root, resolve(root, dirname(file.path), specifier));
  const path = target.split(sep).join("/");
  if (path.startsWith("..")) file.outside.push(specifier);
  else file.files.push(path);
}

function reachOf(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
    return node.arguments?.length ? null : "new Date()";
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    return MEMBERS.has(text) ? text : null;
  }
  return ts.isIdentifier(node) && GLOBALS.has(node.text) && isUse(node) ? node.text : null;
}

/** Whether a name stands for the global of that name, and not for a member, a key or a type of ours. */
function isUse(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.expression === name && !MEMBERS.has(parent.getText());
  }
  return (
    (ts.isCallExpression(parent) && parent.expression === name) ||
    (ts.isCallExpression(parent) && parent.arguments.includes(name))
  );
}

/** The first import cycle that is found, as the files on it in order; null when there is none. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (node: string): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node);
    if (cycle) return cycle;
  }
  return null;
}

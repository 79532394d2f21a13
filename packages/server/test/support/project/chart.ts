import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { ROOT } from "./documents.ts";

/**
 * Renders the Helm chart without Helm: as much of Go's templates as the chart uses. What it does not
 * know it refuses, and so does a value that values.yaml does not name.
 */

export const CHART = join(ROOT, "deploy/helm/curlew");

type Value = unknown;
type Node =
  | { kind: "text"; text: string }
  | { kind: "print"; pipe: string }
  | { kind: "block"; word: "if" | "with" | "range"; pipe: string; body: Node[]; other: Node[] };
interface Scope {
  dot: Value;
  root: Value;
  variables: ReadonlyMap<string, Value>;
}

/** A refusal of the chart itself: `required` or `fail`. */
export class ChartRefusal extends Error {}

/** The chart's objects, for a release called `release` and values that differ from the chart's own. */
// biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
export function renderChart(values: object = {}, release = "curlew"): any[] {
  const chart = parse(readFileSync(join(CHART, "Chart.yaml"), "utf8"));
  const root = {
    Values: merge(parse(readFileSync(join(CHART, "values.yaml"), "utf8")), values),
    Release: { Name: release, Namespace: "default", Service: "Helm" },
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
  };
  const folder = join(CHART, "templates");
  const files = readdirSync(folder).sort();
  const named = new Map<string, Node[]>();
  const bodies = files.map((file) => ({
    file,
    body: parseTemplate(readFileSync(join(folder, file), "utf8"), named),
  }));
  const scope = { dot: root, root, variables: new Map() };
  return bodies.flatMap(({ file, body }) => {
    const text = renderNodes(body, scope, named);
    if (!file.endsWith(".yaml")) return [];
    return parseAllDocuments(text).flatMap((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
      return document.contents === null ? [] : [document.toJS()];
    });
  });
}

function parseTemplate(source: string, named: Map<string, Node[]>): Node[] {
  const tokens = [...source.matchAll(/([\s\S]*?)(?:\{\{(-?)([\s\S]*?)(-?)\}\}|$)/g)];
  const out: Node[] = [];
  const open: { into: Node[] }[] = [{ into: out }];
  let trimNext = false;
  for (const [whole, text = "", trimBefore, action, trimAfter] of tokens) {
    if (whole === "") break;
    let shown = trimNext ? text.trimStart() : text;
    if (trimBefore) shown = shown.trimEnd();
    trimNext = trimAfter === "-";
    const top = open.at(-1);
    if (!top) throw new Error("more ends than blocks");
    if (shown !== "") top.into.push({ kind: "text", text: shown });
    const words = action?.trim();
    if (words === undefined || words.startsWith("/*")) continue;
    const [, word = "", pipe = ""] = /^(\w+)?\s*([\s\S]*)$/.exec(words) ?? [];
    if (word === "if" || word === "with" || word === "range") {
      const block: Node = { kind: "block", word, pipe, body: [], other: [] };
      top.into.push(block);
      open.push({ into: block.body });
    } else if (word === "define") {
      const body: Node[] = [];
      named.set(pipe.replaceAll('"', ""), body);
      open.push({ into: body });
    } else if (word === "else") {
      const block = open.at(-2)?.into.at(-1);
      if (pipe !== "" || block?.kind !== "block") throw new Error(`not known: {{ ${words} }}`);
      open.splice(-1, 1, { into: block.other });
    } else if (word === "end") open.pop();
    else top.into.push({ kind: "print", pipe: words });
  }
  if (open.length !== 1) throw new Error("a block has no end");
  return out;
}

function renderNodes(nodes: readonly Node[], scope: Scope, named: Map<string, Node[]>): string {
  return nodes.map((node) => renderNode(node, scope, named)).join("");
}

function renderNode(node: Node, scope: Scope, named: Map<string, Node[]>): string {
  if (node.kind === "text") return node.text;
  if (node.kind === "print") return shown(evaluate(node.pipe, scope, named));
  const [, names, pipe = ""] = /^(?:(\$\w+\s*,\s*\$\w+)\s*:=\s*)?([\s\S]*)$/.exec(node.pipe) ?? [];
  const value = evaluate(pipe, scope, named);
  if (isEmpty(value)) return renderNodes(node.other, scope, named);
  if (node.word === "if") return renderNodes(node.body, scope, named);
  if (node.word === "with") return renderNodes(node.body, { ...scope, dot: value }, named);
  const [key = "", item = ""] = names?.split(",").map((each) => each.trim()) ?? [];
  return Object.entries(value as object) // a list or a map: nothing else can be walked through
    .map(([name, each]) => {
      const variables = new Map(scope.variables).set(key, name).set(item, each);
      return renderNodes(node.body, { ...scope, dot: each, variables }, named);
    })
    .join("");
}

function evaluate(pipe: string, scope: Scope, named: Map<string, Node[]>): Value {
  const commands = splitTop(pipe, "|");
  return commands.reduce<{ value: Value; piped: boolean }>(
    ({ value, piped }, command) => {
      const [head = "", ...rest] = splitTop(command, " ");
      const args = rest.map((each) => operand(each, scope, named));
      if (!/^[a-zA-Z]/.test(head)) return { value: operand(head, scope, named), piped: true };
      return { value: call(head, piped ? [...args, value] : args, named), piped: true };
    },
    { value: null, piped: false },
  ).value;
}

function operand(text: string, scope: Scope, named: Map<string, Node[]>): Value {
  if (text.startsWith("(")) return evaluate(text.slice(1, -1), scope, named);
  if (/^["\d]/.test(text)) return JSON.parse(text);
  if (text === ".") return scope.dot;
  if (text === "$") return scope.root;
  const [base = "", ...path] = text.split(".");
  if (base !== "" && !base.startsWith("$")) throw new Error(`not known: ${text}`);
  const start = base === "" ? scope.dot : base === "$" ? scope.root : scope.variables.get(base);
  return path.reduce<Value>((value, name) => {
    if (typeof value !== "object" || value === null || !(name in value)) {
      throw new Error(`${text}: there is no ${name}`);
    }
    return Reflect.get(value, name);
  }, start);
}

function call(name: string, args: Value[], named: Map<string, Node[]>): Value {
  const [first, second] = args;
  const text = String(args.at(-1));
  switch (name) {
    case "include": {
      const body = named.get(String(first));
      if (!body) throw new Error(`no template is called ${first}`);
      return renderNodes(body, { dot: second, root: second, variables: new Map() }, named);
    }
    case "dict": {
      const pairs = args.flatMap((each, i) => (i % 2 === 0 ? [[each, args[i + 1]]] : []));
      return Object.fromEntries(pairs);
    }
    case "toYaml":
      return stringify(first).trimEnd();
    case "nindent":
      return `\n${text.replaceAll(/^/gm, " ".repeat(Number(first)))}`;
    case "quote":
      return JSON.stringify(String(first));
    case "default":
      return isEmpty(second) ? first : second;
    case "required":
      if (isEmpty(second)) throw new ChartRefusal(String(first));
      return second;
    case "fail":
      throw new ChartRefusal(String(first));
    case "printf":
      return args.slice(1).reduce<string>((s, each) => s.replace("%s", String(each)), `${first}`);
    case "contains":
      return text.includes(String(first));
    case "trunc":
      return text.slice(0, Number(first));
    case "trimSuffix":
      return text.endsWith(String(first)) ? text.slice(0, -String(first).length) : text;
    case "int":
      return Number(first);
    case "eq":
      return first === second;
    case "gt":
      return Number(first) > Number(second);
    case "and":
      return args.find(isEmpty) ?? args.at(-1);
    default:
      throw new Error(`not known: ${name}`);
  }
}

/** Splits where nothing is quoted or in brackets. */
function splitTop(text: string, by: string): string[] {
  const parts = text.match(
    new RegExp(`(?:"(?:[^"\\\\]|\\\\.)*"|\\((?:[^()]|\\([^()]*\\))*\\)|[^${by}])+`, "g"),
  );
  return (parts ?? []).map((each) => each.trim()).filter((each) => each !== "");
}

function shown(value: Value): string {
  return value === null || value === undefined ? "" : String(value);
}

function isEmpty(value: Value): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** Maps are merged, everything else is replaced: as Helm does with `--set`. */
function merge(base: Value, over: Value): Value {
  if (!isMap(base) || !isMap(over)) return over;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  return Object.fromEntries(
    keys.map((key) => [key, key in over ? merge(base[key], over[key]) : base[key]]),
  );
}

function isMap(value: Value): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

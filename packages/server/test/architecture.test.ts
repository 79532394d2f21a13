import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { findCycle, pathsBelow, readTree, type SourceFile } from "./support/project/source-tree.ts";

/** Imports go one way. What a room needs from a neighbour that it may not import, the app hands to it. */
const MAY_IMPORT = {
  core: [],
  config: ["core"],
  runtime: ["core"],
  channels: ["core"],
  dialects: ["core"],
  storage: ["core"],
  inbox: ["core", "channels", "storage"],
  outbox: ["core", "channels", "storage"],
  delivery: ["core", "dialects", "storage", "runtime"],
  http: [
    "core",
    "config",
    "runtime",
    "channels",
    "dialects",
    "storage",
    "inbox",
    "outbox",
    "delivery",
  ],
  app: [
    "core",
    "config",
    "runtime",
    "channels",
    "dialects",
    "storage",
    "inbox",
    "outbox",
    "delivery",
    "http",
  ],
  upkeep: ["core", "config", "runtime", "storage"],
  remote: ["core", "dialects", "runtime"],
  cli: ["app", "config", "upkeep", "remote"],
} as const satisfies Record<string, readonly string[]>;
type Room = keyof typeof MAY_IMPORT;

/** Libraries that only some rooms may know; the others are free where they belong. */
const KNOWN_BY: ReadonlyArray<readonly [library: RegExp, rooms: readonly Room[]]> = [
  [/^@?hono(\/|$)/, ["http", "app", "cli"]],
  [/^undici$/, ["runtime"]],
  [/^kysely$/, ["storage"]],
  [/^pg$/, ["storage", "delivery"]],
];

/** Time, chance and the environment are arguments: who may reach for them itself. */
const MAY_REACH: ReadonlyMap<string, readonly Room[]> = new Map<string, readonly Room[]>([
  ["new Date()", ["runtime"]],
  ["Date.now", ["runtime"]],
  ["performance", ["runtime"]],
  ["performance.now", ["runtime"]],
  ["setTimeout", ["runtime"]],
  ["setInterval", ["runtime"]],
  ["Math.random", ["runtime"]],
  ["process.env", ["cli"]],
  ["fetch", []],
]);

const NAMED_FOR_NOTHING =
  /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\/|\.ts$)|(^|\/)types\.ts$/;

/** What a reader takes in at once; a folder with more has a room of its own for each subject. */
const MOST_FILES = 25;
/** A list that only grows, read by its numbers: one file for each change of the schema. */
const LIST_OF_FILES = "storage/migrations";

/** What lies in the dashboard's sources, the lowest first: each imports what stands before it. */
const DASHBOARD = [
  ...["style", "words", "api", "live", "parts", "session", "pages", "shell"],
  ...["router.tsx", "main.tsx"],
];

/** Where folders form no circle and stay small. */
const TREES = [
  "packages/server/src",
  "packages/server/test",
  "packages/sdk/src",
  "packages/simulator/src",
  "packages/simulator/test",
  "packages/dashboard/src",
  "packages/dashboard/test",
  "bench",
  "soak",
];

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Tests that lie beside sources may look around; where all is tests, they are what forms a circle. */
const isShipped = (path: string) => !path.endsWith(".test.ts");
const read = new Map<string, SourceFile[]>();

function sourcesOf(tree: string): SourceFile[] {
  const keep = tree.endsWith("/test") ? () => true : isShipped;
  const sources = read.get(tree) ?? readTree(join(ROOT, tree), keep);
  read.set(tree, sources);
  return sources;
}

/** All sources are parsed, on cores that others use too. */
const LIMIT_MS = 120_000;

describe("the server's rooms", () => {
  test(
    "import only what the map allows",
    () => {
      expect(faultsOf(sourcesOf("packages/server/src"))).toEqual([]);
    },
    LIMIT_MS,
  );

  test("are read at all", () => {
    const paths = sourcesOf("packages/server/src").map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths).toContain("core/ids.ts");
    expect(paths.filter((path) => roomOf(path) !== "core").length).toBeGreaterThan(10);
  });

  test("have no cycle among them", () => {
    expect(findCycle(new Map(Object.entries(MAY_IMPORT)))).toBeNull();
  });
});

describe("the dashboard's folders", () => {
  test("import only downwards", () => {
    expect(climbsAmong(sourcesOf("packages/dashboard/src"))).toEqual([]);
  });

  test.each([
    ["parts/a.tsx", 'import { b } from "../shell/b.tsx";', "parts may not import shell"],
    ["api/a.ts", 'import type { B } from "../parts/lists/b.ts";', "api may not import parts"],
    [
      "pages/usage/a.tsx",
      'import { b } from "../../router.tsx";',
      "pages may not import router.tsx",
    ],
    ["words/a.ts", 'const b = await import("../api/b.ts");', "words may not import api"],
    ["halls/a.ts", "export const a = 1;", "halls/a.ts has no place"],
  ])("would be seen to climb in %s: %s", (path, text, fault) => {
    expect(climbsAmong(planted({ [path]: text })).join()).toContain(fault);
  });
});

describe.each(TREES)("the folders of %s", (tree) => {
  test(
    "form no circle, with each other or with the files beside them",
    () => {
      expect(circlesAmong(sourcesOf(tree))).toEqual([]);
    },
    LIMIT_MS,
  );

  test("hold no more files than a reader takes in at once", () => {
    expect(crowdsAmong(pathsBelow(join(ROOT, tree)))).toEqual([]);
  });

  test("would be seen to form a circle, or to be too full", () => {
    const [from, to] = someImportAmong(sourcesOf(tree));
    const planted = { path: to, files: [from], outside: [], modules: [], reaches: [] };
    expect(circlesAmong([...sourcesOf(tree), planted])).toHaveLength(1);
    const crowd = Array.from({ length: MOST_FILES }, (_, at) => join(dirname(from), `${at}.ts`));
    expect(crowdsAmong([...pathsBelow(join(ROOT, tree)), ...crowd])).toHaveLength(1);
  });
});

describe("the other packages", () => {
  test("the SDK and the simulator know nothing of the server, nor of each other", () => {
    for (const name of ["sdk", "simulator"]) {
      const sources = sourcesOf(`packages/${name}/src`);
      expect(sources, name).not.toEqual([]);
      expect(sources.flatMap(strangersOf), name).toEqual([]);
    }
  });

  test("the SDK runs where there is no Node and depends on nothing", () => {
    expect(sourcesOf("packages/sdk/src").flatMap(({ modules }) => modules)).toEqual([]);
  });

  test("the dashboard knows the product through HTTP and the SDK alone", () => {
    const strangers = sourcesOf("packages/dashboard/src").flatMap(strangersOf);
    expect(strangers.filter((each) => !each.endsWith("@curlew/sdk"))).toEqual([]);
  });
});

describe("the check itself", () => {
  test.each([
    ["core/a.ts", 'import { b } from "../http/b.ts";', "core may not import http"],
    ["channels/a.ts", 'export * from "../storage/b.ts";', "channels may not import storage"],
    ["storage/a.ts", 'type B = import("../delivery/b.ts").B;', "storage may not import delivery"],
    ["cli/a.ts", 'const b = await import("../http/b.ts");', "cli may not import http"],
    ["core/a.ts", 'import { createHash } from "node:crypto";', "core may not import node:crypto"],
    ["inbox/a.ts", 'import { Hono } from "hono";', "inbox may not import hono"],
    ["http/a.ts", 'import { x } from "../../../sdk/src/x.ts";', "leaves the server"],
    ["http/a.ts", 'import { x } from "@curlew/sdk";', "http may not import @curlew/sdk"],
    ["delivery/a.ts", "const at = new Date();", "delivery may not reach for new Date()"],
    ["delivery/a.ts", "const at = Date.now();", "delivery may not reach for Date.now"],
    ["storage/a.ts", "setTimeout(() => {}, 1);", "storage may not reach for setTimeout"],
    ["app.ts", "const url = process.env.DATABASE_URL;", "app may not reach for process.env"],
    ["core/a.ts", "crypto.randomUUID();", "core may not reach for crypto"],
    ["storage/a.ts", 'import { open } from "../app/ground.ts";', "storage may not import app"],
    ["core.ts", "export const a = 1;", "lies in no room"],
    ["hall/a.ts", "export const a = 1;", "lies in no room"],
    ["http/utils/a.ts", "export const a = 1;", "is named for nothing"],
    ["core/types.ts", "export type A = 1;", "is named for nothing"],
  ])("sees in %s: %s", (path, text, fault) => {
    expect(faultsOf(planted({ [path]: text })).join()).toContain(fault);
  });

  test("lets the same pass where they belong", () => {
    const sources = planted({
      "http/a.ts": 'import { b } from "../core/b.ts"; import { Hono } from "hono";',
      "core/b.ts": "export const at = (now: number) => new Date(now); // Date.now() in words",
      "runtime/c.ts": "export const now = () => Date.now();",
      "cli/d.ts": "export const url = process.env.DATABASE_URL;",
    });
    expect(sources).toHaveLength(4);
    expect(faultsOf(sources)).toEqual([]);
  });

  test("sees a cycle of files, also one of types alone", () => {
    const sources = planted({
      "core/a.ts": 'import type { B } from "./b.ts";',
      "core/b.ts": 'export type { C } from "./c.ts";',
      "core/c.ts": 'import { a } from "./a.ts";',
    });
    expect(circlesAmong(sources)).toEqual(["core: a.ts → b.ts → c.ts → a.ts"]);
  });

  test("sees a circle of subfolders, through files that form none", () => {
    const sources = planted({
      "http/events/a.ts": 'import { b } from "../endpoints/b.ts";',
      "http/endpoints/b.ts": "export const b = 1;",
      "http/endpoints/c.ts": 'import type { D } from "../events/deep/d.ts";',
      "http/events/deep/d.ts": "export type D = 1;",
    });
    const files = sources.map(({ path, files }) => [path, files] as const);
    expect(findCycle(new Map(files))).toBeNull();
    expect(circlesAmong(sources)).toEqual(["http: endpoints → events → endpoints"]);
  });

  test("sees a circle of a subfolder and a file that lies beside it", () => {
    const sources = planted({
      "http/routes.ts": 'import { a } from "./events/a.ts";',
      "http/events/a.ts": 'import { api } from "../api.ts";',
      "http/events/b.ts": 'import type { Routes } from "../routes.ts";',
      "http/api.ts": "export const api = 1;",
    });
    expect(circlesAmong(sources)).toEqual(["http: events → routes.ts → events"]);
  });

  test("sees a folder that has grown too full, and counts what lies deeper where it lies", () => {
    const full = Array.from({ length: MOST_FILES }, (_, at) => `http/events/${at}.ts`);
    expect(crowdsAmong([...full, "http/routes.ts", "http/events/deep/a.ts"])).toEqual([]);
    expect(crowdsAmong([...full, "http/events/a.test.ts"])).toEqual(["http/events holds 26 files"]);
  });
});

/** Every folder of the tree, the root as "". */
function foldersOf(sources: readonly SourceFile[]): string[] {
  const above = (path: string): string[] => {
    const folder = folderOf(path);
    return folder === "" ? [""] : [...above(folder), folder];
  };
  return [...new Set(sources.flatMap(({ path }) => above(path)))];
}

/** Who imports, and what. */
function someImportAmong(sources: readonly SourceFile[]): [from: string, to: string] {
  for (const { path, files } of sources) {
    const [to] = files;
    if (to !== undefined) return [path, to];
  }
  throw new Error("no file there imports another");
}

function circlesAmong(sources: readonly SourceFile[]): string[] {
  return foldersOf(sources).flatMap((folder) => circleIn(folder, sources));
}

/**
 * A circle among what lies directly in a folder: each subfolder counts as one, with all that is below it,
 * and each file as one.
 */
function circleIn(folder: string, sources: readonly SourceFile[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { path, files } of sources) {
    const from = stepInto(folder, path);
    const others = files.map((each) => stepInto(folder, each)).filter((each) => each !== from);
    if (from !== null) edges.set(from, [...(edges.get(from) ?? []), ...others.filter(isStep)]);
  }
  const circle = findCycle(edges);
  return circle === null ? [] : [`${folder}: ${circle.join(" → ")}`];
}

/** What one meets first in a folder on the way to a file; null when the file is not in it. */
function stepInto(folder: string, path: string): string | null {
  const prefix = folder === "" ? "" : `${folder}/`;
  if (!path.startsWith(prefix)) return null;
  const [step] = path.slice(prefix.length).split("/");
  return step ?? null;
}

function isStep(step: string | null): step is string {
  return step !== null;
}

/** Imports of the dashboard that lead from a lower folder to a higher one. */
function climbsAmong(sources: readonly SourceFile[]): string[] {
  const levelOf = (path: string) => DASHBOARD.indexOf(stepInto("", path) ?? "");
  return sources.flatMap(({ path, files }) => {
    const level = levelOf(path);
    if (level === -1) return [`${path} has no place`];
    const above = files.map(levelOf).filter((each) => each > level);
    return above.map((each) => `${path}: ${DASHBOARD[level]} may not import ${DASHBOARD[each]}`);
  });
}

function crowdsAmong(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > MOST_FILES && folder !== LIST_OF_FILES)
    .map(([folder, count]) => `${folder} holds ${count} files`);
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === "." ? "" : folder;
}

function faultsOf(sources: readonly SourceFile[]): string[] {
  return sources.flatMap((source) => {
    const { path } = source;
    const room = roomOf(path);
    if (room === null) return [`${path} lies in no room`];
    const names = NAMED_FOR_NOTHING.test(path) ? [`${path} is named for nothing`] : [];
    const leaves = source.outside.map((each) => `${path} leaves the server for ${each}`);
    const rooms = source.files
      .map(roomOf)
      .filter((other) => other !== room && !mayImport(room, other))
      .map((other) => `${path}: ${room} may not import ${other ?? "what lies in no room"}`);
    const modules = source.modules
      .filter((each) => !mayUse(room, each))
      .map((each) => `${path}: ${room} may not import ${each}`);
    const reaches = source.reaches
      .filter((each) => !mayReach(room, each))
      .map((each) => `${path}: ${room} may not reach for ${each}`);
    return [...names, ...leaves, ...rooms, ...modules, ...reaches];
  });
}

/** A room is a folder; that of the app has its list beside it. */
function roomOf(path: string): Room | null {
  const isInFolder = path.includes("/");
  const name = isInFolder ? path.slice(0, path.indexOf("/")) : basename(path, ".ts");
  return isRoom(name) && (isInFolder || name === "app") ? name : null;
}

function isRoom(name: string): name is Room {
  return name in MAY_IMPORT;
}

function mayImport(room: Room, other: Room | null): boolean {
  const allowed: readonly string[] = MAY_IMPORT[room];
  return other !== null && allowed.includes(other);
}

function mayUse(room: Room, module: string): boolean {
  if (room === "core" || isOurs(module)) return false;
  const rule = KNOWN_BY.find(([library]) => library.test(module));
  return rule === undefined || rule[1].includes(room);
}

function mayReach(room: Room, reach: string): boolean {
  if (room === "core") return false;
  return MAY_REACH.get(reach)?.includes(room) ?? true;
}

function isOurs(module: string): boolean {
  return /^(curlew|@curlew\/.*)(\/|$)/.test(module);
}

/** Imports that leave a package's own sources for another package of this house. */
function strangersOf({ path, outside, modules }: SourceFile): string[] {
  return [...outside, ...modules.filter(isOurs)].map((each) => `${path} imports ${each}`);
}

/** A tree of sources that exists for one test. */
function planted(files: Record<string, string>): SourceFile[] {
  const root = mkdtempSync(join(tmpdir(), "curlew-planted-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readTree(root);
}

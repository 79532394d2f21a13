import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { run, wasInterrupted } from "./child.mjs";
import { Refusal } from "./refusal.mjs";

/** In the order in which they are built; a package without sources is passed over. */
const PACKAGES = ["sdk", "simulator", "dashboard", "server"];

const COMPILER = "node_modules/@typescript/native/bin/tsc";
const BUNDLER = "node_modules/vite/bin/vite.js";
/** Packages for browsers, and what they are built from besides their sources. */
const BUNDLED = new Set(["dashboard"]);
const PAGE_INPUTS = ["index.html", "vite.config.ts"];
const SHARED_INPUTS = ["package-lock.json", "tsconfig.base.json", "scripts/prepare/build.mjs"];
/** Says how a package is compiled for `require`, where it is: into a folder of its own beside the rest. */
const FOR_REQUIRE = "tsconfig.commonjs.json";
const NOT_BUILT = /\.test\.ts$|(^|\/)(fixtures|__snapshots__)\//;

/** The packages whose sources, settings or output are not those of their last build. */
export function stalePackages(root) {
  const stamps = readStamps(root);
  const shared = digest(SHARED_INPUTS.map((path) => [path, read(join(root, path))]));
  return PACKAGES.flatMap((name) => {
    const inputs = inputsOf(root, name);
    if (!inputs.some(([path]) => path.startsWith("src/"))) return [];
    const hash = digest([["shared", shared], ...inputs]);
    const stamp = stamps[name];
    const fresh =
      stamp &&
      stamp.hash === hash &&
      stamp.output === listing(join(root, "packages", name, "dist"));
    return fresh ? [] : [{ name, hash }];
  });
}

/**
 * Compiles packages into their `dist`, each replaced as a whole: what a deleted source once gave
 * does not linger, and a package that does not compile keeps what it had.
 */
export async function build(root, packages, say) {
  if (!existsSync(join(root, COMPILER))) {
    throw new Refusal("node_modules is incomplete: remove it and run the same command again.");
  }
  const began = Date.now();
  const results = await Promise.all(packages.map((each) => compile(root, each)));
  const [built, failed] = [results.filter(isBuilt), results.filter((each) => !isBuilt(each))];
  const stamps = readStamps(root);
  for (const { name, hash } of built) {
    stamps[name] = { hash, output: replaceOutput(join(root, "packages", name)) };
  }
  writeStamps(root, stamps);
  if (failed.length > 0) throw refusalOf(failed);
  const names = built.map(({ name }) => name).join(", ");
  say(`Built ${names} in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}

const isBuilt = (result) => result.code === 0;

async function compile(root, { name, hash }) {
  const folder = join(root, "packages", name);
  const target = join(folder, ".dist-new");
  rmSync(target, { recursive: true, force: true });
  const isBundled = BUNDLED.has(name);
  const runs = isBundled
    ? [bundling(root, folder, target)]
    : [compiling(root, join(folder, "tsconfig.build.json"), target)];
  const isRequired = existsSync(join(folder, FOR_REQUIRE));
  if (isRequired) runs.push(compiling(root, join(folder, FOR_REQUIRE), join(target, "commonjs")));
  const results = await Promise.all(runs.map((args) => runTool(root, args)));
  const failed = results.find(({ code }) => code !== 0);
  if (failed) rmSync(target, { recursive: true, force: true });
  else if (!isBundled) copyAssets(join(folder, "src"), target);
  if (isRequired && !failed) {
    writeFileSync(
      join(target, "commonjs/package.json"),
      `${JSON.stringify({ type: "commonjs" })}\n`,
    );
  }
  return { name, hash, code: 0, output: "", ...failed };
}

async function runTool(root, args) {
  let output = "";
  const code = await run(process.execPath, args, {
    cwd: root,
    capture: (text) => {
      output = text;
    },
  });
  return { code, output };
}

function compiling(root, settings, target) {
  // Types are a check of their own (npm run types): an unused name must not keep a server from starting.
  const args = ["-p", settings, "--outDir", target, "--noCheck"];
  return [join(root, COMPILER), ...args, ...(process.stderr.isTTY ? ["--pretty"] : [])];
}

function bundling(root, folder, target) {
  const args = ["build", folder, "--outDir", target, "--emptyOutDir", "--logLevel", "warn"];
  return [join(root, BUNDLER), ...args];
}

/** Files that are no TypeScript (pages, styles) go along as they are. */
function copyAssets(source, target) {
  for (const path of filesBelow(source)) {
    if (path.endsWith(".ts") || NOT_BUILT.test(path)) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(source, path), join(target, path));
  }
}

function replaceOutput(folder) {
  const dist = join(folder, "dist");
  const old = join(folder, ".dist-old");
  rmSync(old, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(join(folder, ".dist-new"), dist);
  rmSync(old, { recursive: true, force: true });
  return listing(dist);
}

function inputsOf(root, name) {
  const folder = join(root, "packages", name);
  const sources = filesBelow(join(folder, "src"))
    .filter((path) => !NOT_BUILT.test(path))
    .map((path) => `src/${path}`);
  const page = [
    ...PAGE_INPUTS,
    ...filesBelow(join(folder, "public")).map((path) => `public/${path}`),
  ];
  return ["package.json", "tsconfig.build.json", FOR_REQUIRE, ...page, ...sources].map((path) => [
    path,
    read(join(folder, path)),
  ]);
}

function refusalOf(failed) {
  const interrupted = failed.find(({ code }) => wasInterrupted(code));
  if (interrupted)
    return Object.assign(new Refusal("Stopped while building."), { exitCode: interrupted.code });
  const names = failed.map(({ name }) => name).join(", ");
  const output = failed.map((each) => each.output.trimEnd()).join("\n");
  return new Refusal(
    `${output}\n\nThe build of ${names} failed; what was built before is unchanged.`,
  );
}

function stampsPath(root) {
  return join(root, ".cache/build.json");
}

function readStamps(root) {
  try {
    return JSON.parse(readFileSync(stampsPath(root), "utf8"));
  } catch {
    return {}; // absent or damaged: everything is built anew
  }
}

function writeStamps(root, stamps) {
  mkdirSync(dirname(stampsPath(root)), { recursive: true });
  writeFileSync(`${stampsPath(root)}.new`, JSON.stringify(stamps));
  renameSync(`${stampsPath(root)}.new`, stampsPath(root));
}

function digest(parts) {
  const hash = createHash("sha256");
  for (const [name, content] of parts) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest("hex");
}

/** The names of files: enough to see a build that somebody removed, in whole or in part. */
function listing(folder) {
  return digest(filesBelow(folder).map((path) => [path, ""]));
}

function filesBelow(folder, below = folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory()
        ? filesBelow(path, below)
        : [relative(below, path).split(sep).join("/")];
    });
}

function read(path) {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

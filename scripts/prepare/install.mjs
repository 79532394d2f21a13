import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { run, wasInterrupted } from "./child.mjs";
import { Refusal } from "./refusal.mjs";

/** What npm itself keeps of an installation, written at its end. */
const HIDDEN_LOCK = "node_modules/.package-lock.json";
const TAIL_LINES = 40;
const CAUSES = [
  [/ENOSPC/, "The disk is full: about 500 MB are needed here."],
  [
    /EUSAGE/,
    "package.json and package-lock.json do not agree: run `npm install` and keep its lockfile.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/,
    "The package registry cannot be reached.",
  ],
  [
    /EACCES|EPERM|EROFS/,
    "This user may not write here: was an earlier install made by another one?",
  ],
  [/ETARGET|E404/, "The package registry does not have a version that package-lock.json names."],
  [/EINTEGRITY/, "The package registry answered with other bytes than package-lock.json expects."],
];

/**
 * Whether node_modules holds what package-lock.json asks for. Contents are compared, not times:
 * a checkout touches files without changing them.
 */
export function isInstalled(root) {
  const hidden = read(join(root, HIDDEN_LOCK));
  if (hidden === null) return false;
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = read(stampPath(root));
  if (stamp === stampOf(lock, hidden)) return true;
  if (stamp !== null && !stamp.startsWith(machine())) return false;
  return agrees(JSON.parse(lock).packages, JSON.parse(hidden).packages);
}

/** Installs exactly what the lockfile names; says what npm said only if it fails. */
export async function install(root, say) {
  say("Installing dependencies (npm ci) …");
  const began = Date.now();
  const { command, args, shell } = npmCommand();
  let output = "";
  const code = await run(command, [...args, "ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
    shell,
    capture: (text) => {
      output = text;
    },
  }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Refusal("npm is not on the PATH. It comes with Node: https://nodejs.org");
  });
  if (code !== 0) throw refusalOf(code, output);
  markInstalled(root);
  say(`Installed in ${((Date.now() - began) / 1000).toFixed(0)} s.`);
}

/** Remembers that node_modules fits the lockfile, so that the next look compares hashes only. */
export function markInstalled(root) {
  const lock = read(join(root, "package-lock.json"));
  const hidden = read(join(root, HIDDEN_LOCK));
  if (lock !== null && hidden !== null) writeFileSync(stampPath(root), stampOf(lock, hidden));
}

/** Lies in node_modules, so that whatever removes that folder removes it too. */
function stampPath(root) {
  return join(root, "node_modules/.curlew-installed");
}

function stampOf(lock, hidden) {
  return `${machine()} ${createHash("sha256").update(`${lock}\0${hidden}`).digest("hex")}`;
}

/** Packages with binaries differ by these: a folder carried to another machine is no installation there. */
function machine() {
  return `${process.platform}-${process.arch}`;
}

/** Whether all that the lockfile needs is there in its version, and nothing else is. */
function agrees(wanted, present) {
  const isPackage = (path) => path.includes("node_modules/");
  const needed = Object.keys(wanted).filter((path) => isPackage(path) && !wanted[path].optional);
  return (
    needed.every((path) => path in present) &&
    Object.keys(present)
      .filter(isPackage)
      .every(
        (path) =>
          path in wanted &&
          wanted[path].version === present[path].version &&
          wanted[path].integrity === present[path].integrity,
      )
  );
}

/** The npm that runs us, else the one on the PATH. */
export function npmCommand() {
  const path = process.env.npm_execpath;
  if (path && /^np[mx]-cli\.c?js$/.test(basename(path))) {
    return { command: process.execPath, args: [path.replace(/npx-cli/, "npm-cli")], shell: false };
  }
  return { command: "npm", args: [], shell: process.platform === "win32" };
}

function refusalOf(code, output) {
  if (wasInterrupted(code))
    return Object.assign(new Refusal("Stopped while installing."), { exitCode: code });
  const cause = CAUSES.find(([pattern]) => pattern.test(output));
  const tail = output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  return new Refusal(
    `${tail}\n\nnpm ci failed (exit code ${code}). ${cause ? cause[1] : ""}`.trimEnd(),
  );
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  }
}

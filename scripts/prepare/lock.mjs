import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;
/** A lock of another machine (a shared folder, a container) cannot be asked whether it lives. */
const FOREIGN_LOCK_MS = 15 * 60_000;
/** Between creating the file and writing its holder into it lies less than this. */
const UNWRITTEN_MS = 5_000;

/**
 * Does `work` while no other process that uses the same lock does its own. A lock whose process
 * has died is taken over. `onWait` is told once who is in the way.
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryTake(path)) {
    const holder = readHolder(path);
    if (holder && isGone(holder, path)) {
      removeIfStill(path, holder.text);
    } else {
      if (!told && holder) onWait(holder.pid);
      told = told || holder !== null;
      await sleep(POLL_MS);
    }
  }
  const release = () => unlinkIfThere(path);
  process.on("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

function tryTake(path) {
  const holder = { pid: process.pid, startedAt: startOf(process.pid), host: hostname() };
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path) {
  try {
    const text = readFileSync(path, "utf8");
    return text === "" ? { text, pid: 0 } : { text, ...JSON.parse(text) };
  } catch (error) {
    if (error.code === "ENOENT") return null;
    if (error instanceof SyntaxError) return { text: readFileSync(path, "utf8"), pid: 0 };
    throw error;
  }
}

function isGone(holder, path) {
  if (holder.pid === 0) return ageMs(path) > UNWRITTEN_MS;
  if (holder.host !== hostname()) return ageMs(path) > FOREIGN_LOCK_MS;
  return !isAlive(holder.pid) || startOf(holder.pid) !== holder.startedAt;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** When a process began, so that a pid used again is not taken for its predecessor; "" where the system does not say. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "";
  }
}

/** Two waiters may find the same dead holder: the second must not remove the lock of the first. */
function removeIfStill(path, text) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (readFileSync(aside, "utf8") === text || existsSync(path)) unlinkIfThere(aside);
  else renameSync(aside, path);
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function unlinkIfThere(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

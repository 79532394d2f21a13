import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in these; it has been 100 for as long as anybody asks. */
const TICKS_A_SECOND = 100;

interface Stat {
  pid: number;
  parent: number;
  name: string;
  /** Seconds of this process, and of its children that it has waited for. */
  own: number;
  reaped: number;
}

/** Processor seconds that a process has used, its threads included; NaN when nobody can tell. */
export function cpuOf(pid: number): number {
  return readStat(pid)?.own ?? Number.NaN;
}

/** Processor seconds of processes of one family, those that came and went meanwhile included. */
export function cpuOfAll(pids: readonly number[]): number {
  let seconds = 0;
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat) seconds += stat.own + stat.reaped;
  }
  return seconds;
}

/** Everything below a process, itself left out; nothing where the system has no `/proc`. */
export function descendantsOf(root: number): number[] {
  if (!existsSync("/proc")) return [];
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : null;
    if (!stat) continue;
    const siblings = children.get(stat.parent);
    if (siblings) siblings.push(stat.pid);
    else children.set(stat.parent, [stat.pid]);
  }
  const found: number[] = [];
  for (let pids = children.get(root) ?? []; pids.length > 0; ) {
    found.push(...pids);
    pids = pids.flatMap((pid) => children.get(pid) ?? []);
  }
  return found;
}

export function parentOf(pid: number): number | null {
  return readStat(pid)?.parent ?? null;
}

export function nameOf(pid: number): string | null {
  return readStat(pid)?.name ?? null;
}

/** Megabytes of memory, what is shared counted in parts; null where the system does not tell. */
export function memoryOf(pids: readonly number[]): number | null {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    } catch (error) {
      // One that has ended counts nothing; one that we may not look at spoils the sum.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return null;
    }
  }
  return kilobytes / 1024;
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold anything.
    const end = text.lastIndexOf(")");
    const fields = text.slice(end + 2).split(" ");
    const seconds = (at: number) => Number(fields[at] ?? 0) / TICKS_A_SECOND;
    return {
      pid,
      parent: Number(fields[1]),
      name: text.slice(text.indexOf("(") + 1, end),
      own: seconds(11) + seconds(12),
      reaped: seconds(13) + seconds(14),
    };
  } catch {
    return null;
  }
}

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { sharedNow, sleep } from "../bench/clock.ts";
import { descendantsOf, memoryOf } from "../bench/gateway/processes.ts";
import { type Line, readBooks } from "../packages/server/test/support/database/books.ts";
import type { Fleet } from "./fleet.ts";

const SAMPLE_MS = 10_000;
/** The ledger is compared with a count of everything, which takes its time. */
const BOOKS_EVERY = 6;
const MEGABYTE = 1_000_000;

/** Megabytes; null where the system does not tell. */
export interface Sample {
  /** Since the beginning. */
  minute: number;
  steady: number | null;
  unlucky: number | null;
  database: number | null;
  disk: number;
  /** Of it, the write-ahead log, which PostgreSQL keeps between bounds of its own. */
  log: number;
  partitions: number;
}

export interface Watch {
  readonly samples: readonly Sample[];
  /** What the ledger said that was not so, and how often it was asked. */
  readonly wrongBooks: readonly string[];
  looks(): number;
  stop(): Promise<void>;
}

/** Looks at memory, disk and ledger while the others work. */
export function startWatch(o: {
  fleet: Fleet;
  workspaceId: string;
  say(text: string): void;
}): Watch {
  const { fleet, workspaceId, say } = o;
  const samples: Sample[] = [];
  const wrongBooks: string[] = [];
  const since = sharedNow();
  let looks = 0;
  let isStopped = false;

  async function run(): Promise<void> {
    for (let at = 0; !isStopped; at++) {
      await sleep(Math.min(SAMPLE_MS, since + at * SAMPLE_MS + SAMPLE_MS - sharedNow()));
      if (isStopped) return;
      samples.push({ minute: (sharedNow() - since) / 60_000, ...(await look(fleet)) });
      if (at % BOOKS_EVERY !== BOOKS_EVERY - 1) continue;
      // Not while the database is away: the next look finds what this one would have.
      const wrong = await findWrongBooks(fleet, workspaceId).catch(() => null);
      if (wrong === null) continue;
      looks++;
      wrongBooks.push(...wrong);
      for (const each of wrong) say(`the ledger ${each}`);
    }
  }
  const running = run();
  return {
    ...{ samples, wrongBooks },
    looks: () => looks,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

async function look(fleet: Fleet): Promise<Omit<Sample, "minute">> {
  const of = (pid: number) => (pid === 0 ? null : memoryOf([pid]));
  const postmaster = fleet.postmaster();
  const counted = await fleet.database.pool
    .query<{ count: number }>("select count(*)::int as count from pg_inherits")
    .catch(() => null);
  const cluster = join(fleet.dataDir, "pg");
  return {
    steady: of(fleet.steady.pid()),
    unlucky: of(fleet.unlucky.pid()),
    database: postmaster === 0 ? null : memoryOf([postmaster, ...descendantsOf(postmaster)]),
    disk: bytesBelow(cluster) / MEGABYTE,
    log: bytesBelow(join(cluster, "pg_wal")) / MEGABYTE,
    partitions: counted?.rows[0]?.count ?? Number.NaN,
  };
}

/** Files come and go meanwhile. */
function bytesBelow(directory: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) bytes += bytesBelow(path);
      else if (entry.isFile()) bytes += sizeOf(path);
    }
  } catch {
    return bytes;
  }
  return bytes;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/**
 * Compares the ledger with a count of what is there. Of days that have been dropped the ledger alone is
 * left: there it has to balance.
 */
export async function findWrongBooks(fleet: Fleet, workspaceId: string): Promise<string[]> {
  const { ledger, counted } = await readBooks(fleet.database.pool, workspaceId);
  const nameOf = ({ day, endpoint }: Line) => `${day}/${endpoint}`;
  const firstDay = counted.map(({ day }) => day).sort()[0] ?? "9999";
  const expected = new Map(counted.map((line) => [nameOf(line), wordsOf(line)]));
  const wrong: string[] = [];
  for (const line of ledger) {
    const name = nameOf(line);
    const said = wordsOf(line);
    const { targeted, delivered, pending, dead, cancelled } = line;
    if (targeted !== delivered + pending + dead + cancelled)
      wrong.push(`does not balance: ${said}`);
    if (line.day >= firstDay) {
      if (expected.get(name) !== said) wrong.push(`says ${said}, counted ${expected.get(name)}`);
      expected.delete(name);
    }
  }
  for (const line of expected.values()) wrong.push(`does not know ${line}`);
  return wrong;
}

function wordsOf({ day, endpoint, targeted, delivered, pending, dead, cancelled }: Line): string {
  return `${day} endpoint ${endpoint}: ${targeted} = ${delivered} delivered + ${pending} pending + ${dead} dead + ${cancelled} cancelled`;
}

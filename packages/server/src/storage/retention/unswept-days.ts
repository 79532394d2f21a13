import type { Pool } from "pg";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt } from "../../core/ids.ts";

/** The tables that bodies are expunged from. */
const TABLES = ["event", "delivery", "attempt"] as const;
const DAY_MS = 86_400_000;

interface UnsweptDay {
  /** `2026-03-02`. */
  day: string;
  /** When something of it was expunged last. */
  at: number;
}

/** Days whose files still hold what was expunged; of the one in whose middle a round is, so much is said. */
async function listUnswept(db: Queryable): Promise<(UnsweptDay & { isUnfinished: boolean })[]> {
  const { rows } = await db.query<UnsweptDay & { floor: string }>(
    "select day, at, floor from unswept_day cross join expunge_floor order by day",
  );
  return rows.map(({ day, at, floor }) => {
    const start = Date.parse(`${day}T00:00:00Z`);
    return { day, at, isUnfinished: floor > firstIdAt(start) && floor < firstIdAt(start + DAY_MS) };
  });
}

/**
 * Has the server take out of the days' files what rows no longer say, and out of its statistics what they
 * said. Readers and writers are not held up; it takes as long as it takes, and the lane must allow for that.
 * Answers the days that were swept; where somebody else is at one, he is left to it.
 */
export async function sweepDays(lane: Pool, signal?: AbortSignal): Promise<string[]> {
  if (signal?.aborted) return [];
  const days = (await listUnswept(lane)).filter(({ isUnfinished }) => !isUnfinished);
  await vacuum(lane, days, signal, async (client, { day, at }) => {
    // What was expunged since is for the next time.
    await client.query("delete from unswept_day where day = $1 and at = to_timestamp($2)", [
      ...[day, at / 1000],
    ]);
  });
  return days.map(({ day }) => day);
}

/** Makes room in the files of the day in whose middle a round is: what it writes next need not make them longer. */
export async function makeRoom(lane: Pool, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const days = (await listUnswept(lane)).filter(({ isUnfinished }) => isUnfinished);
  await vacuum(lane, days, signal, async () => {});
}

async function vacuum(
  lane: Pool,
  days: readonly UnsweptDay[],
  signal: AbortSignal | undefined,
  then: (client: Queryable, day: UnsweptDay) => Promise<void>,
): Promise<void> {
  if (days.length === 0) return;
  const client = await lane.connect();
  let isHeld = true;
  const release = () => {
    // What it is waiting for goes with the session.
    if (isHeld) client.release(true);
    isHeld = false;
  };
  signal?.addEventListener("abort", release, { once: true });
  try {
    for (const each of days) {
      for (const name of await partitionsOf(client, each.day)) {
        await client.query(`vacuum (analyze, skip_locked) ${name}`);
      }
      await then(client, each);
    }
  } finally {
    signal?.removeEventListener("abort", release);
    release();
  }
}

/** Names of our own, of letters and digits; a day that was dropped has none. */
async function partitionsOf(db: Queryable, day: string): Promise<string[]> {
  const names = TABLES.map((table) => `${table}_${day.replaceAll("-", "")}`);
  const { rows } = await db.query<{ name: string }>({
    text: "select name from unnest($1::text[]) as k (name) where to_regclass(name) is not null",
    values: [names],
  });
  return rows.map(({ name }) => name);
}

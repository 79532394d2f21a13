import type { Queryable } from "../../core/events/recording.ts";
import { addLatency } from "../../core/latency-histogram.ts";
import { addCounts } from "../../storage/figures/endpoint-hours.ts";

/** Of one statement. */
const MOST_ROWS = 1_000;

/** What came of one endpoint's requests in this process since it was last written. */
export class Counts {
  delivered = 0;
  failed = 0;
  slow = 0;
  ms = 0;
  /** How long each answer took. */
  readonly answers: number[] = [];
  /** How long it was from the event to its delivery, replays apart. */
  readonly arrivals: number[] = [];

  /** `sinceEventMs` is null where the wait says nothing: not delivered, or asked for again. */
  add(delivered: boolean, ms: number, slowMs: number, sinceEventMs: number | null): void {
    if (delivered) this.delivered++;
    else this.failed++;
    if (ms > slowMs) this.slow++;
    this.ms += ms;
    addLatency(this.answers, ms);
    if (sinceEventMs !== null) addLatency(this.arrivals, sinceEventMs);
  }
}

/** Writes what lanes have counted, now and then: a crash costs some seconds of it. */
export async function writeCounts(
  db: Queryable,
  lanes: Iterable<{ readonly serial: number; counts: Counts }>,
  now: number,
): Promise<void> {
  const counted = [...lanes].filter(({ counts }) => counts.delivered + counts.failed > 0);
  for (let at = 0; at < counted.length; at += MOST_ROWS) {
    const page = counted.slice(at, at + MOST_ROWS);
    const rows = page.map(({ serial, counts }) => {
      const { delivered, failed, slow, ms, answers, arrivals } = counts;
      return { endpoint: serial, delivered, failed, slow, ms, answers, arrivals };
    });
    for (const lane of page) lane.counts = new Counts();
    await addCounts(db, now, rows);
  }
}

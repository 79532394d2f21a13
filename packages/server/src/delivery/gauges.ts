import type { Queryable } from "../core/recording.ts";
import type { SystemClock } from "../runtime/clock.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { readQueueGauges } from "../storage/queue-gauges.ts";
import type { Engine } from "./engine.ts";

/** Samples what is not counted as it happens: how the queues, the floors and the clock stand. */
export async function sampleGauges(sources: {
  db: Queryable;
  clock: SystemClock;
  metrics: Metrics;
  engine: Engine;
}): Promise<void> {
  const { db, clock, metrics, engine } = sources;
  metrics.queueDepth("memory", engine.sender.carried - engine.sender.inFlight);
  metrics.queueDepth("in_flight", engine.sender.inFlight);
  metrics.watch("clock_offset_seconds", clock.offsetMs / 1000);
  metrics.watch("clock_suspect_offset_seconds", (clock.suspectOffsetMs ?? 0) / 1000);
  const gauges = await readQueueGauges(db, clock.now());
  metrics.queueDepth("retry", gauges.retryRows);
  metrics.watch("oldest_due_seconds", gauges.oldestDueSeconds);
  metrics.watch("endpoints_behind", gauges.endpointsBehind);
  metrics.watch("behind_seconds", gauges.behindSeconds);
  metrics.watch("retry_orphans", gauges.retryOrphans);
  metrics.watch("partition_days_ahead", gauges.partitionDaysAhead);
  metrics.watch("insert_floor_age_seconds", gauges.insertFloorAgeSeconds);
  metrics.watch("settled_floor_age_seconds", gauges.settledFloorAgeSeconds);
}

import type { Queryable } from "../../core/events/recording.ts";
import type { SystemClock } from "../../runtime/clock.ts";
import type { Metrics } from "../../runtime/telemetry/metrics.ts";
import {
  listLateProcesses,
  readDatabaseBytes,
  readQueueGauges,
} from "../../storage/figures/queue-gauges.ts";
import type { Engine } from "../engine.ts";

export interface GaugeSources {
  db: Queryable;
  clock: SystemClock;
  metrics: Metrics;
  engine: Engine;
  /** What is free where the embedded database lives; absent where somebody else's is used. */
  freeBytes?: (() => Promise<number>) | undefined;
}

/** Samples what is not counted as it happens: how the queues, the floors, the clock and the disk stand. */
export class Gauges {
  readonly #sources: GaugeSources;
  /** Since when each process that is late was seen to be, on the monotonic clock. */
  #lateSince = new Map<number, number>();

  constructor(sources: GaugeSources) {
    this.#sources = sources;
  }

  async sample(): Promise<void> {
    const { db, clock, metrics, engine } = this.#sources;
    metrics.queueDepth("memory", engine.sender.carried - engine.sender.inFlight);
    metrics.queueDepth("in_flight", engine.sender.inFlight);
    metrics.watch("accept_waiting", engine.acceptsWaiting);
    metrics.watch("clock_offset_seconds", clock.offsetMs / 1000);
    metrics.watch("clock_suspect_offset_seconds", (clock.suspectOffsetMs ?? 0) / 1000);
    const gauges = await readQueueGauges(db, clock.now());
    metrics.queueDepth("retry", gauges.retryRows);
    metrics.watch("parked_rows", gauges.parkedRows);
    metrics.watch("oldest_due_seconds", gauges.oldestDueSeconds);
    metrics.watch("endpoints_behind", gauges.endpointsBehind);
    metrics.watch("behind_seconds", gauges.behindSeconds);
    metrics.watch("retry_orphans", gauges.retryOrphans);
    metrics.watch("partition_days_ahead", gauges.partitionDaysAhead);
    metrics.watch("insert_floor_age_seconds", gauges.insertFloorAgeSeconds);
    metrics.watch("settled_floor_age_seconds", gauges.settledFloorAgeSeconds);
    metrics.watch("living_processes", gauges.livingProcesses);
    metrics.outbox("queued", gauges.outboxQueued);
    metrics.outbox("sending", gauges.outboxSending);
    metrics.outbox("in_doubt", gauges.outboxInDoubt);
    metrics.watch("outbox_oldest_due_seconds", gauges.outboxOldestDueSeconds);
    const late = await listLateProcesses(db);
    metrics.watch("late_processes", late.length);
    metrics.watch("configuration_lag_seconds", this.#lagOf(late) / 1000);
  }

  /** What costs more to know and changes more slowly. */
  async sampleDisk(): Promise<void> {
    const { db, metrics, freeBytes } = this.#sources;
    metrics.watch("database_bytes", await readDatabaseBytes(db));
    if (freeBytes) metrics.watch("disk_free_bytes", await freeBytes());
  }

  /** For how long the process that is late longest has been seen late, in ms. */
  #lagOf(late: readonly number[]): number {
    const now = this.#sources.clock.monotonic();
    this.#lateSince = new Map(late.map((id) => [id, this.#lateSince.get(id) ?? now]));
    return Math.max(0, ...[...this.#lateSince.values()].map((since) => now - since));
  }
}

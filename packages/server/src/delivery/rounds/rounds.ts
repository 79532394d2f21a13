import type { Logger } from "../../core/outside/log.ts";
import type { SystemClock } from "../../runtime/clock.ts";
import type { Metrics } from "../../runtime/telemetry/metrics.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { rollUp } from "../../storage/figures/tally.ts";
import type { Notices } from "../endpoints/notices.ts";
import type { Warden } from "../endpoints/warden.ts";
import type { Engine } from "../engine.ts";
import { doubting } from "../loops/doubting.ts";
import { Loops } from "../loops/loops.ts";
import { indexDaysOnce } from "./day-indexes.ts";
import { expungeOnce } from "./expunging.ts";
import { Gauges } from "./gauges.ts";
import { housekeepOnce } from "./housekeeping.ts";
import type { WorkspaceDisk } from "./workspace-disk.ts";

const HOUSEKEEPING_EVERY_MS = 60 * 60_000;
const GAUGES_EVERY_MS = 10_000;
const DISK_EVERY_MS = 60_000;
const NOTICES_EVERY_MS = 2_000;
const ROLL_UP_EVERY_MS = 5_000;
const BODIES_EVERY_MS = 60_000;
const INDEXES_EVERY_MS = 10 * 60_000;

export interface RoundsDeps {
  connections: Pick<Connections, "pool" | "transaction" | "lane">;
  clock: SystemClock;
  logger: Logger;
  metrics: Metrics;
  engine: Engine;
  retentionMs: number;
  payloadMs: number;
  notices: Notices;
  warden: Warden;
  /** What each workspace has written of the disk. */
  disk: Pick<WorkspaceDisk, "look">;
  freeBytes?: (() => Promise<number>) | undefined;
}

/** What goes round by itself: days made and dropped, the ledger rolled up, gauges sampled, failures looked at. */
export function startRounds(deps: RoundsDeps): Loops {
  const { connections, clock, logger, metrics, engine, notices, warden } = deps;
  const { retentionMs, payloadMs } = deps;
  const onCancelled = (deliveries: number) => metrics.settled("cancelled", deliveries);
  const doubt = () => engine.doubt();
  const rounds = new Loops(clock, logger.child({ room: "housekeeping" }));
  rounds.every("housekeeping", HOUSEKEEPING_EVERY_MS, () =>
    housekeepOnce({
      connections,
      clock,
      logger,
      retentionMs,
      payloadMs,
      onCancelled,
    }),
  );
  const slow = connections.lane("slow rounds", 1, { statementTimeoutMs: 0 });
  rounds.every("bodies", BODIES_EVERY_MS, () =>
    expungeOnce({
      connections: doubting(connections, doubt),
      slow,
      ...{ clock, logger, retentionMs, payloadMs, onCancelled, doubt },
      wake: (endpoints, dueAt) => engine.wake(endpoints, dueAt),
      signal: rounds.signal,
    }),
  );
  rounds.every("indexes", INDEXES_EVERY_MS, () =>
    indexDaysOnce({ slow, clock, logger, signal: rounds.signal }),
  );
  rounds.every("ledger", ROLL_UP_EVERY_MS, async () => {
    while (!rounds.stopped && (await connections.transaction(rollUp)));
  });
  const { freeBytes } = deps;
  const gauges = new Gauges({ db: connections.pool, clock, metrics, engine, freeBytes });
  rounds.every("gauges", GAUGES_EVERY_MS, () => gauges.sample());
  rounds.every("disk", DISK_EVERY_MS, () => gauges.sampleDisk());
  rounds.every("shares", GAUGES_EVERY_MS, () => deps.disk.look());
  rounds.every("failing endpoints", GAUGES_EVERY_MS, () => warden.look());
  rounds.every("notices", NOTICES_EVERY_MS, () => notices.flush());
  return rounds;
}

import type { Acceptor, EventDraft, Recorded } from "../../../src/core/events/recording.ts";
import type { OpenTarget } from "../../../src/delivery/attempt/targets.ts";
import { Warden } from "../../../src/delivery/endpoints/warden.ts";
import { Engine } from "../../../src/delivery/engine.ts";
import { BehindKeeper } from "../../../src/delivery/jobs/behind.ts";
import { CATCH_UP_KIND, catchUpJob } from "../../../src/delivery/jobs/catch-up-job.ts";
import { JobRunner } from "../../../src/delivery/jobs/jobs.ts";
import { Replays } from "../../../src/delivery/jobs/replay.ts";
import { REPLAY_KIND, replayJob } from "../../../src/delivery/jobs/replay-job.ts";
import { doubting } from "../../../src/delivery/loops/doubting.ts";
import { createPublisher, type Publish } from "../../../src/delivery/publishing/publish.ts";
import { expungeOnce } from "../../../src/delivery/rounds/expunging.ts";
import { housekeepOnce } from "../../../src/delivery/rounds/housekeeping.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createIds } from "../../../src/runtime/ids.ts";
import {
  announceConfig,
  type ChangeConfig,
  createConfigChanges,
} from "../../../src/storage/workspaces/config-changes.ts";
import { recorder, type Town } from "../engine/town.ts";
import { type SilentLogger, silentLogger } from "../silent-logger.ts";
import { silentMetrics } from "../silent-metrics.ts";
import { Ether } from "./ether.ts";
import type { Surroundings } from "./fates.ts";

const DAY_MS = 86_400_000;
export const RETENTION_MS = 2 * DAY_MS;
export const PAYLOAD_MS = DAY_MS;
/** Small, so that few events are many. */
const PAGE = 3;
const MOST_GIVEN = 4;
const CROWD = 6;

interface StationDeps {
  town: Town;
  around: Surroundings;
  name: string;
  role: "all" | "api";
  /** How far this machine's clock is from the database's when it starts. */
  skewMs: number;
  openTarget(station: Station): OpenTarget;
}

/** One process of a storm: everything that turns around an engine, on a clock and a database of its own. */
export class Station {
  readonly name: string;
  readonly role: "all" | "api";
  readonly engine: Engine;
  readonly ether: Ether;
  readonly publish: Publish;
  readonly recorder: Acceptor<EventDraft, Recorded>;
  readonly replays: Replays;
  readonly changeConfig: ChangeConfig;
  readonly housekeep: () => Promise<unknown>;
  readonly expunge: () => Promise<unknown>;
  readonly logger: SilentLogger = silentLogger();
  state: "starting" | "living" | "stopping" | "gone" = "starting";
  /** Requests of its callers that have not been answered. */
  asked = 0;
  /** It ended with something on its way, or was killed: nobody knows what it did not write. */
  wasCut = false;
  readonly #keeper: BehindKeeper;
  readonly #jobs: JobRunner;
  #awake: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;

  constructor({ town, around, name, role, skewMs, openTarget }: StationDeps) {
    this.name = name;
    this.role = role;
    const { logger } = this;
    const shared = town.clock;
    const time = systemClock({
      wall: () => shared.now() + skewMs,
      monotonic: () => shared.monotonic(),
    });
    const clock = {
      now: () => time.now(),
      monotonic: () => shared.monotonic(),
      sleep: async (ms: number, signal?: AbortSignal) => {
        await shared.sleep(ms, signal);
        await this.awake();
      },
    };
    this.ether = new Ether({
      ...{ connections: town.database.connections, around, clock, logger },
      awake: () => this.awake(),
    });
    const { connections } = this.ether;
    const newId = () => town.ids.next();
    const engine = new Engine({
      ...{ connections, clock, logger, name, role },
      ids: createIds(clock),
      metrics: silentMetrics,
      random: () => 0,
      openSecret: (sealed) => sealed,
      openColumn: (sealed) => sealed,
      openTarget: openTarget(this),
      onDatabaseTime: (_, roundTripMs) => time.sync(shared.now(), roundTripMs),
      onDisableAsked: (endpoint, control) => void warden.asked(endpoint, control),
    });
    this.engine = engine;
    const onChanged = async (workspaceId: string) =>
      void (await engine.directory.load(workspaceId));
    this.changeConfig = createConfigChanges({
      ...{ connections, logger, onChanged },
      onAppliedEverywhere: (version) => engine.appliedEverywhere(version),
    });
    const tellConfig = announceConfig({ connections, logger, onChanged });
    const warden = new Warden({
      ...{ db: connections.pool, changeConfig: this.changeConfig, clock, logger },
      notices: { disabled: async () => {}, soon() {} },
      disableAfterDays: 0,
      dialects: ["curlew"],
    });
    const wake = (endpoints: readonly number[], dueAt: number) => engine.wake(endpoints, dueAt);
    const doubted = doubting(connections, () => engine.doubt());
    const kept = { retentionMs: RETENTION_MS, payloadMs: PAYLOAD_MS };
    const slow = connections.lane("slow", 1);
    const upkeep = { connections, clock, logger, ...kept, onCancelled() {} };
    this.housekeep = () => housekeepOnce(upkeep);
    this.expunge = () =>
      expungeOnce({ ...upkeep, slow, wake, doubt: () => engine.doubt(), page: PAGE });
    this.#jobs = new JobRunner({
      ...{ connections: doubted, clock, logger },
      process: () => (engine.isReady ? engine.membership.current.id : null),
      kinds: {
        [REPLAY_KIND]: replayJob({ ...kept, wake }),
        [CATCH_UP_KIND]: catchUpJob({
          ...{ retentionMs: RETENTION_MS, wake, page: PAGE, mostWaiting: MOST_GIVEN },
          onConfigChanged: (workspaceId) => void tellConfig(workspaceId).catch(() => {}),
          onCancelled() {},
        }),
      },
    });
    const onJob = () => this.#jobs.poke();
    this.#keeper = new BehindKeeper({
      ...{ connections, changeConfig: this.changeConfig, clock, logger, newId, onJob },
      mostWaiting: CROWD,
    });
    engine.directory.onChange(() => this.#keeper.poke());
    this.replays = new Replays({
      ...{ connections: doubted, clock, newId, ...kept, onJob, wake },
      findSubscription: async (endpoint) =>
        (await engine.directory.findEndpoint(endpoint))?.subscription ?? null,
    });
    this.publish = createPublisher(engine.makeAcceptor);
    this.recorder = recorder(engine);
  }

  /** Resolves when it does not stand still, and never when it is gone. */
  awake(): Promise<void> {
    return this.state === "gone" ? new Promise(() => {}) : this.#awake;
  }

  async start(): Promise<void> {
    await this.engine.start();
    this.#jobs.start();
    this.#keeper.start();
    this.state = "living";
  }

  /** It stands still: nothing reaches it, and nothing leaves. */
  freeze(): void {
    if (this.#wake) return;
    this.#awake = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  thaw(): void {
    this.#wake?.();
    this.#wake = null;
    this.#awake = Promise.resolve();
  }

  /** As `kill -9` does. */
  kill(): void {
    if (this.state === "gone") return;
    this.state = "gone";
    this.wasCut = true;
    this.ether.end();
  }

  async stop(graceMs: number): Promise<void> {
    this.state = "stopping";
    await Promise.all([this.#keeper.stop(), this.#jobs.stop()]);
    // Whatever went wrong, its process ends.
    await this.engine.stop(graceMs).catch(() => {});
    const { carried } = this.engine.sender;
    this.kill();
    this.wasCut = carried > 0;
  }
}

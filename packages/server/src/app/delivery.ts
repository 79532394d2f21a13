import { Notices, noticeSpec } from "../delivery/endpoints/notices.ts";
import { endTrials } from "../delivery/endpoints/trials.ts";
import { Warden } from "../delivery/endpoints/warden.ts";
import type { Engine } from "../delivery/engine.ts";
import { BehindKeeper } from "../delivery/jobs/behind.ts";
import { Replays } from "../delivery/jobs/replay.ts";
import { doubting } from "../delivery/loops/doubting.ts";
import type { Loops } from "../delivery/loops/loops.ts";
import { createPublisher, type Publish } from "../delivery/publishing/publish.ts";
import { type ExpungeOne, expungerOf } from "../delivery/rounds/expunging.ts";
import { startRounds } from "../delivery/rounds/rounds.ts";
import { WorkspaceDisk } from "../delivery/rounds/workspace-disk.ts";
import { Followers } from "../delivery/views/followers.ts";
import { dialectNames, getDialect } from "../dialects/registry.ts";
import { freeBytes } from "../storage/embedded/disk-space.ts";
import {
  announceConfig,
  type ChangeConfig,
  createConfigChanges,
} from "../storage/workspaces/config-changes.ts";
import { openEngine } from "./engine.ts";
import type { Ground } from "./ground.ts";
import { openJobs } from "./jobs.ts";
import type { Links } from "./links.ts";
import type { Outbound } from "./outbound.ts";

/** How long a graceful stop waits for what is in flight to endpoints. */
const GRACE_MS = 20_000;
const TRIALS_EVERY_MS = 10_000;
const MEGABYTE = 1024 * 1024;

export interface Delivery {
  engine: Engine;
  changeConfig: ChangeConfig;
  publish: Publish;
  replays: Replays;
  expungeOne: ExpungeOne;
  followers: Followers;
  notices: Notices;
  disk: WorkspaceDisk;
  /** From then on what was accepted leaves. */
  start(): Promise<void>;
  /** What is done beside it, page by page. */
  startJobs(): void;
  /** What goes round by itself; others may let theirs go round with it. Whoever starts it stops it. */
  startRounds(): Loops;
}

interface DeliveryParts {
  outbound: Outbound;
  links: Links;
  /** A workspace's configuration has moved, here or elsewhere; null: anything may have. */
  onConfig(workspaceId: string | null): void;
}

/** The engine, and what keeps endpoints, replays, jobs and the log in order around it. */
export function openDelivery(
  ground: Ground,
  { outbound, links, onConfig }: DeliveryParts,
): Delivery {
  const { config, connections, db, clock, logger, metrics, newId, closing } = ground;
  const { retentionMs, payloadMs } = ground;
  const deliveryLogger = logger.child({ room: "delivery" });
  const engine = openEngine(ground, {
    endpoints: outbound.deliveries,
    backlog: () => outbound.backlog(),
    onceLinks: links.once,
    onConfig,
    onDisableAsked: (endpoint, control) => void warden.asked(endpoint, control),
    onWritten: (workspaceId, payload) => disk.wrote(workspaceId, payload.length),
  });
  const onChanged = async (workspaceId: string) => {
    onConfig(workspaceId);
    await engine.directory.load(workspaceId);
  };
  const changeConfig = createConfigChanges({
    ...{ connections, logger, onChanged },
    onAppliedEverywhere: (version) => engine.appliedEverywhere(version),
  });
  const publish = createPublisher(engine.makeAcceptor);
  const disk = new WorkspaceDisk({
    ...{ db, clock, publish, mostBytes: config.workspaceDiskMb * MEGABYTE },
    logger: deliveryLogger,
  });
  const notices = new Notices({ db, tell: engine.makeAcceptor(noticeSpec()), clock, logger });
  const warden = new Warden({
    ...{ db, changeConfig, notices, clock, logger },
    disableAfterDays: config.disableAfterDays,
    dialects: dialectNames.filter((name) => getDialect(name).honoursControl),
  });
  const findSubscription = async (endpoint: number) =>
    (await engine.directory.findEndpoint(endpoint))?.subscription ?? null;
  const tellConfig = announceConfig({ connections, logger, onChanged });
  const jobs = openJobs(ground, { engine, findSubscription, tellConfig });
  const onJob = () => jobs.poke();
  const behind = new BehindKeeper({
    ...{ connections, changeConfig, clock, newId, onJob },
    logger: deliveryLogger,
  });
  engine.directory.onChange(() => behind.poke());
  const doubted = doubting(connections, () => engine.doubt());
  const replays = new Replays({
    connections: doubted,
    ...{ clock, newId, retentionMs, payloadMs, findSubscription, onJob },
    wake: (endpoints, dueAt) => engine.wake(endpoints, dueAt),
  });
  const expungeOne = expungerOf({
    ...{ connections: doubted, clock },
    wake: (endpoints, dueAt) => engine.wake(endpoints, dueAt),
    onCancelled: (deliveries) => metrics.settled("cancelled", deliveries),
  });
  const followers = new Followers({
    ...{ db, clock, logger: logger.child({ room: "stream" }) },
    onFollowed: () => engine.followed(),
  });

  return {
    ...{ engine, changeConfig, publish, replays, expungeOne, followers, notices, disk },
    async start() {
      await engine.start();
      closing.add(() => engine.stop(GRACE_MS));
    },
    startJobs() {
      jobs.start();
      closing.add(() => jobs.stop());
      behind.start();
      closing.add(() => behind.stop());
      closing.add(() => notices.flush({ all: true }));
    },
    startRounds() {
      const rounds = startRounds({
        ...{ connections, clock, logger, metrics, engine, notices, warden, disk },
        ...{ retentionMs, payloadMs },
        freeBytes: config.databaseUrl ? undefined : () => freeBytes(config.dataDir),
      });
      rounds.every("trials", TRIALS_EVERY_MS, () => endTrials({ db, clock, changeConfig }));
      return rounds;
    },
  };
}

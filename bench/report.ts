import { cpus, totalmem } from "node:os";
import type { RawRun } from "./children/raw.ts";
import { median } from "./figures/statistics.ts";
import { row, three, two, whole } from "./figures/wording.ts";
import { type BothDirections, bothDirectionsRows } from "./parts/both-directions.ts";
import { type Crowd, crowdRows } from "./parts/crowd.ts";
import { type EndToEnd, EVENT_BYTES } from "./parts/end-to-end.ts";
import { type FanOut, fanOutRows } from "./parts/fan-out.ts";
import type { Hanging } from "./parts/hanging.ts";
import { type Isolation, isolationRows } from "./parts/isolation.ts";
import { type LongLog, longLogRows } from "./parts/long-log.ts";
import type { Hot, Profiled } from "./parts/profile.ts";
import { type ProviderPath, providerPathRows } from "./parts/provider-path.ts";
import type { Lane } from "./parts/retry-lane.ts";
import { type Tenants, tenantRows } from "./parts/tenants.ts";
import type { Window } from "./windows/window.ts";

const PROFILED_PLACES = 20;
const PROFILED_FUNCTIONS = 45;

/** Everything that was measured on one database. */
export interface OnDatabase {
  database: string;
  endToEnd: EndToEnd[];
  retryLane: Lane[];
  hanging: Hanging[];
  /** Of the parts that were measured. */
  isolation?: Isolation;
  tenants?: Tenants[];
  providerPath?: ProviderPath;
  bothDirections?: BothDirections;
  scale?: { fanOut: FanOut; crowd: Crowd; longLog: LongLog };
}

export interface Report {
  machine: { processor: string; cores: number; memoryGb: number; node: string; loadBefore: number };
  raw: RawRun[];
  databases: OnDatabase[];
}

export function machine(loadBefore: number): Report["machine"] {
  const all = cpus();
  return {
    processor: all[0]?.model ?? "unknown",
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore,
  };
}

export function printReport({ machine, raw, databases }: Report): string {
  const { processor, cores, memoryGb, node, loadBefore } = machine;
  const lines = [
    `${processor}, ${cores} cores, ${memoryGb} GB, Node ${node}`,
    ...(loadBefore > 0.5
      ? [
          `Other work was going on when it began (load ${loadBefore.toFixed(1)}): the figures are too low and ratios waver.`,
        ]
      : []),
  ];
  if (raw.length > 0) {
    lines.push(
      "",
      `(a) The limit: ${whole(median(raw.map((each) => each.perSecond)))} signed posts/s, ${whole(median(raw.map((each) => each.cpuMicros)))} µs of processor time each`,
    );
  }
  for (const each of databases) lines.push(...onDatabase(each));
  return lines.join("\n");
}

function onDatabase(measured: OnDatabase): string[] {
  const { database, endToEnd, retryLane, hanging, scale } = measured;
  const { isolation, tenants, providerPath, bothDirections } = measured;
  return [
    ...endToEnd.flatMap((each) => [
      "",
      `(b) End to end on ${database}, ${EVENT_BYTES}-byte events, fan-out ${each.fanOut}`,
      ...wholePath(each),
    ]),
    ...(retryLane.length > 0
      ? ["", `(c) The retry lane on ${database}, 1,000 endpoints`, ...lane(retryLane)]
      : []),
    ...(hanging.length > 0
      ? ["", `(d) One endpoint in ten hangs, on ${database}`, ...hung(hanging)]
      : []),
    ...(isolation
      ? ["", `(e) One endpoint hangs with a backlog, on ${database}`, ...isolationRows(isolation)]
      : []),
    ...(tenants
      ? ["", `(f) A noisy workspace beside a quiet one, on ${database}`, ...tenantRows(tenants)]
      : []),
    ...(providerPath
      ? ["", `(g) From a provider, on ${database}`, ...providerPathRows(providerPath)]
      : []),
    ...(bothDirections
      ? ["", `(h) Both directions, on ${database}`, ...bothDirectionsRows(bothDirections)]
      : []),
    ...(scale
      ? [
          "",
          `(i) Scale, on ${database}`,
          ...fanOutRows(scale.fanOut),
          ...crowdRows(scale.crowd),
          ...longLogRows(scale.longLog),
        ]
      : []),
  ];
}

function wholePath(result: EndToEnd): string[] {
  const windows = result.pairs.map(({ whole }) => whole);
  const all = [...windows, ...result.calm.map(({ window }) => window)];
  const cost = (part: keyof Window["cost"]) => median(windows.map((each) => each.cost[part]));
  const sum = (pick: (window: Window) => number) =>
    all.reduce((total, each) => total + pick(each), 0);
  const trouble = all.find((each) => each.lastTrouble !== null)?.lastTrouble;
  return [
    row(
      "reached",
      `${whole(result.deliveriesPerSecond)} deliveries/s (the limit beside it: ${whole(result.rawPerSecond)}/s), ratio ${two(result.ratio)}`,
    ),
    ...result.calm.map(({ share, window }) => {
      const { fromRequest, fromAnswer } = window.ledger;
      return row(
        `at ${share * 100} %`,
        `request → receipt p50 ${two(fromRequest.p50)} ms, p99 ${two(fromRequest.p99)} ms; 202 → receipt p50 ${two(fromAnswer.p50)} ms, p99 ${two(fromAnswer.p99)} ms`,
      );
    }),
    row(
      "processor",
      `s for 1,000 deliveries: gateway ${three(cost("gateway"))}, PostgreSQL ${three(cost("database"))}, load ${three(cost("load"))}, receiver ${three(cost("receiver"))}`,
    ),
    row(
      "memory",
      `MB: gateway ${whole(most(all, "gateway"))}, PostgreSQL ${whole(most(all, "database"))}; before any load ${whole(result.atRest.gateway)} and ${whole(result.atRest.database)}`,
    ),
    row(
      "outcome",
      `${sum((each) => each.ledger.accepted)} events accepted, ${sum((each) => each.ledger.lost)} deliveries lost, ${sum((each) => each.ledger.doubled)} doubled, ${sum((each) => each.ledger.strays)} unexpected; ${sum((each) => each.troubles)} requests refused`,
    ),
    row(
      "recorded",
      `${whole(result.attemptsRecorded)} attempts of ${whole(result.received)} requests received; ${whole(result.queued)} deliveries waited in the queue; bodies of ${whole(median(windows.map((each) => each.meanBodyBytes)))} bytes; signatures checked: ${result.signatures.verified} right, ${result.signatures.forged} wrong`,
    ),
    ...(trouble ? [row("trouble", trouble)] : []),
  ];
}

function lane(lanes: readonly Lane[]): string[] {
  const first = lanes[0]?.stretches[0]?.settledPerSecond ?? Number.NaN;
  const many = lanes[1]?.stretches[0]?.settledPerSecond ?? Number.NaN;
  return lanes.flatMap(({ waiting, hasReader, stretches }) =>
    stretches.map((each, at) => {
      const base = hasReader ? many : first;
      const beside = hasReader
        ? `, reader, ${stretches.slice(0, at + 1).reduce((sum, { seconds }) => sum + seconds, 0)} s`
        : "";
      return row(
        `${waiting}${beside}`,
        `${whole(each.settledPerSecond)} settled/s, ${two(each.settledPerSecond / base)} of ${hasReader ? "that without a reader" : "that with few waiting"}; processor s for 1,000: gateway ${three(each.gatewayCpu)}, PostgreSQL ${three(each.databaseCpu)}`,
      );
    }),
  );
}

function hung(results: readonly Hanging[]): string[] {
  return results.map((each) =>
    row(
      `${each.origins} origins`,
      `${two(each.share)} of the good throughput remains (${whole(each.before)} and ${whole(each.after)} deliveries/s without, ${whole(each.meanwhile)} with)`,
    ),
  );
}

export function printProfile({ title, busy, places, functions }: Profiled): string {
  const share = (value: number) => `${(value * 100).toFixed(1).padStart(5)} %`;
  const top = (hot: readonly Hot[], count: number) =>
    hot.slice(0, count).map((each) => `${share(each.share)}  ${each.name}`);
  return [
    "",
    `${title}; busy ${share(busy).trim()} of the time, of which:`,
    "",
    ...top(places, PROFILED_PLACES),
    "",
    ...top(functions, PROFILED_FUNCTIONS),
  ].join("\n");
}

function most(windows: readonly Window[], part: "gateway" | "database"): number | null {
  const known = windows.map((each) => each.memory[part]).filter((each) => each !== null);
  return known.length === 0 ? null : Math.max(...known);
}

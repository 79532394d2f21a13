import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedNow } from "../clock.ts";
import type { Receiver } from "../gateway/stage.ts";
import type { Options } from "../options.ts";
import { measureWindow } from "../windows/window.ts";
import { openCast } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";
import { measureProviderPath } from "./provider-path.ts";
import { measureRetryLane } from "./retry-lane.ts";

const SAMPLE_MICROS = 250;

export interface Hot {
  name: string;
  /** Of the thread's busy time. */
  share: number;
}

/** Where the processor time of a thread went. */
export interface Profile {
  /** Of all the time. */
  busy: number;
  functions: Hot[];
  /** By library, and by folder of the server, with what they had Node and the system do. */
  places: Hot[];
}

export interface Profiled extends Profile {
  title: string;
}

/** As V8 writes it. The time it starts with is of the clock that processes share, in microseconds. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface ProfileOptions {
  options: Options;
  receiver: Receiver;
  port: number;
  scratch: string;
  databaseUrl: string | null;
  say(text: string): void;
}

/** The gateway's threads while events are published as fast as can be. */
export async function profileEndToEnd(o: ProfileOptions & { fanOut: number }): Promise<Profiled[]> {
  const { options, fanOut } = o;
  const cast = await openCast({ ...o, nodeFlags: flagsFor(o.scratch) });
  const busy = { connections: options.connections, perSecond: null };
  try {
    await measureWindow(cast, { ...busy, ms: options.warmUpSeconds * 1000 });
    const from = sharedNow();
    const window = await measureWindow(cast, { ...busy, ms: options.seconds * 1000 });
    const to = sharedNow() - window.drainMs;
    await cast.close();
    const rate = Math.round(window.deliveriesPerSecond);
    const title = `end to end, fan-out ${fanOut}, ${rate} deliveries/s while profiled`;
    return readProfiles(o.scratch).map(({ thread, profile }) => ({
      title: `${thread}, ${title}`,
      ...digest(profile, from, to),
    }));
  } finally {
    await cast.close();
  }
}

/** The gateway's threads while it empties the retry lane, in each of its cases. */
export async function profileRetryLane(o: ProfileOptions): Promise<Profiled[]> {
  const lanes = await measureRetryLane({ ...o, nodeFlags: flagsFor(o.scratch) });
  const profiles = readProfiles(o.scratch);
  return lanes.flatMap(({ waiting, hasReader, stretches }) =>
    stretches.flatMap(({ from, to, settledPerSecond }) => {
      const beside = hasReader ? " beside a reader" : "";
      const rate = Math.round(settledPerSecond);
      const title = `retry lane, ${waiting} waiting${beside}, ${rate} settled/s while profiled`;
      return profiles.map(({ thread, profile }) => ({
        title: `${thread}, ${title}`,
        ...digest(profile, from, to),
      }));
    }),
  );
}

/** The gateway's threads while customers' messages come from a provider, and while events are published. */
export async function profileProviderPath(o: Ground): Promise<Profiled[]> {
  const { pairs } = await measureProviderPath({ ...o, nodeFlags: flagsFor(o.scratch) });
  const profiles = readProfiles(o.scratch);
  return pairs.flatMap(({ published, inbound }) =>
    Object.entries({ "from a provider": inbound, published }).flatMap(([way, window]) => {
      const rate = Math.round(window.deliveriesPerSecond);
      const title = `${way}, ${rate} deliveries/s while profiled`;
      return profiles.map(({ thread, profile }) => ({
        title: `${thread}, ${title}`,
        ...digest(profile, window.from, window.to),
      }));
    }),
  );
}

function flagsFor(directory: string): string[] {
  return ["--cpu-prof", `--cpu-prof-dir=${directory}`, `--cpu-prof-interval=${SAMPLE_MICROS}`];
}

/** As V8 names them: day, time, process, thread, number. */
const PROFILE_OF_THREAD = /^CPU\.\d+\.\d+\.\d+\.(\d+)\.\d+\.cpuprofile$/;

/** The process writes one for each thread when it ends; the main thread is number 0. */
function readProfiles(directory: string): { thread: string; profile: CpuProfile }[] {
  const found = readdirSync(directory)
    .map((name) => ({ name, thread: PROFILE_OF_THREAD.exec(name)?.[1] }))
    .filter(({ thread }) => thread !== undefined)
    .sort((a, b) => Number(a.thread) - Number(b.thread));
  if (found.length === 0) throw new Error("the gateway left no profile");
  return found.map(({ name, thread }) => ({
    thread: thread === "0" ? "The gateway's main thread" : "its sending thread",
    profile: JSON.parse(readFileSync(join(directory, name), "utf8")),
  }));
}

/** Sums up the samples between two moments of the shared clock. */
export function digest(profile: CpuProfile, fromMs: number, toMs: number): Profile {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map<number, number>();
  for (const { id, children } of profile.nodes)
    for (const each of children ?? []) callers.set(each, id);
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  const add = (sums: Map<string, number>, name: string, micros: number) =>
    sums.set(name, (sums.get(name) ?? 0) + micros);
  let at = profile.startTime;
  let [idle, busy] = [0, 0];
  for (const [i, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[i] ?? 0;
    at += micros;
    const frame = frames.get(id);
    if (!frame || at < fromMs * 1000 || at > toMs * 1000) continue;
    const { functionName, url, lineNumber } = frame;
    if (functionName === "(idle)") {
      idle += micros;
      continue;
    }
    busy += micros;
    const where = url === "" ? "" : ` ${shortened(url)}:${lineNumber + 1}`;
    add(functions, `${functionName || "(anonymous)"}${where}`, micros);
    add(places, placeOf(id), micros);
  }
  const hottest = (sums: Map<string, number>): Hot[] =>
    [...sums]
      .map(([name, micros]) => ({ name, share: micros / busy }))
      .sort((a, b) => b.share - a.share);
  return { busy: busy / (busy + idle), functions: hottest(functions), places: hottest(places) };

  /** The library, or the folder of the server, that the sample was in or was called by. */
  function placeOf(sampled: number): string {
    for (let id: number | undefined = sampled; id !== undefined; id = callers.get(id)) {
      const url = frames.get(id)?.url ?? "";
      const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
      if (library !== undefined) return library;
      const folder = /packages\/server\/dist\/([^/]+)/.exec(url)?.[1];
      if (folder !== undefined) return `curlew ${folder}`;
    }
    const frame = frames.get(sampled);
    return frame?.url || frame?.functionName || "(anonymous)";
  }
}

function shortened(url: string): string {
  return url.replace(/^.*node_modules\//, "").replace(/^.*packages\/server\/dist\//, "curlew/");
}

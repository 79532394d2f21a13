import { createParser } from "eventsource-parser";
import { asYou } from "../api/client.ts";
import { now } from "../words/ticking.ts";

/** An event as the stream tells it: its native body. */
export interface LiveEvent {
  id: string;
  type: string;
  body: Record<string, unknown>;
}

export type LiveStatus = "off" | "connecting" | "live" | "reconnecting";

export interface LiveState {
  status: LiveStatus;
  /** Paused here: what comes in is not shown. */
  isPaused: boolean;
  /** Since when there has been no connection, ms; null while there is one. */
  lostAt: number | null;
  /** Events a second, over the last ten. */
  rate: number;
}

type Told =
  | { kind: "event"; event: LiveEvent }
  | { kind: "status"; status: LiveStatus; lostAt: number | null }
  /** A tab has been opened, and does not know yet how things stand. */
  | { kind: "asked" };

const CHANNEL = "curlew.live";
const LOCK = "curlew.live";
const RATE_MS = 10_000;
const COME_BACK_MS = [500, 1_000, 2_000, 5_000, 10_000];

let state: LiveState = { status: "off", isPaused: false, lostAt: null, rate: 0 };
let lastId: string | null = null;
let arrivals: number[] = [];
const stateListeners = new Set<() => void>();
const eventListeners = new Set<(event: LiveEvent) => void>();
const gapListeners = new Set<() => void>();

export function liveState(): LiveState {
  return state;
}

export function onLiveState(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => void stateListeners.delete(listener);
}

/** Called with every event of the workspace while nothing is paused. */
export function onLiveEvent(listener: (event: LiveEvent) => void): () => void {
  eventListeners.add(listener);
  return () => void eventListeners.delete(listener);
}

/** Called when events may have been missed: what is shown is fetched once more. */
export function onLiveGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => void gapListeners.delete(listener);
}

export function pauseLive(isPaused: boolean): void {
  change({ isPaused });
  if (!isPaused) for (const listener of gapListeners) listener();
}

/**
 * Follows the workspace. One tab of a browser holds the connection and tells the others; when it is
 * closed, another takes over where it was.
 */
export function startLive(workspaceId: string): () => void {
  const ending = new AbortController();
  const channel =
    "BroadcastChannel" in window ? new BroadcastChannel(`${CHANNEL}.${workspaceId}`) : null;
  let leads = false;
  const take = (told: Told) => {
    if (told.kind === "asked") {
      const { status, lostAt } = state;
      if (leads) channel?.postMessage({ kind: "status", status, lostAt } satisfies Told);
    } else if (told.kind === "status") change({ status: told.status, lostAt: told.lostAt });
    else {
      lastId = told.event.id;
      hear(told.event);
    }
  };
  if (channel) channel.onmessage = ({ data }: MessageEvent<Told>) => take(data);
  const tell = (told: Told) => {
    take(told);
    channel?.postMessage(told);
  };
  const rate = setInterval(() => {
    arrivals = arrivals.filter((at) => at > Date.now() - RATE_MS);
    const perSecond = arrivals.length / (RATE_MS / 1_000);
    if (perSecond !== state.rate) change({ rate: perSecond });
  }, 1_000);
  change({ status: "connecting", lostAt: null });
  channel?.postMessage({ kind: "asked" } satisfies Told);
  const { signal } = ending;
  const lead = () => {
    leads = true;
    return follow(tell, signal);
  };
  // Locks are for secure contexts; elsewhere each tab has its own connection.
  const leading = navigator.locks
    ? navigator.locks.request(`${LOCK}.${workspaceId}`, { signal }, lead)
    : lead();
  leading.catch(() => {}); // given up before its turn came
  return () => {
    ending.abort();
    clearInterval(rate);
    channel?.close();
    change({ status: "off", lostAt: null, rate: 0 });
    arrivals = [];
    lastId = null;
  };
}

/** Holds a connection until the signal; what was missed while it was away comes first. */
async function follow(tell: (told: Told) => void, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let lostAt: number | null = null;
  // Another tab held it until now, and between the two something may have come.
  let isTakenOver = state.status !== "connecting";
  while (!signal.aborted) {
    try {
      const headers = lastId === null ? {} : { "last-event-id": lastId };
      const request = new Request(new URL("/v1/stream", location.origin), { headers, signal });
      const response = await asYou(request);
      if (response.status === 410 || response.status === 400) lastId = null; // too far back: begin now
      if (!response.ok || !response.body) throw new Error(String(response.status));
      if (lostAt !== null || isTakenOver) for (const listener of gapListeners) listener();
      failures = 0;
      isTakenOver = false;
      lostAt = null;
      tell({ kind: "status", status: "live", lostAt: null });
      await read(response.body, tell);
    } catch {
      if (signal.aborted) return;
    }
    if (signal.aborted) return;
    lostAt ??= now();
    tell({ kind: "status", status: "reconnecting", lostAt });
    const wait = COME_BACK_MS[Math.min(failures++, COME_BACK_MS.length - 1)] ?? 10_000;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function read(body: ReadableStream<Uint8Array>, tell: (told: Told) => void): Promise<void> {
  const parser = createParser({
    onEvent({ id, event, data }) {
      try {
        if (id !== undefined)
          tell({ kind: "event", event: { id, type: event ?? "", body: JSON.parse(data) } });
      } catch {
        // not one of ours: the next one is
      }
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

function hear(event: LiveEvent): void {
  arrivals.push(Date.now());
  if (!state.isPaused) for (const listener of eventListeners) listener(event);
}

function change(next: Partial<LiveState>): void {
  state = { ...state, ...next };
  for (const listener of stateListeners) listener();
}

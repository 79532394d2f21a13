import type { Clock } from "../core/outside/clock.ts";
import { standardHeaders } from "../dialects/standard-webhooks.ts";
import type { StreamAnswer, StreamWish } from "../runtime/network/open-stream.ts";
import type { ProviderRequest, ProviderResult } from "../runtime/network/provider-client.ts";
import { type Frame, framesOf } from "./frames.ts";

/** The server sends something every fifteen seconds. */
const SILENT_MS = 40_000;
const POST_WITHIN_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface ListenWish {
  /** Where Curlew is, without a slash at the end. */
  server: string;
  key: string;
  /** A workspace's id; null for the key's own. */
  workspace: string | null;
  /** Where events are posted; null: they are only shown. */
  forwardTo: string | null;
  /** Signs what is posted. */
  secret: string;
  /** After an event's id, or from `start` or `now`. */
  after: string;
  /** `type`, `channel`, `account_id`, `conversation_id`. */
  filters: Readonly<Record<string, string>>;
}

export interface ListenDeps {
  open(wish: StreamWish): Promise<StreamAnswer>;
  post(request: ProviderRequest): Promise<ProviderResult>;
  clock: Clock;
  print(text: string): void;
  complain(text: string): void;
  /** Ends it. */
  signal: AbortSignal;
}

/** The server says no: asking again would change nothing. */
class Refused extends Error {}

/**
 * Follows the log and posts each event, signed like a webhook, one after the other, until it is stopped.
 * A connection that is lost is made again after the last event. Gives the exit code.
 */
export async function listen(wish: ListenWish, deps: ListenDeps): Promise<number> {
  const { clock, print, complain, signal } = deps;
  let position = wish.after;
  let waitMs = FIRST_WAIT_MS;
  let isAway = false;
  while (!signal.aborted) {
    try {
      for await (const frame of await follow(wish, position, deps)) {
        if (isAway) print("Curlew is back.");
        isAway = false;
        waitMs = FIRST_WAIT_MS;
        if (frame.data !== null && !signal.aborted) await take(wish, frame, deps);
        if (frame.id !== null) position = frame.id;
        if (signal.aborted) break;
      }
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof Refused) {
        complain(error.message);
        return 1;
      }
      if (!isAway) complain(`Curlew at ${wish.server} does not answer: trying again.`);
      isAway = true;
    }
    await clock.sleep(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
  if (position.startsWith("evt_")) print(`Stopped. --after ${position} goes on here.`);
  return 0;
}

async function follow(
  { server, key, workspace, filters }: ListenWish,
  after: string,
  { open, signal }: ListenDeps,
): Promise<AsyncIterable<Frame>> {
  const query = new URLSearchParams({ ...filters, after });
  const { status, chunks } = await open({
    url: `${server}/v1/stream?${query}`,
    headers: {
      accept: "text/event-stream",
      authorization: `Bearer ${key}`,
      ...(workspace === null ? {} : { "curlew-workspace": workspace }),
    },
    silentMs: SILENT_MS,
    signal,
  });
  if (status === 200) return framesOf(chunks);
  const text = await textOf(chunks);
  if (status < 500 && status !== 429) throw new Refused(refusalIn(text, status));
  throw new Error(`HTTP ${status}`);
}

/** Posts one event and says what came of it. It is not repeated: the log has it. */
async function take(wish: ListenWish, frame: Frame, deps: ListenDeps): Promise<void> {
  const { clock, post, print } = deps;
  const { id, event, data } = frame;
  if (id === null || event === null || data === null) return;
  const line = `${new Date(clock.now()).toISOString().slice(11, 19)}  ${event}  ${id}`;
  if (wish.forwardTo === null) {
    print(line);
    return;
  }
  const result = await post({
    method: "POST",
    url: wish.forwardTo,
    headers: standardHeaders({
      ...{ id, type: event, body: data, attempt: 1, replayed: false, options: {} },
      timestampS: Math.floor(clock.now() / 1000),
      secrets: [{ id: "listen", value: wish.secret }],
    }),
    body: data,
    deadlineMs: POST_WITHIN_MS,
    signal: deps.signal,
  });
  const ms = Math.round(result.ms);
  print(`${line}  → ${result.kind === "response" ? result.status : result.detail} (${ms} ms)`);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString("utf8");
}

/** The words of a problem document, or the status alone. */
function refusalIn(text: string, status: number): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown }; // looked at in the next line
    if (typeof detail === "string") return `Curlew refuses: ${detail}`;
  } catch {
    // Not Curlew, or something in front of it.
  }
  return `What answers there is not Curlew, or something in front of it: HTTP ${status}.`;
}

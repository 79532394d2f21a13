import type { Clock } from "../../core/outside/clock.ts";
import { standardHeaders } from "../../dialects/standard-webhooks.ts";
import type { StreamAnswer, StreamWish } from "../../runtime/network/open-stream.ts";
import type { ProviderRequest, ProviderResult } from "../../runtime/network/provider-client.ts";
import { headersFor, Refused, refusalIn, type ServerWish } from "../server.ts";
import { type Frame, framesOf } from "./frames.ts";

/** The server sends something every fifteen seconds. */
const SILENT_MS = 40_000;
const POST_WITHIN_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** So much of a refusal is shown. */
const MOST_SHOWN = 200;

export interface ListenWish extends ServerWish {
  /** Where events are posted; null: they are only shown. */
  forwardTo: string | null;
  /** Signs what is posted. */
  secret: string;
  /** After an event's id, or from `start` or `now`. */
  after: string;
  /** `type`, `channel`, `account_id`, `conversation_id`. */
  filters: Readonly<Record<string, string>>;
  /** Events as lines of JSON; everything else is told beside them. */
  asJson: boolean;
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

/**
 * Follows the log and posts each event, signed like a webhook, one after the other, until it is stopped.
 * A connection that is lost is made again after the last event. Gives the exit code.
 */
export async function listen(wish: ListenWish, deps: ListenDeps): Promise<number> {
  const { clock, complain, signal } = deps;
  const say = wish.asJson ? complain : deps.print;
  let position = wish.after;
  let waitMs = FIRST_WAIT_MS;
  let isGreeted = false;
  let isAway = false;
  while (!signal.aborted) {
    try {
      for await (const frame of await follow(wish, position, deps)) {
        if (!isGreeted) say(greeting(wish));
        else if (isAway) say("Curlew is back.");
        isGreeted = true;
        isAway = false;
        waitMs = FIRST_WAIT_MS;
        // What is given up half-way has not been taken: the next run begins with it.
        if (frame.data !== null && !(await take(wish, frame, deps))) break;
        if (frame.id !== null) position = frame.id;
        if (signal.aborted) break;
      }
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof Refused) {
        complain(error.message);
        return 1;
      }
      if (!isAway)
        complain(`Curlew at ${wish.server} does not answer${reasonOf(error)}: trying again.`);
      isAway = true;
    }
    await clock.sleep(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
  if (position.startsWith("evt_")) say(`Stopped. --after ${position} goes on here.`);
  return 0;
}

function greeting({ server, forwardTo, secret }: ListenWish): string {
  if (forwardTo === null) return `Listening to ${server}. Ctrl-C ends it.`;
  return `Listening to ${server}; events go to ${forwardTo}. Ctrl-C ends it.\nThey are signed with ${secret}`;
}

/** What a lost connection is called, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
}

async function follow(
  wish: ListenWish,
  after: string,
  { open, signal }: ListenDeps,
): Promise<AsyncIterable<Frame>> {
  const query = new URLSearchParams({ ...wish.filters, after });
  const { status, chunks } = await open({
    url: `${wish.server}/v1/stream?${query}`,
    headers: { ...headersFor(wish), accept: "text/event-stream" },
    silentMs: SILENT_MS,
    signal,
  });
  if (status === 200) return framesOf(chunks);
  const body = await textOf(chunks);
  if (status < 500 && status !== 429) throw new Refused(refusalIn({ status, body }));
  throw new Error(`HTTP ${status}`);
}

/** Shows one event, and posts it; it is not repeated: the log has it. False when it was given up. */
async function take(wish: ListenWish, frame: Frame, deps: ListenDeps): Promise<boolean> {
  const { clock, print, complain, signal } = deps;
  const { id, event, data } = frame;
  if (id === null || event === null || data === null) return true;
  const say = wish.asJson ? complain : print;
  const line = `${new Date(clock.now()).toTimeString().slice(0, 8)}  ${event}  ${id}`;
  if (wish.asJson) print(data);
  if (wish.forwardTo === null) {
    if (!wish.asJson) say(line);
    return true;
  }
  const result = await post(wish, { ...frame, id, event, data }, deps);
  if (result.kind === "failed" && signal.aborted) return false;
  const ms = Math.round(result.ms);
  say(`${line}  → ${result.kind === "response" ? result.status : result.detail} (${ms} ms)`);
  if (result.kind === "response" && result.status >= 300) {
    const [words = ""] = result.body.trim().split("\n");
    if (words !== "") say(`          ${words.slice(0, MOST_SHOWN)}`);
  }
  return true;
}

function post(
  { forwardTo, secret }: ListenWish,
  { id, event, data }: { id: string; event: string; data: string },
  { clock, post, signal }: ListenDeps,
): Promise<ProviderResult> {
  return post({
    method: "POST",
    url: forwardTo ?? "",
    headers: standardHeaders({
      ...{ id, type: event, body: data, attempt: 1, replayed: false, options: {} },
      timestampS: Math.floor(clock.now() / 1000),
      secrets: [{ id: "listen", value: secret }],
    }),
    body: data,
    deadlineMs: POST_WITHIN_MS,
    signal,
  });
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString("utf8");
}

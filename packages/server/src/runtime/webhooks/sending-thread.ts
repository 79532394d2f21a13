import { once } from "node:events";
import type { EventLoopUtilityFunction } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { Numbered } from "../../core/numbered.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Failed } from "../network/exchange.ts";
import type { Guard } from "../network/guard.ts";
import type { EgressProxy } from "../network/proxy-connector.ts";
import type { FromThread, Posted, ThreadOptions, ToThread } from "./sending-messages.ts";
import type { TargetOptions, WebhookClient } from "./webhook-client.ts";
import type { PostRequest, PostResult, Target } from "./webhook-target.ts";

const BUILT = new URL("./sending-worker.js", import.meta.url);
/** Its young generation, in megabytes: what lives there lives for one request. */
const YOUNG_MB = 16;
/**
 * Posts handed over that the thread has not begun yet; the others wait here. Without it a thread that lags
 * is handed all that the endpoints' slots allow, and opens a connection for each.
 */
const MOST_HANDED_OVER = 128;
/** A thread that is not ready after so long, however busy the machine, will never be. */
const LONGEST_START_MS = 10_000;
const LOOK_MS = 1_000;
/**
 * A thread that was ready and was not heard at so many looks in a row is stuck. Looks are counted and not
 * the time between them: a process that was stopped, or slept with its machine, has looked once meanwhile.
 */
const MOST_UNHEARD = 20;
const ENDED = "the thread that sent it has ended";
const IDLE = { idle: 0, active: 0, utilization: 0 };

export interface SendingThreadDeps {
  clock: Pick<Clock, "monotonic" | "sleep">;
  logger: Logger;
  /** Of this thread: it knows which URLs are our own. The other one judges all the others anew. */
  guard: Pick<Guard, "connection">;
  /** What webhooks may reach besides public addresses, as the operator wrote it. */
  allowTargets: readonly string[];
  proxy?: EgressProxy | null;
  /** What the other thread runs. It must have been built: a thread does not run sources. */
  entry?: URL;
  /** How the start of a thread has ended. */
  onStart?: (outcome: "ready" | "died") => void;
}

export interface SendingThread extends WebhookClient {
  /** How busy the thread is. A thread that ended and is not needed yet has nothing to do. */
  eventLoopUtilization: EventLoopUtilityFunction;
  /** Posts that wait until the thread has begun others. */
  readonly backlog: number;
}

/** Its thread has ended before it was handed the post: nothing has left, and it costs nobody an attempt. */
export interface Unsent extends Failed {
  isUnsent: true;
}

interface Waiting {
  resolve(result: PostResult | Unsent): void;
  startedAt: number;
}

/**
 * A webhook client whose connections live in a thread of their own, so that a process sends on one core
 * while it accepts on another. What is posted in one turn crosses over together, and so does what came
 * back. A thread that dies, or is ended because it is stuck, takes what it had under way with it: these
 * posts fail, as those of a dead connection do, and the next one starts another thread.
 */
export function createSendingThread(deps: SendingThreadDeps): SendingThread {
  let thread = new Thread(deps);
  /** From then on no thread is started: it would keep the process alive. */
  let isOver = false;

  function current(): Thread {
    if (thread.hasEnded && !isOver) thread = new Thread(deps);
    return thread;
  }

  return {
    eventLoopUtilization: (one, other) => thread.eventLoopUtilization(one, other),
    get backlog() {
      return thread.backlog;
    },
    open(key, options) {
      let opened: { thread: Thread; id: number } | null = null;
      let isClosed = false;
      const reopened = () => {
        const on = current();
        if (opened?.thread !== on) opened = { thread: on, id: on.open(key, options) };
        return opened;
      };
      reopened();
      const target: Target = {
        post(request) {
          const { signal, ...plain } = request;
          if (signal) throw new Error("what another thread sends cannot be given up");
          if (isClosed || isOver)
            return Promise.resolve(failed("closed", "the target was closed", 0));
          const on = reopened();
          return on.thread.post(on.id, plain);
        },
        async close() {
          isClosed = true;
          if (opened && !opened.thread.hasEnded) await opened.thread.closeTarget(opened.id);
        },
      };
      return target;
    },
    async close() {
      isOver = true;
      if (!thread.hasEnded) await thread.close();
    },
  };
}

/** One life of the other thread. */
class Thread {
  readonly #deps: SendingThreadDeps;
  /** Null where none could be made. */
  readonly #worker: Worker | null;
  readonly #waiting = new Numbered<Waiting>();
  readonly #closing = new Map<number, () => void>();
  #posts: Posted[] = [];
  /** What it is told when it is ready: until then nothing leaves, whatever becomes of it. */
  #unsaid: ToThread[] = [];
  /** Handed over, and not begun. */
  #handedOver = 0;
  #isSending = false;
  #made = 0;
  readonly #started = new AbortController();
  /** It has said anything since it was last asked. */
  #isHeard = false;
  #isClosing = false;
  hasEnded = false;
  readonly #ended = new AbortController();

  constructor(deps: SendingThreadDeps) {
    this.#deps = deps;
    this.#worker = this.#start();
    if (this.#worker === null) this.#end();
    else void this.#limitStart();
  }

  #start(): Worker | null {
    const { allowTargets, proxy = null, entry = BUILT, logger } = this.#deps;
    const broken = (error: unknown) =>
      logger.error({ err: error }, "the sending thread broke down; another one goes on");
    try {
      const worker = new Worker(entry, {
        name: "sending",
        workerData: { allowTargets: [...allowTargets], proxy } satisfies ThreadOptions,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      });
      worker.on("message", (message: FromThread) => this.#hear(message));
      worker.on("error", broken);
      worker.once("exit", () => this.#end());
      return worker;
    } catch (error) {
      // There is no memory for it, or no thread to be had.
      broken(error);
      return null;
    }
  }

  async #limitStart(): Promise<void> {
    const { clock, logger } = this.#deps;
    const over = AbortSignal.any([this.#started.signal, this.#ended.signal]);
    await clock.sleep(LONGEST_START_MS, over);
    if (over.aborted) return;
    logger.error({ ms: LONGEST_START_MS }, "the sending thread does not get ready");
    this.#end();
  }

  async #watch(): Promise<void> {
    const { clock, logger } = this.#deps;
    for (let unheard = 0; unheard < MOST_UNHEARD; unheard++) {
      if (unheard === 0) this.#worker?.postMessage({ kind: "ask" } satisfies ToThread);
      await clock.sleep(LOOK_MS, this.#ended.signal);
      if (this.hasEnded) return;
      if (this.#isHeard) unheard = -1;
      this.#isHeard = false;
    }
    logger.error({ ms: MOST_UNHEARD * LOOK_MS }, "the sending thread is stuck");
    this.#end();
  }

  get eventLoopUtilization(): EventLoopUtilityFunction {
    return this.#worker?.performance.eventLoopUtilization ?? (() => IDLE);
  }

  get backlog(): number {
    return this.#posts.length;
  }

  open(key: string, options: TargetOptions): number {
    const id = ++this.#made;
    const urls = [options.url, ...(options.oauth2 ? [options.oauth2.token_url] : [])];
    const exempt = urls.filter((url) => this.#deps.guard.connection(url).isExempt);
    this.#say({ kind: "open", id, key, options, exempt });
    return id;
  }

  post(target: number, request: Omit<PostRequest, "signal">): Promise<PostResult | Unsent> {
    if (this.hasEnded) return Promise.resolve(unsent(0));
    const { path, headers, body, deadlineMs } = request;
    return new Promise((resolve) => {
      const startedAt = this.#deps.clock.monotonic();
      const id = this.#waiting.add({ resolve, startedAt });
      this.#posts.push({ id, target, path, headers: inTurn(headers), body, deadlineMs });
      if (this.#isSending) return;
      this.#isSending = true;
      queueMicrotask(() => {
        this.#isSending = false;
        this.#sendPosts(MOST_HANDED_OVER - this.#handedOver);
      });
    });
  }

  /** Resolves when what is under way there is over. */
  closeTarget(id: number): Promise<void> {
    return new Promise((closed) => {
      this.#closing.set(id, closed);
      this.#say({ kind: "close", id });
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (!this.#isReady) return this.#end();
    this.#say({ kind: "end" });
    await once(this.#ended.signal, "abort");
  }

  #say(message: ToThread): void {
    // In the order of events: a post that waits for its turn was before this.
    this.#sendPosts(this.#posts.length);
    this.#handOver(message);
  }

  #handOver(message: ToThread): void {
    if (this.#isReady) this.#worker?.postMessage(message);
    else this.#unsaid.push(message);
  }

  #sendPosts(most: number): void {
    if (this.#posts.length === 0 || most <= 0) return;
    const posts = this.#posts.splice(0, most);
    this.#handedOver += posts.length;
    this.#handOver({ kind: "post", posts });
  }

  #hear(message: FromThread): void {
    if (this.hasEnded) return;
    this.#isHeard = true;
    if (message.kind === "here") return;
    if (message.kind === "ready") {
      this.#started.abort();
      void this.#watch();
      this.#deps.onStart?.("ready");
      for (const each of this.#unsaid.splice(0)) this.#handOver(each);
      return;
    }
    if (message.kind === "closed") {
      this.#closing.get(message.id)?.();
      this.#closing.delete(message.id);
      return;
    }
    this.#handedOver -= message.begun;
    this.#sendPosts(MOST_HANDED_OVER - this.#handedOver);
    for (const { id, result } of message.results) this.#waiting.take(id)?.resolve(result);
  }

  get #isReady(): boolean {
    return this.#started.signal.aborted;
  }

  #end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#ended.abort();
    void this.#worker?.terminate();
    if (!this.#isClosing) {
      this.#deps.logger.error({ posts: this.#waiting.size }, "the sending thread has ended");
      if (!this.#isReady) this.#deps.onStart?.("died");
    }
    const now = this.#deps.clock.monotonic();
    const here = new Set(this.#posts.map(({ id }) => id));
    for (const [id, { resolve, startedAt }] of this.#waiting.entries()) {
      const ms = now - startedAt;
      // How many it has begun it tells afterwards: whatever it was handed may have left.
      if (this.#isReady && !here.has(id)) resolve({ ...failed("other", ENDED, ms), written: true });
      else resolve(unsent(ms));
    }
    for (const closed of this.#closing.values()) closed();
    this.#closing.clear();
  }
}

function unsent(ms: number): Unsent {
  return { ...failed("other", ENDED, ms), isUnsent: true };
}

function failed(error: "closed" | "other", detail: string, ms: number): Failed {
  return { kind: "failed", error, detail, ms, written: false, connection: null };
}

/** Names and values in turn: cheaper to copy than an object of each shape. */
function inTurn(headers: PostRequest["headers"]): string[] {
  if (Array.isArray(headers)) return headers;
  const all: string[] = [];
  for (const name in headers) all.push(name, headers[name] ?? "");
  return all;
}

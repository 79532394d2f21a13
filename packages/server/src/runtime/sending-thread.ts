import type { EventLoopUtilityFunction } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { Failed } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import type { EgressProxy } from "./proxy-connector.ts";
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

export interface SendingThreadDeps {
  clock: Pick<Clock, "monotonic">;
  logger: Logger;
  /** Of this thread: it knows which URLs are our own. The other one judges all the others anew. */
  guard: Pick<Guard, "connection">;
  /** What webhooks may reach besides public addresses, as the operator wrote it. */
  allowTargets: readonly string[];
  proxy?: EgressProxy | null;
  /** What the other thread runs. It must have been built: a thread does not run sources. */
  entry?: URL;
  /** How the start of a thread has ended. What one was given that died in it has not left. */
  onStart?: (outcome: "ready" | "died") => void;
}

export interface SendingThread extends WebhookClient {
  /** How busy the thread is. A thread that ended and is not needed yet has nothing to do. */
  eventLoopUtilization: EventLoopUtilityFunction;
}

interface Waiting {
  resolve(result: PostResult): void;
  startedAt: number;
}

/**
 * A webhook client whose connections live in a thread of their own, so that a process sends on one core
 * while it accepts on another. What is posted in one turn crosses over together, and so does what came
 * back. A thread that dies takes what it had under way with it: these posts fail, as those of a dead
 * connection do, and the next one starts another thread.
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
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closing = new Map<number, () => void>();
  #posts: Posted[] = [];
  /** Handed over, and not begun. */
  #handedOver = 0;
  #isSending = false;
  #made = 0;
  #isReady = false;
  #isClosing = false;
  hasEnded = false;
  readonly #ended: Promise<void>;

  constructor(deps: SendingThreadDeps) {
    this.#deps = deps;
    const { allowTargets, proxy = null, entry = BUILT } = deps;
    this.#worker = new Worker(entry, {
      name: "sending",
      workerData: { allowTargets: [...allowTargets], proxy } satisfies ThreadOptions,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    this.#worker.on("error", (error) => {
      deps.logger.error({ err: error }, "the sending thread broke down; another one goes on");
    });
    this.#ended = new Promise((ended) => {
      this.#worker.once("exit", () => {
        this.#end();
        ended();
      });
    });
  }

  get eventLoopUtilization(): EventLoopUtilityFunction {
    return this.#worker.performance.eventLoopUtilization;
  }

  open(key: string, options: TargetOptions): number {
    const id = ++this.#made;
    const urls = [options.url, ...(options.oauth2 ? [options.oauth2.token_url] : [])];
    const exempt = urls.filter((url) => this.#deps.guard.connection(url).isExempt);
    this.#say({ kind: "open", id, key, options, exempt });
    return id;
  }

  post(target: number, request: Omit<PostRequest, "signal">): Promise<PostResult> {
    const { path, headers, body, deadlineMs } = request;
    return new Promise((resolve) => {
      const startedAt = this.#deps.clock.monotonic();
      const id = ++this.#made;
      this.#waiting.set(id, { resolve, startedAt });
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

  close(): Promise<void> {
    this.#isClosing = true;
    this.#say({ kind: "end" });
    return this.#ended;
  }

  #say(message: ToThread): void {
    // In the order of events: a post that waits for its turn was before this.
    this.#sendPosts(this.#posts.length);
    this.#worker.postMessage(message);
  }

  #sendPosts(most: number): void {
    if (this.#posts.length === 0 || most <= 0) return;
    const posts = this.#posts.splice(0, most);
    this.#handedOver += posts.length;
    this.#worker.postMessage({ kind: "post", posts } satisfies ToThread);
  }

  #hear(message: FromThread): void {
    if (message.kind === "ready") {
      this.#isReady = true;
      this.#deps.onStart?.("ready");
      return;
    }
    if (message.kind === "closed") {
      this.#closing.get(message.id)?.();
      this.#closing.delete(message.id);
      return;
    }
    this.#handedOver -= message.begun;
    this.#sendPosts(MOST_HANDED_OVER - this.#handedOver);
    for (const { id, result } of message.results) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.resolve(result);
    }
  }

  #end(): void {
    this.hasEnded = true;
    if (!this.#isClosing) {
      this.#deps.logger.error({ posts: this.#waiting.size }, "the sending thread has ended");
      if (!this.#isReady) this.#deps.onStart?.("died");
    }
    const now = this.#deps.clock.monotonic();
    for (const { resolve, startedAt } of this.#waiting.values()) {
      const failure = failed("other", "the thread that sent it has ended", now - startedAt);
      // Whether a byte was written is not known, unless it was not even ready.
      resolve({ ...failure, written: this.#isReady });
    }
    this.#waiting.clear();
    for (const closed of this.#closing.values()) closed();
    this.#closing.clear();
  }
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

import type { Dispatcher } from "undici";
import type { Clock } from "../../core/outside/clock.ts";
import type { TimerWheel, WheelTimer } from "../timer-wheel.ts";
import type { ConnectTimes } from "./connector.ts";
import { describeFailure, type FailureKind } from "./failures.ts";
import type { OutboundPool } from "./outbound-pool.ts";

/** What every request needs of the process. */
export interface Means {
  clock: Pick<Clock, "monotonic">;
  wheel: TimerWheel;
}

export interface ExchangeRequest {
  method: Dispatcher.HttpMethod;
  /** Path and query. */
  path: string;
  /** Names and values in turn, or an object. */
  headers: Record<string, string> | string[];
  body: string | Buffer | null;
  /** For everything together: waiting for a connection, sending, and reading to the end. */
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** Names and values in turn, as received. */
  headers: readonly Buffer[];
  body: Buffer;
  /** Since the request was handed in; not rounded. */
  ms: number;
  firstByteMs: number;
  /** What making its connection took; null when it went out on one that was open. */
  connection: ConnectTimes | null;
}

export interface Failed {
  kind: "failed";
  error: FailureKind;
  /** Words for a person; no addresses, no secrets. */
  detail: string;
  ms: number;
  /** False only when it is certain that not one byte of the request was written to a socket. */
  written: boolean;
  /** As far as a connection of its own came; null when none was begun, or none ended. */
  connection: ConnectTimes | null;
}

/** How much of an answer's body is read, and what becomes of the answer. */
export interface Reader<R> {
  keepBytes: number;
  /** A body that goes on after this many bytes is cut off, and the connection dropped. */
  readBytes: number;
  /** Whether an answer that was cut off counts as an answer. */
  cutStands: boolean;
  read(answer: Answer): R;
}

/** Sends one request and reads the answer. Never rejects, follows a redirect or sends twice. */
export function exchange<R>(
  means: Means,
  pool: OutboundPool,
  request: ExchangeRequest,
  reader: Reader<R>,
): Promise<R | Failed> {
  return new Promise((resolve) => {
    new Exchange(means, pool, request, reader, resolve).start();
  });
}

const NOTHING = Buffer.alloc(0);

/**
 * undici's raw handler: it takes header bytes as they are and costs a third less than the parsed
 * kind. undici swallows what a handler throws and closes the connection, so nothing here may
 * throw but `onConnect`, where that is the only way to turn down a request before it is written.
 */
class Exchange<R> implements Dispatcher.DispatchHandler {
  readonly #clock: Means["clock"];
  readonly #pool: OutboundPool;
  readonly #request: ExchangeRequest;
  readonly #reader: Reader<R>;
  readonly #resolve: (result: R | Failed) => void;
  readonly #startedAt: number;
  readonly #timer: WheelTimer;
  #settled = false;
  /** Set just before the first byte is written, which undici does in the same turn. */
  #abort: ((error?: Error) => void) | null = null;
  #status = 0;
  #headers: readonly Buffer[] = [];
  #firstByteMs = 0;
  #chunks: Buffer[] = [];
  #received = 0;
  #giveUp: (() => void) | null = null;
  #connection: ConnectTimes | null = null;

  constructor(
    means: Means,
    pool: OutboundPool,
    request: ExchangeRequest,
    reader: Reader<R>,
    resolve: (result: R | Failed) => void,
  ) {
    this.#clock = means.clock;
    this.#pool = pool;
    this.#request = request;
    this.#reader = reader;
    this.#resolve = resolve;
    this.#startedAt = means.clock.monotonic();
    this.#timer = means.wheel.add(this.#startedAt + request.deadlineMs, () => this.#timeOut());
  }

  start(): void {
    const { method, path, headers, body, signal } = this.#request;
    if (signal) {
      this.#giveUp = () => this.#stop("closed", "the request was given up");
      signal.addEventListener("abort", this.#giveUp);
      if (signal.aborted) this.#giveUp();
    }
    if (!this.#settled) this.#pool.dispatch({ method, path, headers, body }, this);
  }

  onConnect(abort: (error?: Error) => void): void {
    // Thrown, not aborted: an abort would close a connection that is still good. A second call
    // would be undici's repeating of a request on its own, which must not be.
    const connection = this.#pool.takeConnectTimes();
    if (this.#settled || this.#abort) throw new Error("turned down");
    this.#abort = abort;
    this.#connection = connection;
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) return true;
    this.#status = status;
    this.#headers = headers;
    this.#firstByteMs = this.#elapsed();
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#received < this.#reader.keepBytes) this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received > this.#reader.readBytes) {
      if (this.#reader.cutStands) this.#answer();
      this.#stop("protocol", `the answer is longer than ${this.#reader.readBytes} bytes`);
    }
    return true;
  }

  onComplete(): void {
    this.#answer();
  }

  onError(error: Error): void {
    if (this.#settled) return;
    if (this.#abort === null) this.#connection = this.#pool.takeConnectTimes();
    const { error: kind, detail } = describeFailure(error);
    if (kind === "other" && this.#abort === null) this.#pool.renew();
    this.#fail(kind, this.#status === 0 ? detail : `${detail} in an answer of ${this.#status}`);
  }

  #timeOut(): void {
    const { deadlineMs } = this.#request;
    const missing = this.#abort === null ? "no connection" : this.#status === 0 ? "no answer" : "";
    const detail = missing || `an answer of ${this.#status} without an end`;
    this.#stop("timeout", `${detail} within ${deadlineMs} ms`);
  }

  /** Ends the request from our side; the connection it was on is dropped. */
  #stop(error: FailureKind, detail: string): void {
    this.#fail(error, detail);
    this.#abort?.(new Error(detail));
  }

  #answer(): void {
    const answer: Answer = {
      status: this.#status,
      headers: this.#headers,
      body: this.#body(),
      ms: this.#elapsed(),
      firstByteMs: this.#firstByteMs,
      connection: this.#connection,
    };
    try {
      this.#settle(this.#reader.read(answer));
    } catch {
      this.#fail("other", `the answer of ${this.#status} could not be read`);
    }
  }

  #body(): Buffer {
    const [first] = this.#chunks;
    if (!first) return NOTHING;
    const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    return all.subarray(0, this.#reader.keepBytes);
  }

  #fail(error: FailureKind, detail: string): void {
    const written = this.#abort !== null;
    const connection = this.#connection;
    this.#settle({ kind: "failed", error, detail, ms: this.#elapsed(), written, connection });
  }

  #settle(result: R | Failed): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer.cancel();
    if (this.#giveUp) this.#request.signal?.removeEventListener("abort", this.#giveUp);
    this.#resolve(result);
  }

  #elapsed(): number {
    return this.#clock.monotonic() - this.#startedAt;
  }
}

import type { Clock } from "../core/outside/clock.ts";

export interface WheelTimer {
  /** Does nothing when the timer has fired or was cancelled. */
  cancel(): void;
}

export interface TimerWheel {
  /** Calls `onDue` once in the first tick at or after `dueAt` (monotonic ms), never before. */
  add(dueAt: number, onDue: () => void): WheelTimer;
  /** Fires everything that is due by `now` (monotonic ms), earliest first. */
  tick(now: number): void;
  /** Ticks by itself until `stop`; does not keep the process alive. */
  start(): void;
  stop(): void;
  /** Timers that wait. */
  readonly size: number;
}

/**
 * One wheel for all deadlines of a process: a timer costs a link in a list, to add as to cancel,
 * where a Node timer or an `AbortSignal.timeout` a request would cost more than the request.
 */
export function createTimerWheel(options: {
  clock: Pick<Clock, "monotonic">;
  tickMs?: number;
  slots?: number;
}): TimerWheel {
  return new Wheel(options.clock, options.tickMs ?? 100, options.slots ?? 1024);
}

class Wheel implements TimerWheel {
  size = 0;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #tickMs: number;
  readonly #slots: Entry[];
  #current: number;
  #driver: NodeJS.Timeout | null = null;

  constructor(clock: Pick<Clock, "monotonic">, tickMs: number, slots: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#slots = Array.from({ length: slots }, () => new Entry(this, 0, noop));
    this.#current = Math.floor(clock.monotonic() / tickMs);
  }

  add(dueAt: number, onDue: () => void): WheelTimer {
    const dueTick = Math.max(this.#current + 1, Math.ceil(dueAt / this.#tickMs));
    const entry = new Entry(this, dueTick, onDue);
    this.#slot(dueTick).append(entry);
    this.size++;
    return entry;
  }

  tick(now: number): void {
    const target = Math.floor(now / this.#tickMs);
    const steps = Math.min(target - this.#current, this.#slots.length);
    const due: Entry[] = [];
    for (let step = 1; step <= steps; step++) {
      const head = this.#slot(this.#current + step);
      for (let entry = head.next; entry !== head; entry = entry.next) {
        if (entry.dueTick <= target) due.push(entry);
      }
    }
    if (steps > 1) due.sort((a, b) => a.dueTick - b.dueTick);
    this.#current = Math.max(this.#current, target);
    fire(due);
  }

  start(): void {
    // After a long turn of the event loop timers come first; the answers that have arrived in
    // the meantime come next, and only then is anything late. So: tick after the sockets.
    this.#driver ??= setInterval(
      () => setImmediate(() => this.tick(this.#clock.monotonic())),
      this.#tickMs,
    ).unref();
  }

  stop(): void {
    if (this.#driver) clearInterval(this.#driver);
    this.#driver = null;
  }

  #slot(tick: number): Entry {
    const slot = this.#slots[tick % this.#slots.length];
    if (!slot) throw new Error(`the wheel has no slot for tick ${tick}`);
    return slot;
  }
}

/** A link of a slot's ring; a slot is a link that fires nothing. */
class Entry implements WheelTimer {
  prev: Entry = this;
  next: Entry = this;
  readonly dueTick: number;
  readonly onDue: () => void;
  readonly #wheel: Wheel;

  constructor(wheel: Wheel, dueTick: number, onDue: () => void) {
    this.#wheel = wheel;
    this.dueTick = dueTick;
    this.onDue = onDue;
  }

  append(entry: Entry): void {
    entry.prev = this.prev;
    entry.next = this;
    this.prev.next = entry;
    this.prev = entry;
  }

  /** False when it was not waiting any more. */
  remove(): boolean {
    if (this.next === this) return false;
    this.prev.next = this.next;
    this.next.prev = this.prev;
    this.next = this;
    this.prev = this;
    this.#wheel.size--;
    return true;
  }

  cancel(): void {
    this.remove();
  }
}

/** One that throws costs its neighbours nothing; its error comes out at the end. */
function fire(due: readonly Entry[]): void {
  const errors: unknown[] = [];
  for (const entry of due) {
    if (!entry.remove()) continue; // Cancelled by one before it.
    try {
      entry.onDue();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function noop(): void {}

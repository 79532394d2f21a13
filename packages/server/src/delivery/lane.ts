import type { EndpointView } from "./directory.ts";
import type { Work } from "./work.ts";

const FIRST_SLOTS = 4;
const MOST_SLOTS = 64;

/** Whoever answers has more of the process's requests in flight than who was never asked, or fails. */
export type Standing = "proven" | "fresh" | "failing";

/** What one endpoint has in memory: its queue, what is in flight, and how much may be at once. */
export class EndpointLane {
  readonly serial: number;
  view: EndpointView;
  /** Something of it waits for a turn in the sender's round. */
  isReady = false;
  /** What its last request came to. */
  standing: Standing = "fresh";
  inFlight = 0;
  #slots = FIRST_SLOTS;
  #queue: Work[] = [];
  #head = 0;

  constructor(view: EndpointView) {
    this.view = view;
    this.serial = view.serial;
  }

  get slots(): number {
    return this.#slots;
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  get hasFreeSlot(): boolean {
    return this.inFlight < this.#slots;
  }

  /** How much more is worth carrying: twice what may be in flight. */
  get room(): number {
    return Math.max(0, 2 * this.#slots - this.inFlight - this.queued);
  }

  push(work: Work): void {
    this.#queue.push(work);
  }

  peek(): Work | undefined {
    return this.#queue[this.#head];
  }

  shift(): Work | undefined {
    const work = this.#queue[this.#head];
    if (work === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1_024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return work;
  }

  takeAll(): Work[] {
    const all = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    return all;
  }

  /** Success opens a slot, failure halves them, down to one that probes. */
  learn(delivered: boolean): void {
    this.standing = delivered ? "proven" : "failing";
    this.#slots = delivered ? Math.min(MOST_SLOTS, this.#slots + 1) : Math.max(1, this.#slots >> 1);
  }
}

export const MOST_SLOTS_AN_ENDPOINT = MOST_SLOTS;

import type { EndpointView } from "../directory/directory.ts";
import type { Work } from "../work.ts";
import { Counts } from "./counts.ts";
import type { Rate } from "./rate.ts";
import type { Trouble } from "./trouble.ts";

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
  /** Failures in a row, and when the first of them was. */
  failures = 0;
  failingFrom = 0;
  counts = new Counts();
  /** Null while nothing is known to be wrong. */
  trouble: Trouble | null = null;
  /** Null while it takes as many requests a second as come. */
  rate: Rate | null = null;
  #slots = FIRST_SLOTS;
  /** What has left it is not held any longer: the old part of the heap would keep all that it refers to. */
  #queue: (Work | undefined)[] = [];
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

  /** Its breaker is open, and its dialect lets that keep deliveries back. */
  get isHeld(): boolean {
    return this.trouble?.isOpen === true && this.view.dialect.honoursControl;
  }

  /** How much more is worth carrying: twice what may be in flight, and no more than its rate allows. */
  get room(): number {
    const room = Math.max(0, 2 * this.#slots - this.inFlight - this.queued);
    if (this.rate === null) return room;
    const { mostQueued } = this.rate;
    const free = mostQueued - this.queued;
    // Not one by one: a claim costs a statement.
    return free * 2 < mostQueued ? 0 : Math.min(room, free);
  }

  /** Whether memory takes no more of it. */
  isFull(mostQueued: number): boolean {
    return this.queued >= (this.rate ? Math.min(mostQueued, this.rate.mostQueued) : mostQueued);
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
    this.#queue[this.#head++] = undefined;
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
    const all = this.#queue.slice(this.#head).filter((work) => work !== undefined);
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
